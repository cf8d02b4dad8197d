/**
 * What must hold on any pipeline after any history. On a failure fast-check prints the seed; `GAMEPLAN_SEED` plays
 * it again, and `GAMEPLAN_RUNS` plays that many times as much.
 */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {groupPartitions} from '../../planner/plan-group.ts';
import {contradictions} from '../kit/contradictions.ts';
import {
  assetNames,
  begin,
  correct,
  doesRead,
  isGap,
  type Played,
  partsOf,
  pickPartition,
  playStep,
  requestFrom,
  runSome,
  scatter,
  verdicts,
  versions,
} from '../kit/play.ts';
import {type ProjectSeed, project, request} from '../kit/random-project.ts';
import {shuffledRun} from '../kit/shuffled-run.ts';

const seed = Number(process.env['GAMEPLAN_SEED'] ?? 20_240_115);
const runs = (usual: number): fc.Parameters<unknown> => ({
  seed,
  numRuns: Math.round(usual * Number(process.env['GAMEPLAN_RUNS'] ?? 1)),
});

function played(spec: ProjectSeed) {
  const all = begin(spec);
  for (const step of spec.history) playStep(all, step);
  return all;
}

/** Runs until nothing is made: what is parked is tried again by the run after the one in which its input changed. */
function settle(all: Played): void {
  for (let round = 0; round < 20; round++) {
    if (![...runSome(all).values()].some(outcome => outcome === 'succeeded')) return;
  }
  throw new Error('It does not come to rest.');
}

function random(salt: number): () => number {
  let count = 0;
  return () => scatter(`${salt} ${count++}`) / 2 ** 32;
}

test('every state, action, reason and note of a plan is what the full lists of inputs say', () => {
  fc.assert(
    fc.property(project, fc.array(request, {maxLength: 2}), (spec, asked) => {
      const all = begin(spec);
      for (const step of spec.history) {
        playStep(all, step);
        expect(contradictions(all), JSON.stringify(step)).toEqual([]);
      }
      for (const one of asked) {
        const wanted = requestFrom(all, one);
        expect(contradictions(all, wanted), JSON.stringify(wanted)).toEqual([]);
      }
    }),
    runs(150),
  );
});

test('what is told together is the same whether partitions are told one by one or by columns', () => {
  fc.assert(
    fc.property(project, fc.array(request, {maxLength: 2}), (spec, asked) => {
      const all = played(spec);
      for (const one of [undefined, ...asked]) {
        const plan = all.toy.plan(one === undefined ? {} : requestFrom(all, one));
        const made = plan.partitions.filter(({action}) => action === 'run' || action === 'run-if');
        const planned = (asset: string): number => made.filter(each => each.asset === asset).length;
        expect(plan.groups).toEqual(groupPartitions(plan.partitions, planned));
      }
    }),
    runs(40),
  );
});

test('after a run in which all succeeded there is nothing to do, and a second one does nothing', () => {
  fc.assert(
    fc.property(project, spec => {
      const all = played(spec);
      const outcomes = [...runSome(all).values()];
      fc.pre(!outcomes.some(outcome => outcome === 'failed' || outcome === 'skipped'));
      // What is protected stays as it is, and stays listed.
      expect(all.toy.actions().filter(action => !action.startsWith('skip '))).toEqual([]);
      expect([...runSome(all).values()].filter(outcome => outcome !== 'skipped')).toEqual([]);
    }),
    runs(60),
  );
});

test('in any order, nothing begins before its inputs have ended, nothing runs twice, and all is accounted for', () => {
  fc.assert(
    fc.property(project, fc.nat(), fc.constantFrom(0, 0, 3), (spec, salt, failing) => {
      const all = played(spec);
      const {outcomes, requested, faults} = shuffledRun(
        all.toy,
        random(salt),
        {},
        {
          fails: ref => {
            const fails = isGap(all, ref) || scatter(`${ref} ${salt}`) % 10 < failing;
            if (fails) all.oracle.noteFailure(...partsOf(ref), 'HTTP 500');
            return fails;
          },
          made: (ref, version) => all.oracle.note(...partsOf(ref), version),
        },
      );
      expect(faults).toEqual([]);
      expect(outcomes.size).toBe(requested);
      expect(contradictions(all)).toEqual([]);
    }),
    runs(60),
  );
});

test('all at once, or in any order, or an asset at a time: the same content', () => {
  fc.assert(
    fc.property(project, fc.nat(), (spec, salt) => {
      // What is read as it stands depends on when it is read.
      const assets = spec.assets.map(each => ({
        ...each,
        edges: each.edges.map(edge => ({...edge, tracks: true})),
      }));
      const [one, other] = [played({...spec, assets}), played({...spec, assets})];
      settle(one);
      for (const _ of assetNames(other)) {
        shuffledRun(
          other.toy,
          random(salt),
          {limit: 3},
          {
            fails: ref => {
              if (!isGap(other, ref)) return false;
              other.oracle.noteFailure(...partsOf(ref), 'HTTP 500');
              return true;
            },
            made: (ref, version) => other.oracle.note(...partsOf(ref), version),
          },
        );
      }
      settle(other);
      expect(versions(other)).toEqual(versions(one));
    }),
    runs(40),
  );
});

test('nothing outside of what a partition reads changes its verdict', () => {
  fc.assert(
    fc.property(project, fc.nat(), fc.nat(), (spec, asset, key) => {
      const all = played(spec);
      runSome(all);
      const found = pickPartition(all, {asset, key});
      fc.pre(found !== undefined && all.oracle.isPublished(found.asset, found.key));
      if (found === undefined) return;
      const ref = `${found.asset}@${found.key}`;
      const before = verdicts(all);
      correct(all, found);
      const changed = [...verdicts(all)].filter(([other, verdict]) => before.get(other) !== verdict);
      for (const [other] of changed) {
        if (other !== ref) expect(doesRead(all, ...partsOf(other), ref), `${ref} moved ${other}`).toBe(true);
      }
    }),
    runs(40),
  );
});

test('a comment or a space changes no verdict; another query makes its own asset stale and no other', () => {
  fc.assert(
    fc.property(project, fc.nat(), (spec, index) => {
      const all = played(spec);
      const queries = assetNames(all).filter(name => 'query' in all.oracle.asset(name).making);
      const asset = queries[index % queries.length] ?? '';
      fc.pre(asset !== '');
      const {toy} = all;
      const text = (toy.spec.texts?.[asset] ?? 'SELECT points FROM partitions').replaceAll(/--.*\n/g, '');
      toy.change({texts: {...toy.spec.texts, [asset]: text}});
      runSome(all);
      const before = verdicts(all);
      const spaced = `/* why */ ${text.replaceAll(' ', '\n\t ').replaceAll('SELECT', 'select')} -- so`;
      toy.change({texts: {...toy.spec.texts, [asset]: spaced}});
      expect(verdicts(all)).toEqual(before);
      toy.change({texts: {...toy.spec.texts, [asset]: `${text} + 2`}});
      for (const [ref, verdict] of verdicts(all)) {
        const [other, key] = partsOf(ref);
        const {oracle} = all;
        const isMade =
          other === asset &&
          oracle.keys(other).includes(key) &&
          oracle.isPublished(other, key) &&
          oracle.exemptReason(other, key) === undefined;
        if (isMade) expect(verdict, ref).toContain('"definition-changed","part":"query"');
        // What was parked with the old query is tried with the new one.
        else if (other !== asset) expect(verdict, ref).toBe(before.get(ref));
      }
    }),
    runs(40),
  );
});
