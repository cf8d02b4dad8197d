/**
 * Races: several commands at once on one small project, started at random moments, some killed, some put to sleep and
 * woken. After each race nothing may have been made twice, nothing lost, and ledger and receipts must agree.
 * `npm run race -- [--engine duckdb|bigquery] [--ledger sqlite|postgres] [--races 60] [--seed 1]`; the last line is JSON.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {setTimeout as wait} from 'node:timers/promises';
import {isDeepStrictEqual, parseArgs} from 'node:util';
import {randomOf} from '../demo/league/random.ts';
import {SqliteDatabase} from '../runner/ledger-sqlite.ts';
import {PostgresDatabase} from '../runner/postgres-database.ts';
import {openGround, type Plot, trialEngine, trialLedger} from '../test/kit/ground.ts';
import type {OtherRun} from '../test/kit/other-run.ts';
import {Project} from '../test/kit/project.ts';
import {contentsOf, FILES, manifestOn, NOW, WHOLE} from '../test/kit/shared-work.ts';

const {values} = parseArgs({
  options: {
    engine: {type: 'string', default: 'duckdb'},
    ledger: {type: 'string', default: 'sqlite'},
    races: {type: 'string', default: '60'},
    seed: {type: 'string', default: '1'},
  },
});
const engine = trialEngine(values.engine);
const ledger = trialLedger(values.ledger);
/** Races on one ground: servers hold all jobs that they ever ran, so that new ones are started after so many. */
const RACES_OF_GROUND = 30;
const root = path.join(import.meta.dirname, '..');
const cli = path.join(root, 'dist', 'cli.js');
const runner = path.join(root, 'test', 'kit', 'other-run.ts');
const random = randomOf(Number(values.seed), 'race');
const between = (from: number, to: number): number => from + random() * (to - from);
const tally = {races: 0, processes: 0, killed: 0, stopped: 0, plans: 0, heals: 0, failures: 0};
const startedAt = performance.now();

function materialize(project: Project): ChildProcess {
  const asked: OtherRun = {
    root: project.root,
    now: NOW,
    waitMs: 20_000,
    pulse: {deadMs: 1_500, beatMs: 200},
    ...(random() < 0.3 ? {select: 'landing.copies raw.copies'} : {}),
  };
  return spawn(process.execPath, [runner, JSON.stringify(asked)], {stdio: 'ignore'});
}

function command(project: Project, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [cli, ...args], {cwd: project.root, stdio: 'ignore'});
}

/** Something happens to it, or nothing. */
async function disturb(child: ChildProcess): Promise<void> {
  const fate = random();
  if (fate < 0.3) {
    await wait(between(300, 2_500));
    if (child.exitCode === null && child.kill('SIGKILL')) tally.killed++;
  } else if (fate < 0.55) {
    await wait(between(300, 2_000));
    if (child.exitCode === null && child.kill('SIGSTOP')) {
      tally.stopped++;
      await wait(between(500, 4_000));
      child.kill('SIGCONT');
    }
  }
}

/** What was made more than once from the same inputs, though it was recorded. */
function madeTwice(project: Project, plot: Plot): readonly string[] {
  const ledger =
    plot.ledger.kind === 'postgres'
      ? new PostgresDatabase(plot.ledger)
      : new SqliteDatabase(new DatabaseSync(path.join(project.root, plot.ledger.path), {readOnly: true}));
  try {
    const rows = ledger
      .prepare(
        `SELECT name || '@' || key AS ref FROM attempts JOIN assets ON assets.id = attempts.asset
         WHERE outcome IN ('succeeded', 'unchanged') GROUP BY attempts.asset, name, key, fingerprint, digest HAVING count(*) > 1`,
      )
      .all();
    return rows.map(({ref}) => String(ref));
  } finally {
    ledger.close();
  }
}

async function race(): Promise<readonly string[]> {
  const project = new Project(FILES, NOW);
  const plot = await ground.plot(project.root);
  project.write('pipeline.yaml', manifestOn(plot.targets));
  project.waitMs = 20_000;
  const problems: string[] = [];
  try {
    const count = 2 + Math.floor(random() * 2);
    const work = Array.from({length: count}, async () => {
      await wait(between(0, 1_500));
      const child = materialize(project);
      tally.processes++;
      await Promise.all([once(child, 'exit'), disturb(child)]);
    });
    const looks = [
      async () => {
        await wait(between(200, 2_500));
        tally.plans++;
        await once(command(project, 'plan', '--json'), 'exit');
      },
      async () => {
        await wait(between(200, 2_500));
        tally.heals++;
        await once(command(project, 'heal', '--wait', '1s'), 'exit');
      },
    ].map(look => look());
    await Promise.all([...work, ...looks]);
    await project.materialize();
    const again = await project.materialize();
    if (again.counts.requested > 0) problems.push(`a run after the last one made ${again.counts.requested}`);
    if (!isDeepStrictEqual(await contentsOf(project, plot.table('mart.sum')), WHOLE))
      problems.push('the rows are not what they should be');
    problems.push(...madeTwice(project, plot).map(ref => `${ref} was made twice`));
    const verify = command(project, 'verify', '--data');
    const [code] = await once(verify, 'exit');
    if (code !== 0) problems.push(`verify --data ended with ${code}`);
    return problems;
  } finally {
    await ground.clear(plot);
    if (problems.length === 0) project.remove();
    else process.stdout.write(`kept: ${project.root}\n`);
  }
}

if (!existsSync(cli)) throw new Error('dist/cli.js is not built: npm run race builds it.');
let ground = await openGround(engine, ledger);
for (let i = 0; i < Number(values.races); i++) {
  if (i % RACES_OF_GROUND === RACES_OF_GROUND - 1) {
    await ground.close();
    ground = await openGround(engine, ledger);
  }
  const problems = await race();
  tally.races++;
  if (problems.length > 0) tally.failures++;
  for (const problem of problems) process.stdout.write(`race ${i + 1}: ${problem}\n`);
  if (tally.races % 10 === 0) process.stdout.write(`${JSON.stringify(tally)}\n`);
}
await ground.close();
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.table([{...tally, seconds}]);
process.stdout.write(
  `${JSON.stringify({race: {engine, ledger, ...tally, seconds, seed: Number(values.seed)}})}\n`,
);
process.exitCode = tally.failures > 0 ? 1 : 0;
