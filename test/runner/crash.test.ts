/**
 * A sample of the fault plan: every component in every step, by turns in other modes and at other calls. `npm run crash`
 * tries every call in every mode.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {Answers} from '../kit/answers.ts';
import {COMPONENTS, everyFault, type Planned} from '../kit/fault-plan.ts';
import {answering, STEPS, type Step} from '../kit/fault-project.ts';
import {Bench} from '../kit/fault-trial.ts';
import type {TrialEngine, TrialLedger} from '../kit/ground.ts';
import {hasPostgres} from '../kit/postgres.ts';

const isSlow = process.env['GAMEPLAN_SLOW'] === '1';

let answers: Answers;
beforeAll(async () => {
  answers = await Answers.open(answering);
});
afterAll(() => answers.close());

/**
 * Of every second component a kill or an error by turns, of another mode and at another call in each step; on BigQuery,
 * where each takes seconds, a kill within a call of the warehouse. With `--slow` of every component.
 */
function sampleOf({engine, ledger, steps}: Bench, step: Step): readonly Planned[] {
  const {calls} = steps.find(each => each.step === step) ?? {};
  if (calls === undefined) throw new Error('no such step');
  const isFew = (engine === 'bigquery' || ledger === 'postgres') && !isSlow;
  const first = engine === 'bigquery' ? 2 : 0;
  return (
    isFew ? COMPONENTS.filter(each => each === (ledger === 'postgres' ? 'ledger' : 'warehouse')) : COMPONENTS
  ).flatMap((component, i) => {
    const turn = STEPS.indexOf(step) + i + first;
    if (turn % 2 === 1 && !isSlow) return [];
    const faults = everyFault(engine, calls).filter(
      fault => fault.component === component && (fault.error === undefined) === turn % 3 > 0,
    );
    const modes = [...new Set(faults.map(({mode}) => mode))];
    const ofMode = faults.filter(({mode}) => mode === modes[turn % modes.length]);
    return ofMode[Math.floor((ofMode.length * (2 + (turn % 5))) / 8)] ?? [];
  });
}

const FEW: readonly Step[] = isSlow ? STEPS : ['fill'];
const GROUNDS: readonly (readonly [TrialEngine, TrialLedger, readonly Step[]])[] = [
  ['duckdb', 'sqlite', STEPS],
  ['bigquery', 'sqlite', FEW],
  ['duckdb', 'postgres', hasPostgres ? FEW : []],
];
describe.each(GROUNDS)('on %s with a ledger in %s', (engine, ledger, steps) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open(answers.url, engine, {steps, ledger});
  });
  afterAll(() => bench.close());

  test.each(steps)(
    '%s, broken at some call of each component, leaves every partition old or new, and ends as if nothing had happened',
    async step => {
      const sample = sampleOf(bench, step);
      expect(sample).not.toEqual([]);
      const found: string[] = [];
      for (const fault of sample) {
        const {problems} = await bench.try(step, fault);
        found.push(...problems.map(each => `${JSON.stringify(fault)}: ${each}`));
      }
      expect(found).toEqual([]);
    },
  );
});
