/**
 * Breaks the project of test/kit/fault-project.ts at every call of warehouse, store, ledger and site, in every way, and
 * looks whether it comes out as if nothing had happened. `npm run crash -- [--step STEP] [--component C] [--mode M]
 * [--every N]`; the last line is JSON.
 */
import {availableParallelism} from 'node:os';
import {parseArgs} from 'node:util';
import {Answers} from '../test/kit/answers.ts';
import {COMPONENTS, everyFault, type Planned} from '../test/kit/fault-plan.ts';
import {answering} from '../test/kit/fault-project.ts';
import {Bench, type Clean, cleanSteps} from '../test/kit/fault-trial.ts';

const {values} = parseArgs({
  options: {
    step: {type: 'string'},
    component: {type: 'string'},
    mode: {type: 'string'},
    every: {type: 'string', default: '1'},
  },
});

interface Point {
  readonly clean: Clean;
  readonly fault: Planned;
}

const startedAt = performance.now();
const answers = await Answers.open(answering);
const {steps, remove} = await cleanSteps(answers.url);
const points = steps
  .filter(({step}) => values.step === undefined || step === values.step)
  .flatMap(clean => everyFault(clean.calls).map((fault): Point => ({clean, fault})))
  .filter(({fault}) => values.component === undefined || fault.component === values.component)
  .filter(({fault}) => values.mode === undefined || fault.mode.startsWith(values.mode))
  .filter(({fault}) => fault.call % Number(values.every) === 0);

/** By component and mode. */
const tally = new Map<string, {tried: number; struck: number; survived: number}>();
const failures: string[] = [];
const left = [...points];

async function work(): Promise<void> {
  const bench = new Bench(answers.url);
  for (let point = left.shift(); point !== undefined; point = left.shift()) {
    const {clean, fault} = point;
    const {component, mode} = fault;
    const name = `${component} ${mode}`;
    const counts = tally.get(name) ?? {tried: 0, struck: 0, survived: 0};
    tally.set(name, counts);
    const {struck, problems} = await bench.try(clean, fault);
    counts.tried++;
    if ((points.length - left.length) % 200 === 0)
      process.stdout.write(`${points.length - left.length} of ${points.length}\n`);
    if (struck !== undefined) counts.struck++;
    if (problems.length === 0) counts.survived++;
    else {
      const about = `${clean.step}: ${component} call ${fault.call} (${struck}), ${mode}`;
      failures.push(about);
      process.stdout.write(`${about}\n${problems.map(each => `    ${each.slice(0, 400)}\n`).join('')}`);
    }
  }
  bench.remove();
}

// A process that is killed and the one that looks at it take turns, so that two at once keep two cores busy.
await Promise.all(Array.from({length: Math.min(4, availableParallelism())}, work));
answers.close();
remove();

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
  `${JSON.stringify({points: sum('tried'), struck: sum('struck'), survived: sum('survived'), failed: failures.length, seconds})}\n`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
