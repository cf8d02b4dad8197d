/**
 * What must hold on any pipeline after any history. On a failure fast-check prints the seed; `GAMEPLAN_SEED` plays
 * it again, and `GAMEPLAN_RUNS` plays more of them.
 */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {begin, contradictions, playStep, runSome} from '../kit/play.ts';
import {project} from '../kit/random-project.ts';

const seed = Number(process.env['GAMEPLAN_SEED'] ?? 20_240_115);
const runs = (usual: number): fc.Parameters<unknown> => ({
  seed,
  numRuns: Math.round(usual * Number(process.env['GAMEPLAN_RUNS'] ?? 1)),
});

test('a published partition is stale exactly when the list of what it reads is another than when it was made', () => {
  fc.assert(
    fc.property(project, spec => {
      const played = begin(spec);
      for (const step of spec.history) {
        playStep(played, step);
        expect(contradictions(played), JSON.stringify(step)).toEqual([]);
      }
    }),
    runs(150),
  );
});

test('after a run in which all succeeded there is nothing to do, and a second one does nothing', () => {
  fc.assert(
    fc.property(project, spec => {
      const played = begin(spec);
      for (const step of spec.history) playStep(played, step);
      const outcomes = runSome(played);
      const isGood = [...outcomes.values()].every(
        outcome => outcome === 'succeeded' || outcome === 'unchanged' || outcome === 'not-needed',
      );
      if (!isGood) return;
      expect(played.toy.actions()).toEqual([]);
      expect(runSome(played).size).toBe(0);
    }),
    runs(150),
  );
});
