/**
 * The values of all metrics: of the states as they were planned, and of what the ledger has recorded. A counter is a
 * sum over the ledger, so it survives restarts, and several processes may write at once.
 * It does not deal with names (metric-names.ts) nor with text (metrics-text.ts).
 */
import {findGaps} from '../planner/gaps.ts';
import {type Planned, WHOLE_REQUEST} from '../planner/plan.ts';
import {ACTIONS, STATES} from '../planner/state.ts';
import {TIERS} from '../planner/tier.ts';
import {ATTEMPT_BOUNDS, RUN_BOUNDS, type Sums} from '../runner/ledger-counted.ts';
import type {Measured} from '../runner/ledger-reader.ts';
import type {PlaceInUse, Session} from '../runner/ledger-session.ts';
import type {Sample, Samples, Value} from './metrics-text.ts';
import {STATES_ALONE, statusOf} from './status.ts';

export interface MetricsAbout {
  readonly version: string;
  /** Of the manifest as it lies there now. */
  readonly mistakes: number;
}

/** What is told of the states alone; it stays true as long as the plan does. */
export type StateSamples = ReturnType<typeof stateSamples>;

export function stateSamples(planned: Planned) {
  const {plan, frame} = planned;
  const assets = [...statusOf(planned, STATES_ALONE).groups.values()].flat();
  const covered = assets.flatMap(({name, games}) => (games === undefined ? [] : [{asset: name, ...games}]));
  const parked = new Map<string, number>();
  for (const {asset, reasons} of plan.partitions)
    if (reasons.some(({kind}) => kind === 'parked')) parked.set(asset, (parked.get(asset) ?? 0) + 1);
  return {
    gameplan_partitions: assets.flatMap(({name, states}) =>
      STATES.map(state => sample({asset: name, state}, states[state])),
    ),
    gameplan_planned_partitions: ACTIONS.map(action => sample({action}, plan.actions[action])),
    gameplan_games_expected: covered.map(({asset, expected}) => sample({asset}, expected)),
    gameplan_games_held: covered.map(({asset, held}) => sample({asset}, held)),
    gameplan_published_partitions: assets.flatMap(({name, quality}) =>
      TIERS.map(tier => sample({asset: name, tier}, quality[tier])),
    ),
    ...gapSamples(planned),
    gameplan_parked_partitions: assets.map(({name}) => sample({asset: name}, parked.get(name) ?? 0)),
    gameplan_planned_timestamp_seconds: [sample({}, frame.now / 1000)],
  } satisfies Partial<Samples>;
}

function gapSamples({frame}: Planned) {
  const counts = new Map([...frame.assets.keys()].map(name => [name as string, {open: 0, accepted: 0}]));
  const oldest = new Map<string, number>();
  for (const {asset, standing, since} of findGaps(frame, WHOLE_REQUEST)) {
    const {name} = asset.asset;
    const own = counts.get(name);
    if (own !== undefined) own[standing]++;
    if (standing === 'open' && since !== undefined)
      oldest.set(name, Math.min(since, oldest.get(name) ?? Number.POSITIVE_INFINITY));
  }
  return {
    gameplan_gaps: [...counts].flatMap(([asset, {open, accepted}]) => [
      sample({asset, standing: 'open'}, open),
      sample({asset, standing: 'accepted'}, accepted),
    ]),
    gameplan_oldest_gap_timestamp_seconds: [...oldest].map(([asset, since]) => sample({asset}, since / 1000)),
  } satisfies Partial<Samples>;
}

/** `measured` is undefined where nothing was ever recorded. */
export function allSamples(
  states: StateSamples,
  measured: Measured | undefined,
  {pipeline, target, version, mistakes}: MetricsAbout & {readonly pipeline: string; readonly target: string},
): Samples {
  const sums = new SumsByKind(measured?.counted.sums ?? new Map());
  return {
    gameplan_info: [sample({pipeline, target, version}, 1)],
    gameplan_manifest_mistakes: [sample({}, mistakes)],
    ...states,
    gameplan_runs_at_work: [sample({}, measured?.atWork.length ?? 0)],
    gameplan_runs_total: sums.samples('runs', ['kind', 'status']),
    gameplan_run_duration_seconds: sums.durations('run', 'kind', RUN_BOUNDS),
    gameplan_last_run_timestamp_seconds: [...(measured?.lastEnds ?? [])].map(([status, at]) =>
      sample({status}, at / 1000),
    ),
    gameplan_last_pass_timestamp_seconds: [...(measured?.lastPasses ?? [])].map(([outcome, at]) =>
      sample({outcome}, at / 1000),
    ),
    gameplan_attempts_total: sums.samples('attempts', ['asset', 'outcome']),
    gameplan_attempt_duration_seconds: sums.durations('attempt', 'asset', ATTEMPT_BOUNDS),
    gameplan_attempt_retries_total: sums.samples('retries', ['asset']),
    gameplan_written_rows_total: sums.samples('rows', ['asset']),
    gameplan_source_tries_total: sums.samples('tries', ['asset', 'source', 'outcome']),
    gameplan_source_try_duration_seconds: sums.tries(),
    gameplan_billed_bytes_total: billed(measured, ({bytesBilled}) => bytesBilled),
    gameplan_slot_seconds_total: billed(measured, ({slotMs}) => slotMs / 1000),
    ...poolSamples(measured?.atWork ?? []),
    gameplan_ledger_entries_total: [sample({}, measured?.sequence ?? 0)],
  };
}

function sample(labels: Sample['labels'], value: Value): Sample {
  return {labels, value};
}

function billed(
  measured: Measured | undefined,
  of: (billed: {readonly bytesBilled: number; readonly slotMs: number}) => number,
): readonly Sample[] {
  return [...(measured?.billed ?? [])].map(([asset, sum]) => sample({asset}, of(sum)));
}

/** A run's limits are its own process's: of several runs they add up. */
function poolSamples(atWork: readonly Session[]) {
  const places = new Map<string, PlaceInUse>();
  for (const place of atWork.flatMap(({inUse = []}) => inUse)) {
    const id = `${place.kind} ${place.name}`;
    const {inUse = 0, limit = 0} = places.get(id) ?? {};
    places.set(id, {...place, inUse: inUse + place.inUse, limit: limit + place.limit});
  }
  const of = (value: (place: PlaceInUse) => number) =>
    [...places.values()].map(place => sample({kind: place.kind, pool: place.name}, value(place)));
  return {
    gameplan_pool_in_use: of(({inUse}) => inUse),
    gameplan_pool_limit: of(({limit}) => limit),
  } satisfies Partial<Samples>;
}

/** Sums of the ledger by the first word of their name. */
class SumsByKind {
  readonly #byKind = new Map<string, (readonly [name: readonly string[], value: number])[]>();

  constructor(sums: Sums) {
    for (const [key, value] of sums) {
      const [kind = '', ...name] = JSON.parse(key) as string[]; // as ledger-counted.ts writes them
      const own = this.#byKind.get(kind) ?? [];
      this.#byKind.set(kind, own);
      own.push([name, value]);
    }
    for (const own of this.#byKind.values()) own.sort(([a], [b]) => (a.join('\n') < b.join('\n') ? -1 : 1));
  }

  samples(kind: string, labels: readonly string[]): readonly Sample[] {
    return this.#of(kind).map(([name, value]) =>
      sample(Object.fromEntries(labels.map((label, i) => [label, name[i] ?? ''])), value),
    );
  }

  durations(kind: 'run' | 'attempt', label: string, bounds: readonly number[]): readonly Sample[] {
    return this.#of(`${kind}-count`).map(([[of = ''], count]) => ({
      labels: {[label]: of},
      value: {
        below: bounds.map(bound => [bound, this.#at(`${kind}-below`, [of, `${bound}`])] as const),
        count,
        sum: this.#at(`${kind}-ms`, [of]) / 1000,
      },
    }));
  }

  tries(): readonly Sample[] {
    const tries = this.#of('tries');
    return this.#of('try-ms').map(([[asset = '', source = ''], ms]) => {
      const own = tries.filter(([name]) => name[0] === asset && name[1] === source);
      const count = own.reduce((sum, [, value]) => sum + value, 0);
      return {labels: {asset, source}, value: {below: [], count, sum: ms / 1000}};
    });
  }

  #of(kind: string) {
    return this.#byKind.get(kind) ?? [];
  }

  #at(kind: string, name: readonly string[]): number {
    return this.#of(kind).find(([own]) => own.join('\n') === name.join('\n'))?.[1] ?? 0;
  }
}
