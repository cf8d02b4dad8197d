/**
 * Breaks the project of test/kit/fault-project.ts at every call of warehouse, store, ledger and site, in every way, and
 * looks whether it comes out as if nothing had happened. `npm run crash -- [--engine duckdb|bigquery]
 * [--ledger sqlite|postgres] [--step STEP] [--component C] [--mode M] [--every N]`; the last line is JSON.
 */
import {availableParallelism} from 'node:os';
import {parseArgs} from 'node:util';
import {Answers} from '../test/kit/answers.ts';
import {COMPONENTS, everyFault, type Planned} from '../test/kit/fault-plan.ts';
import {answering, type Step} from '../test/kit/fault-project.ts';
import {Bench} from '../test/kit/fault-trial.ts';
import {trialEngine, trialLedger} from '../test/kit/ground.ts';

const {values} = parseArgs({
  options: {
    engine: {type: 'string', default: 'duckdb'},
    ledger: {type: 'string', default: 'sqlite'},
    step: {type: 'string'},
    component: {type: 'string'},
    mode: {type: 'string'},
    every: {type: 'string', default: '1'},
  },
});

interface Point {
  readonly step: Step;
  readonly fault: Planned;
}

/** Trials on one ground: servers hold all jobs that they ever ran, so that new ones are started after so many. */
const TRIALS_OF_GROUND = 50;

const startedAt = performance.now();
const engine = trialEngine(values.engine);
const ledger = trialLedger(values.ledger);
const answers = await Answers.open(answering);
const benches = await Promise.all(
  // A process that is killed and the one that looks at it take turns, so that two at once keep two cores busy.
  Array.from({length: Math.min(4, availableParallelism())}, () => Bench.open(answers.url, engine, {ledger})),
);
const points = (benches[0]?.steps ?? [])
  .filter(({step}) => values.step === undefined || step === values.step)
  .flatMap(({step, calls}) => everyFault(engine, calls).map((fault): Point => ({step, fault})))
  .filter(({fault}) => values.component === undefined || fault.component === values.component)
  .filter(({fault}) => values.mode === undefined || fault.mode.startsWith(values.mode))
  .filter(({fault}) => fault.call % Number(values.every) === 0);

/** By component and mode. */
const tally = new Map<string, {tried: number; struck: number; survived: number}>();
const failures: string[] = [];
const left = [...points];

async function work(first: Bench): Promise<void> {
  let bench = first;
  for (let count = 1, point = left.shift(); point !== undefined; count++, point = left.shift()) {
    if (count % TRIALS_OF_GROUND === 0) {
      await bench.close();
      bench = await Bench.open(answers.url, engine, {ledger});
    }
    const {step, fault} = point;
    const {component, mode} = fault;
    const name = `${component} ${mode}`;
    const counts = tally.get(name) ?? {tried: 0, struck: 0, survived: 0};
    tally.set(name, counts);
    const {struck, problems} = await bench.try(step, fault);
    counts.tried++;
    if ((points.length - left.length) % 200 === 0)
      process.stdout.write(`${points.length - left.length} of ${points.length}\n`);
    if (struck !== undefined) counts.struck++;
    if (problems.length === 0) counts.survived++;
    else {
      const about = `${step}: ${component} call ${fault.call} (${struck}), ${mode}`;
      failures.push(about);
      process.stdout.write(`${about}\n${problems.map(each => `    ${each.slice(0, 400)}\n`).join('')}`);
    }
  }
  await bench.close();
}

await Promise.all(benches.map(work));
answers.close();

const line = (cells: readonly (string | number)[]): string =>
  `${String(cells[0]).padEnd(11)}${String(cells[1]).padEnd(20)}${cells
    .slice(2)
    .map(each => String(each).padStart(10))
    .join('')}\n`;
process.stdout.write(line(['component', 'mode', 'tried', 'struck', 'survived']));
for (const component of COMPONENTS) {
  for (const [name, {tried, struck, survived}] of tally)
    if (name.startsWith(`${component} `))
      process.stdout.write(line([component, name.slice(component.length + 1), tried, struck, survived]));
}
const sum = (of: 'tried' | 'struck' | 'survived'): number =>
  [...tally.values()].reduce((total, counts) => total + counts[of], 0);
const seconds = Math.round((performance.now() - startedAt) / 1000);
process.stdout.write(
  `${JSON.stringify({engine, ledger, points: sum('tried'), struck: sum('struck'), survived: sum('survived'), failed: failures.length, seconds})}\n`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
