/**
 * A sample of the fault plan: every component in every step, by turns in other modes and at other calls. `npm run crash`
 * tries every call in every mode.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {Answers} from '../kit/answers.ts';
import {COMPONENTS, everyFault, type Planned} from '../kit/fault-plan.ts';
import {answering, STEPS} from '../kit/fault-project.ts';
import {Bench, type Clean, cleanSteps} from '../kit/fault-trial.ts';

let answers: Answers;
let clean: Awaited<ReturnType<typeof cleanSteps>>;
let bench: Bench;

beforeAll(async () => {
  answers = await Answers.open(answering);
  clean = await cleanSteps(answers.url);
  bench = new Bench(answers.url);
});

afterAll(() => {
  answers.close();
  clean.remove();
  bench.remove();
});

/** Of every second component (of each with `--slow`) a kill or an error by turns, of another mode and at another call in each step. */
function sampleOf({calls, step}: Clean): readonly Planned[] {
  return COMPONENTS.flatMap((component, i) => {
    const turn = STEPS.indexOf(step) + i;
    if (turn % 2 === 1 && process.env['GAMEPLAN_SLOW'] !== '1') return [];
    const faults = everyFault(calls).filter(
      fault => fault.component === component && (fault.error === undefined) === turn % 3 > 0,
    );
    const modes = [...new Set(faults.map(({mode}) => mode))];
    const ofMode = faults.filter(({mode}) => mode === modes[turn % modes.length]);
    return ofMode[Math.floor((ofMode.length * (2 + (turn % 5))) / 8)] ?? [];
  });
}

describe.each(STEPS)('%s, broken at some call of each component', step => {
  test('leaves every partition old or new, and ends as if nothing had happened', async () => {
    const own = clean.steps.find(each => each.step === step);
    if (own === undefined) throw new Error('no such step');
    const found: string[] = [];
    for (const fault of sampleOf(own)) {
      const {problems} = await bench.try(own, fault);
      found.push(...problems.map(each => `${JSON.stringify(fault)}: ${each}`));
    }
    expect(found).toEqual([]);
  });
});
