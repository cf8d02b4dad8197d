/**
 * A story of a pipeline, step by step, as `story.yaml` of a folder under test/cases/traps tells it; what is planned and
 * what comes of runs is printed. The oracle listens, and contradicts where it can.
 */
import {parse} from 'yaml';
import {paintFor} from '../../cli/paint.ts';
import {printPlan} from '../../cli/print-plan.ts';
import type {Estimate} from '../../planner/estimate.ts';
import {keyAt} from '../../planner/frame.ts';
import {findLeftOut} from '../../planner/left-out.ts';
import type {PlanRequest} from '../../planner/plan.ts';
import type {State} from '../../planner/state.ts';
import {keyOrderOf} from '../../report/frame-view.ts';
import {contradictions} from './contradictions.ts';
import {Oracle} from './oracle.ts';
import {partsOf, versions} from './play.ts';
import {name, Toy} from './toy.ts';
import type {ToyAsset, ToyGames, ToySpec} from './toy-spec.ts';

interface Asked {
  readonly assets?: readonly string[];
  readonly state?: State;
  readonly from?: string;
  readonly to?: string;
  readonly dates?: readonly string[];
  readonly all?: boolean;
  readonly force?: boolean;
}

/** One of these a step; texts name partitions as `raw.box@2024-01-15`. */
interface Step {
  /** The whole calendar, as of now; after `nights` it says what is otherwise. */
  readonly calendar?: ToyGames;
  /** Game nights from the first to the last date of each pair, every one of them the same game. */
  readonly nights?: readonly (readonly [from: string, to: string])[];
  readonly run?: Asked & {readonly failing?: readonly string[]};
  readonly plan?: Asked;
  /** Someone publishes other rows, or again those of a content that was there before. */
  readonly corrected?: Readonly<Record<string, string>>;
  readonly lacking?: Readonly<Record<string, readonly string[]>>;
  readonly forgotten?: readonly string[];
  readonly failed?: readonly string[];
  readonly now?: string;
  /** The text of a query or module. */
  readonly text?: Readonly<Record<string, string>>;
  readonly assets?: Readonly<Record<string, ToyAsset>>;
  readonly known_gaps?: ToySpec['knownGaps'];
}

interface Story {
  /** Where this went wrong before, and what is right. */
  readonly source: string;
  readonly says: string;
  readonly now: string;
  readonly assets: Readonly<Record<string, ToyAsset>>;
  readonly known_gaps?: ToySpec['knownGaps'];
  readonly steps: readonly Step[];
}

const WIDTH = 100;
/** A toy's attempts take no time. */
const NO_WORK = {fetches: 0, batches: 0};
const NO_ESTIMATE: Estimate = {
  run: NO_WORK,
  runIf: NO_WORK,
  known: 0,
  unknown: 0,
  atOnce: {fetches: 32, batches: 2},
  engine: 'DuckDB',
};

/** All that is printed on the way. */
export function tellStory(text: string): string {
  const story = parse(text) as Story; // checked by being played: a step that is none of these throws
  const toy = new Toy({
    assets: story.assets,
    ...(story.known_gaps === undefined ? {} : {knownGaps: story.known_gaps}),
  });
  toy.at(story.now);
  const teller = new Teller(toy);
  return story.steps.flatMap(step => teller.play(step)).join('\n');
}

class Teller {
  readonly #toy: Toy;
  readonly #oracle: Oracle;

  constructor(toy: Toy) {
    this.#toy = toy;
    this.#oracle = new Oracle(toy);
  }

  /** What it prints: nothing, most of them. */
  play(step: Step): readonly string[] {
    const toy = this.#toy;
    if (step.now !== undefined) toy.at(step.now);
    else if (step.calendar !== undefined || step.nights !== undefined)
      this.#publish({...nightly(step.nights ?? []), ...step.calendar});
    else if (step.assets !== undefined) toy.change({assets: {...toy.spec.assets, ...step.assets}});
    else if (step.text !== undefined) toy.change({texts: {...toy.spec.texts, ...step.text}});
    else if (step.known_gaps !== undefined) toy.change({knownGaps: step.known_gaps});
    else if (step.run !== undefined) return [this.#run(step.run)];
    else if (step.plan !== undefined) return [this.#plan(step.plan)];
    else this.#touch(step);
    return [];
  }

  #touch({corrected = {}, lacking = {}, forgotten = [], failed = []}: Step): void {
    const [toy, oracle] = [this.#toy, this.#oracle];
    for (const [ref, content] of Object.entries(corrected)) {
      const version = Buffer.from(`${content}        `.slice(0, 8)).toString('hex');
      oracle.note(...partsOf(ref), version);
      toy.touch(...partsOf(ref), {version});
    }
    for (const [ref, absent] of Object.entries(lacking)) {
      oracle.note(...partsOf(ref), '00000000000000aa', absent);
      toy.touch(...partsOf(ref), {version: '00000000000000aa', absent});
    }
    for (const ref of forgotten) {
      oracle.book.forget(...partsOf(ref));
      toy.forget(...partsOf(ref));
    }
    for (const ref of failed) {
      oracle.noteFailure(...partsOf(ref), 'HTTP 500');
      toy.fail(...partsOf(ref));
    }
  }

  #publish(games: ToyGames): void {
    this.#toy.calendar(games);
    const found = versions({toy: this.#toy});
    for (const key of this.#oracle.keys('raw.schedule'))
      this.#oracle.note('raw.schedule', key, found.get(`raw.schedule@${key}`) ?? '');
  }

  #request({assets, state, from, to, dates, force = false}: Asked): Partial<PlanRequest> {
    const names = new Set((assets ?? [...this.#toy.pipeline.assets.keys()]).map(name));
    const states = state === undefined ? undefined : new Set([state]);
    return {selection: [{assets: names, states}], range: {from, to, keys: dates}, force};
  }

  /** As a run says it at its end: how each partition ended. */
  #run({failing = [], ...asked}: Asked & {readonly failing?: readonly string[]}): string {
    const oracle = this.#oracle;
    const outcomes = this.#toy.run(this.#request(asked), {
      fails: ref => {
        if (failing.includes(ref)) oracle.noteFailure(...partsOf(ref), 'HTTP 500');
        return failing.includes(ref);
      },
      made: (asset, ordinal, version) => oracle.note(asset.asset.name, keyAt(asset, ordinal), version),
    });
    const lines = [...Map.groupBy(outcomes, ([ref, outcome]) => `${ref.split('@')[0]} ${outcome}`)].map(
      ([head, ended]) =>
        `  ${head} ${ended.length}: ${shortened(ended.map(([ref]) => ref.split('@')[1] ?? ''))}`,
    );
    return `Run\n\n${lines.length === 0 ? '  nothing to do' : lines.join('\n')}\n`;
  }

  #plan({all = false, ...asked}: Asked): string {
    const request = this.#request(asked);
    const wrong = contradictions({toy: this.#toy, oracle: this.#oracle}, request);
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    const planned = this.#toy.planned({...request, all});
    const {plan, frame} = planned;
    return printPlan({
      plan,
      leftOut: findLeftOut(planned),
      unknownKeys: [],
      estimate: NO_ESTIMATE,
      jobs: undefined,
      coming: undefined,
      budgets: [],
      assets: frame.assets.size,
      keyOrder: keyOrderOf(frame),
      all,
      width: WIDTH,
      paint: paintFor(false),
    });
  }
}

function shortened(keys: readonly string[]): string {
  const shown = keys.length > 8 ? [...keys.slice(0, 3), '…', ...keys.slice(-2)] : keys;
  return shown.join(', ');
}

function nightly(ranges: readonly (readonly [string, string])[]): ToyGames {
  const games: Record<string, string[]> = {};
  for (const [from, to] of ranges) {
    for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000)
      games[new Date(at).toISOString().slice(0, 10)] = ['BOS-LAL'];
  }
  return games;
}
