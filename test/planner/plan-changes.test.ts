/**
 * What must hold of a written plan on any pipeline after any history. On a failure fast-check prints the seed;
 * `GAMEPLAN_SEED` plays it again, and `GAMEPLAN_RUNS` plays that many times as much.
 */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {digestAt} from '../../planner/digest.ts';
import {followPlan} from '../../planner/follow-plan.ts';
import {frameOf} from '../../planner/frame.ts';
import {planChanges} from '../../planner/plan-changes.ts';
import {type PlanFile, planFileOf, type Question, standingAt} from '../../planner/plan-file.ts';
import {parsePlanFile, planLines} from '../../planner/plan-text.ts';
import type {PartitionRef} from '../../planner/reason.ts';
import {ordinalsRead} from '../../planner/window.ts';
import {begin, isGap, type Played, playStep, requestFrom, scatter, versions} from '../kit/play.ts';
import {project, request} from '../kit/random-project.ts';
import type {Toy} from '../kit/toy.ts';

const seed = Number(process.env['GAMEPLAN_SEED'] ?? 20_240_115);
const runs = (usual: number): fc.Parameters<unknown> => ({
  seed,
  numRuns: Math.round(usual * Number(process.env['GAMEPLAN_RUNS'] ?? 1)),
});

const QUESTION: Question = {
  selectors: [],
  range: {},
  force: false,
  missingOnly: false,
  limit: undefined,
  prune: false,
  allowProtected: false,
  ignoreGate: false,
  acceptCalendar: false,
};

/** Written as text and read back, as a file would be. */
function written({toy}: Played, asked: Parameters<Toy['planned']>[0]): PlanFile {
  const {plan, frame} = toy.planned(asked);
  const text = [...planLines(planFileOf(plan, frame, QUESTION))].join('');
  const {plan: file, diagnostics} = parsePlanFile({path: 'plan.json', text});
  expect(diagnostics).toEqual([]);
  if (file === undefined) throw new Error('no plan');
  return file;
}

function inputOf({toy}: Played, file: PlanFile) {
  const {pipeline, sources, ledger} = toy;
  return {pipeline, sources, ledger, now: Date.parse(file.now)};
}

test('a plan that is applied until all is done makes each of its partitions once, and nothing else', () => {
  fc.assert(
    fc.property(project, request, fc.array(fc.nat({max: 9}), {maxLength: 4}), (spec, asked, failing) => {
      const all = begin(spec);
      for (const step of spec.history) playStep(all, step);
      const wanted = {...requestFrom(all, asked), prune: false};
      const file = written(all, wanted);
      const listed = new Set(file.partitions.map(({asset, key}) => `${asset}@${key}`));
      const before = versions(all);
      const done = new Map<PartitionRef, string | undefined>();
      for (const [round, share] of [...failing, 0].entries()) {
        expect(planChanges(file, inputOf(all, file), done)).toEqual([]);
        const fails = (ref: string): boolean => isGap(all, ref) || scatter(`${ref} ${round}`) % 10 < share;
        const followed = followPlan(file, inputOf(all, file), done);
        const outcomes = all.toy.follow(followed, {fails, force: wanted.force === true});
        const now = versions(all);
        for (const [own, outcome] of outcomes) {
          const ref = own as PartitionRef; // a toy names partitions so
          if (!listed.has(ref) || done.has(ref)) throw new Error(`${ref} was not to be made`);
          if (outcome === 'failed' || outcome === 'skipped') continue;
          done.set(ref, outcome === 'not-needed' ? undefined : now.get(ref));
        }
      }
      const after = versions(all);
      for (const ref of new Set([...before.keys(), ...after.keys()]))
        if (!listed.has(ref) && after.get(ref) !== before.get(ref)) throw new Error(`${ref} was made`);
      // What is left was waiting or skipped from the start, is a gap that never fills, or hangs on one.
      const hasGaps = all.toy.pipeline.knownGaps.length > 0;
      const left = followPlan(file, inputOf(all, file), done).plan.actions;
      if (!hasGaps) expect({run: left.run, 'run-if': left['run-if']}).toEqual({run: 0, 'run-if': 0});
    }),
    runs(40),
  );
});

/** Everything that a written plan stands on, read from the full lists of inputs. */
function standing(all: Played, file: PlanFile): readonly string[] {
  const frame = all.toy.frame();
  const lines: string[] = [];
  const tell = (asset: string, key: string): void => {
    const found = [...frame.assets.values()].find(each => each.asset.name === asset);
    const ordinal = found?.ordinalOf.get(key);
    if (found === undefined || ordinal === undefined) lines.push(`${asset}@${key} none`);
    else
      lines.push(`${asset}@${key} ${found.fingerprint.hash} ${JSON.stringify(standingAt(found, ordinal))}`);
  };
  for (const {asset, key} of file.partitions) {
    tell(asset, key);
    const found = frameOf(frame, asset);
    const ordinal = found.ordinalOf.get(key);
    if (ordinal !== undefined) lines.push(`${asset}@${key} reads ${digestAt(found, ordinal)}`);
  }
  for (const [asset, standings] of Object.entries(file.inputs))
    for (const key of Object.keys(standings)) tell(asset, key);
  return lines;
}

test('a plan is refused exactly where something that it lists or reads is another than it was', () => {
  let refused = 0;
  let held = 0;
  fc.assert(
    fc.property(project, request, fc.nat({max: 3}), (spec, asked, kept) => {
      const all = begin(spec);
      const later = spec.history.slice(-1 - kept);
      for (const step of spec.history.slice(0, -1 - kept)) playStep(all, step);
      const file = written(all, {...requestFrom(all, asked), prune: false});
      const before = standing(all, file);
      for (const step of later) playStep(all, step);
      all.toy.now = Date.parse(file.now);
      const isSame = JSON.stringify(standing(all, file)) === JSON.stringify(before);
      const changes = planChanges(file, inputOf(all, file), new Map());
      if (isSame) held++;
      else refused++;
      expect(changes.length === 0, JSON.stringify(changes)).toBe(isSame);
    }),
    runs(60),
  );
  expect(Math.min(refused, held)).toBeGreaterThan(5);
});

test('an input that is read is one of those that the file lists', () => {
  fc.assert(
    fc.property(project, spec => {
      const all = begin(spec);
      for (const step of spec.history) playStep(all, step);
      const file = written(all, {});
      const frame = all.toy.frame();
      for (const {asset, key} of file.partitions) {
        const {edges, ordinalOf} = frameOf(frame, asset);
        for (const {upstream, reads} of edges)
          for (const i of ordinalsRead(reads, ordinalOf.get(key) ?? -1))
            if (file.inputs[upstream.asset.name]?.[upstream.keys[i] ?? ''] === undefined)
              throw new Error(`${asset}@${key} reads what is not listed`);
      }
    }),
    runs(12),
  );
});
