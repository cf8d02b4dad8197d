/**
 * `npm run demo`: starts the league server, plans, fills four seasons of tables, shows where they stand, and says what
 * to try next. It drives the command line as a user would, and deals with nothing inside it.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {startLeagueProcess} from './league/league-process.ts';

const root = path.dirname(import.meta.dirname);
const recordedGames = path.join(root, '..', 'shared', 'data');

/** How often the memory of a child is looked at, in milliseconds. */
const SAMPLE_MS = 100;

const isRecorded = existsSync(recordedGames) && !process.argv.includes('--simulated');
const target = isRecorded ? 'recorded' : 'simulated';

interface Step {
  readonly code: number;
  readonly seconds: number;
  /** The most memory it held, in MB; undefined where the system does not tell. */
  readonly megabytes: number | undefined;
}

process.exitCode = await demo();

async function demo(): Promise<number> {
  const league = await startLeagueProcess(isRecorded ? ['--recorded', recordedGames] : ['--simulated']);
  try {
    const {url} = league;
    say(`The league server answers on ${url} with ${isRecorded ? 'recorded' : 'simulated'} games.`);
    return await fill(url);
  } finally {
    await league.stop();
  }
}

async function fill(url: string): Promise<number> {
  const plan = await gameplan(url, ['plan', '--target', target]);
  if (plan.code !== 0) return plan.code;
  const made = await gameplan(url, ['materialize', '--target', target]);
  if (made.code !== 0) return made.code;
  const again = await gameplan(url, ['plan', '--target', target, '--detailed-exitcode']);
  if (again.code !== 0) {
    say('The second plan should have had nothing to do.');
    return 1;
  }
  const status = await gameplan(url, ['status', '--target', target]);
  if (status.code !== 0) return status.code;
  const memory = made.megabytes === undefined ? '' : `, with at most ${made.megabytes} MB of memory`;
  say(
    `materialize took ${made.seconds.toFixed(1)} s${memory}; the plan after it took ${again.seconds.toFixed(2)} s.`,
  );
  sayWhatNext();
  return 0;
}

async function gameplan(url: string, args: readonly string[]): Promise<Step> {
  say(`$ npx gameplan ${args.join(' ')}`);
  const started = performance.now();
  const child = spawn(process.execPath, ['bin/gameplan.js', ...args], {
    cwd: root,
    env: {...process.env, LEAGUE_URL: url},
    stdio: 'inherit',
  });
  // Ctrl-C reaches the child as well; it ends in its own way, and this waits for it.
  const wait = () => undefined;
  process.on('SIGINT', wait);
  let megabytes: number | undefined;
  const sampling = setInterval(() => {
    megabytes = peakOf(child.pid) ?? megabytes;
  }, SAMPLE_MS);
  const [code] = await once(child, 'exit');
  clearInterval(sampling);
  process.off('SIGINT', wait);
  return {
    code: typeof code === 'number' ? code : 1,
    seconds: (performance.now() - started) / 1000,
    megabytes,
  };
}

/** The high-water mark of a process, as Linux keeps it. */
function peakOf(pid: number | undefined): number | undefined {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readStatus(file)) ?? [];
  return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
}

/** Empty where the process ended between the look and the reading. */
function readStatus(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return '';
    throw error;
  }
}

function sayWhatNext(): void {
  say(`Try next:
  npx gameplan explain exports.best_bets@2024-12-12 --target ${target}      # where it lies, and all that it is made of
  npx gameplan query --target ${target} "SELECT season, count(*) AS games FROM raw.games GROUP BY ALL ORDER BY ALL"
  npx gameplan lineage +precompute.ml_feature_store --target ${target}
  npx gameplan serve --target ${target}
  npx gameplan plan 'raw.*' --season 2023-24 --force --target ${target}
  npm run league${isRecorded ? '' : ' -- --simulated'}      # keeps the league server running, to materialize by hand
`);
}

function say(text: string): void {
  console.log(`\n${text}`);
}
