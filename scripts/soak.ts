/**
 * Kills the shipped pipeline at random moments while it fills two seasons, and while it makes them again by another
 * formula, until so many processes are dead; then it must hold what a run without kills holds.
 * `npm run soak -- [--kills 300] [--seed 1]`; the last line is JSON. The league's recorded games are read where they
 * are, else games played from a seed.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {rmSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {startLeagueProcess} from '../demo/league/league-process.ts';
import {randomOf} from '../demo/league/random.ts';
import {type Contents, contentsOf, differencesIn} from '../test/nba/contents.ts';
import {hasRecordedGames, ShippedProject} from '../test/nba/shipped-project.ts';

const {values} = parseArgs({
  options: {kills: {type: 'string', default: '300'}, seed: {type: 'string', default: '1'}},
});
const wanted = Number(values.kills);
const cli = path.join(import.meta.dirname, '..', 'dist', 'cli.js');
const target = hasRecordedGames ? 'recorded' : 'simulated';
const FORMULA = {file: 'assets/analytics/player_game_summary.sql', texts: ['0.44e0', '0.45e0']} as const;
/** Seconds that a process lives, before it is killed. */
const [SHORTEST, LONGEST] = [0.3, 3.5];
const VERIFY_EVERY = 10;

const said = (text: string): void => void process.stdout.write(`${text}\n`);
const random = randomOf(Number(values.seed), 'soak');
const league = await startLeagueProcess(
  hasRecordedGames
    ? ['--from', '2021-22', '--to', '2022-23']
    : ['--simulated', '--from', '2021-22', '--to', '2022-23'],
);
const env = {...process.env, LEAGUE_URL: league.url, NBA_END: '2023-06-30'};
const tally = {kills: 0, runs: 0, idle: 0, verified: 0};
const problems: string[] = [];
const startedAt = performance.now();

function openProject(): ShippedProject {
  const project = new ShippedProject({target, league: league.url, end: env.NBA_END});
  project.now = Date.now();
  return project;
}

/** Starts a command on a project. */
function start(project: ShippedProject, args: readonly string[]): {child: ChildProcess; text: () => string} {
  const child = spawn(process.execPath, [cli, ...args, '--target', target], {cwd: project.root, env});
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      text = (text + String(chunk)).slice(-4_000);
    });
  return {child, text: () => text};
}

async function finish(
  project: ShippedProject,
  args: readonly string[],
): Promise<{code: number | null; text: string}> {
  const {child, text} = start(project, args);
  await once(child, 'close');
  return {code: child.exitCode, text: text()};
}

/** Ledger against receipts. */
async function verify(project: ShippedProject, ...args: readonly string[]): Promise<void> {
  const {code, text} = await finish(project, ['verify', ...args]);
  tally.verified++;
  if (code !== 0) problems.push(`after ${tally.kills} kills: verify ${args.join(' ')} says ${text}`);
}

const sequenceOf = (project: ShippedProject): Promise<number> =>
  project.use(({ledger}) => Promise.resolve(ledger.sequence()));

/** Runs and kills until a run ends by itself. */
async function fillKilled(project: ShippedProject, about: string): Promise<void> {
  const begun = {...tally, at: performance.now()};
  let longest = LONGEST;
  for (;;) {
    const before = await sequenceOf(project);
    tally.runs++;
    const {child, text} = start(project, ['materialize', '--yes']);
    const closed = once(child, 'close');
    const lives = SHORTEST + random() * (longest - SHORTEST);
    await Promise.race([closed, wait(lives * 1000)]);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await closed;
    }
    if (child.signalCode !== 'SIGKILL') {
      if (child.exitCode !== 0) problems.push(`${about}: a run ended with ${child.exitCode}: ${text()}`);
      break;
    }
    tally.kills++;
    // One statement may take longer than any life so far: then lives become longer.
    const isIdle = (await sequenceOf(project)) === before;
    if (isIdle) tally.idle++;
    longest = isIdle ? longest * 1.2 : LONGEST;
    if (tally.kills % VERIFY_EVERY === 0) await verify(project);
  }
  const seconds = Math.round((performance.now() - begun.at) / 1000);
  said(`${about}: ${tally.kills - begun.kills} kills, ${tally.runs - begun.runs} runs, ${seconds} s`);
}

function compare(about: string, expected: Contents, found: Contents): void {
  const different = differencesIn(expected, found);
  problems.push(...different.slice(0, 10).map(each => `${about}: ${each}`));
  said(`${about}: ${found.partitions.size} partitions compared, ${different.length} differences`);
}

/** What a run without kills makes by each formula. */
async function expectations(): Promise<readonly [Contents, Contents]> {
  const project = openProject();
  const {code, text} = await finish(project, ['materialize', '--yes']);
  if (code !== 0) throw new Error(`The run without kills ended with ${code}: ${text}`);
  const first = await contentsOf(project);
  project.replace(FORMULA.file, FORMULA.texts[0], FORMULA.texts[1]);
  project.reread();
  await finish(project, ['materialize', '--yes']);
  const second = await contentsOf(project);
  project.remove();
  return [first, second];
}

const expected = await expectations();
said(
  `Two seasons of ${target} games, seed ${values.seed}; without kills ${Math.round((performance.now() - startedAt) / 1000)} s for both formulas`,
);
const project = openProject();
for (let round = 0; tally.kills < wanted && problems.length === 0; round++) {
  // A first fill, the other formula, the first one again; then from nothing.
  const turn = round % 3;
  const [from, to] = turn === 1 ? FORMULA.texts : [...FORMULA.texts].reverse();
  if (turn === 0) rmSync(project.file(''), {recursive: true, force: true});
  else project.replace(FORMULA.file, from ?? '', to ?? '');
  project.reread();
  const about = `round ${round + 1}, ${turn === 0 ? 'from nothing' : 'another formula'}`;
  await fillKilled(project, about);
  compare(about, expected[turn === 1 ? 1 : 0], await contentsOf(project));
  await verify(project);
  await verify(project, '--data');
}
const again = await finish(project, ['materialize', '--yes', '--json']);
if (again.text.includes('partition-ended')) problems.push(`a run more makes something: ${again.text}`);
project.remove();
await league.stop();

for (const problem of problems) said(problem.slice(0, 2_000));
const seconds = Math.round((performance.now() - startedAt) / 1000);
said(JSON.stringify({...tally, problems: problems.length, seconds}));
process.exitCode = problems.length === 0 ? 0 : 1;
