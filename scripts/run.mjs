/**
 * Runs a task of package.json with the Node that the project brings, after installing and building what is missing.
 * Plain JavaScript for old Nodes. `node scripts/run.mjs demo|dev|docs|league|test|seasons|bench|evaluate|emulators|live|crash|soak|race|format|types [ARGUMENTS]`
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync} from 'node:fs';
import {freemem, tmpdir} from 'node:os';
import path from 'node:path';
import {ensureReady, root} from './ensure.mjs';

const [task, ...rest] = process.argv.slice(2);
const node = ensureReady();
const bin = path.join(root, 'node_modules', '.bin');
// Started by file: the links in .bin are shell scripts on Windows.
const TOOLS = {
  biome: '@biomejs/biome/bin/biome',
  knip: 'knip/bin/knip.js',
  tsc: 'typescript/bin/tsc',
  vitest: 'vitest/vitest.mjs',
};
// The project's own Node comes first, also for what the children start.
const env = {...process.env, PATH: [path.dirname(node), bin, process.env.PATH].join(path.delimiter)};

switch (task) {
  case 'demo':
    process.exit(run(node, ['demo/demo.ts', ...rest]));
    break;
  case 'dev':
    process.exit(run(node, ['scripts/dev.mjs', ...rest]));
    break;
  case 'docs':
    process.exit(run(node, ['scripts/docs.ts', ...rest]));
    break;
  case 'league':
    process.exit(run(node, ['demo/league.ts', ...rest]));
    break;
  case 'bench':
    process.exit(bench(rest));
    break;
  case 'evaluate':
    process.exit(run(node, ['scripts/evaluator.ts', ...rest]));
    break;
  case 'emulators':
    process.exit(run(node, ['scripts/emulators.ts', ...rest]));
    break;
  case 'live':
    process.exit(live(rest));
    break;
  case 'crash':
  case 'soak':
  case 'race':
    // The children of a trial start in a fraction of the time with what Node compiled before.
    // A killed process leaves what it wrote, also in memory.
    workInMemory();
    env.NODE_COMPILE_CACHE ??= path.join(root, '.gameplan', 'compiled');
    process.exit(run(node, [`scripts/${task}.ts`, ...rest]));
    break;
  case 'test':
  case 'seasons':
    workInMemory();
    // Workers and children start in a fraction of the time with what Node compiled before.
    env.NODE_COMPILE_CACHE ??= path.join(root, '.gameplan', 'compiled');
    process.exit(task === 'test' ? test(rest) : tool('vitest', ['run', '--project', 'seasons', ...rest]));
    break;
  case 'format':
    process.exit(tool('biome', ['check', '--write', ...rest]));
    break;
  case 'types':
    process.exit(tool('tsc', ['-p', 'tsconfig.types.json']));
    break;
  default:
    process.stderr.write(
      `No task named '${task}'. There are: demo, dev, docs, league, test, seasons, bench, evaluate, emulators, live, crash, soak, race, format, types.\n`,
    );
    process.exit(64);
}

/** Temporary folders that lie in memory wait for no disk. A container often has 64 MB there: only where there is room. */
function workInMemory() {
  const room = 4 * 1024 ** 3;
  if (!existsSync('/dev/shm') || freemem() < 2 * room) return;
  const {bavail, bsize} = statfsSync('/dev/shm');
  if (bavail * bsize >= room) env.TMPDIR ??= '/dev/shm';
}

/** For who has an account: without a bucket of theirs nothing is asked, without a project the bucket alone is tried. */
function live(given) {
  if (!process.env.GAMEPLAN_LIVE_BUCKET) {
    process.stdout.write('GAMEPLAN_LIVE_BUCKET names no bucket of yours: nothing is tried against Google.\n');
    return 0;
  }
  if (!process.env.GAMEPLAN_LIVE_PROJECT || !process.env.GAMEPLAN_LIVE_LOCATION) {
    process.stdout.write(
      'GAMEPLAN_LIVE_PROJECT and GAMEPLAN_LIVE_LOCATION name no BigQuery of yours: the bucket alone is tried.\n',
    );
  }
  return tool('vitest', ['run', 'test/live', ...given]);
}

function bench([name, ...args]) {
  const file = path.join(root, 'bench', `${name}.ts`);
  if (name !== undefined && existsSync(file)) return run(node, [file, ...args]);
  const names = readdirSync(path.join(root, 'bench'))
    .filter(each => each.endsWith('.ts'))
    .map(each => each.slice(0, -3));
  process.stderr.write(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}\n`);
  return 64;
}

/** Every step runs, so that one look shows all that is wrong; the last line counts tests, and a failed step as one failure. */
function test(given) {
  // `--slow` also installs the package from the registry into an empty project.
  const args = given.filter(each => each !== '--slow');
  if (args.length < given.length) env.GAMEPLAN_SLOW = '1';
  const plain = process.stdout.isTTY ? [] : ['--colors=off'];
  const results = path.join(mkdtempSync(path.join(tmpdir(), 'gameplan-test-')), 'results.json');
  const steps = [
    ['format and lint', () => tool('biome', ['check', '--error-on-warnings', ...plain])],
    ['unused code', () => tool('knip', ['--no-progress'])],
    ['types', () => tool('tsc', []) || tool('tsc', ['-p', 'web'])],
    [
      'tests',
      () =>
        tool('vitest', [
          'run',
          '--project=quick',
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${results}`,
          ...args,
        ]),
    ],
  ];
  const failed = steps.filter(([name, step]) => {
    process.stdout.write(`\n== ${name}\n`);
    return step() !== 0;
  });
  const tally = readTally(results);
  for (const file of tally.unended) process.stdout.write(`Its process ended before its tests did: ${file}\n`);
  const others = failed.filter(([name]) => name !== 'tests' || tally.failed === 0).length;
  process.stdout.write(failed.length === 0 ? '\n' : `\nFailed: ${failed.map(([name]) => name).join(', ')}\n`);
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  process.stdout.write(`${tally.passed} passed, ${tally.failed + others} failed${skipped}\n`);
  return failed.length === 0 ? 0 : 1;
}

/** With the files of which some test has neither passed nor failed, nor was skipped. */
function readTally(file) {
  if (!existsSync(file)) return {passed: 0, failed: 0, skipped: 0, unended: []};
  const {numPassedTests, numFailedTests, testResults} = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(path.dirname(file), {recursive: true});
  // In a file that is left out as a whole some tests are told as if they were yet to come.
  const unended = testResults.filter(
    ({assertionResults}) =>
      assertionResults.some(({status}) => status === 'pending') &&
      (assertionResults.some(({status}) => status === 'passed' || status === 'failed') ||
        assertionResults.every(({status}) => status === 'pending')),
  );
  const skipped = testResults.flatMap(({assertionResults}) =>
    assertionResults.filter(({status}) => status === 'skipped'),
  ).length;
  return {
    passed: numPassedTests,
    failed: numFailedTests,
    skipped,
    unended: unended.map(({name}) => path.relative(root, name)),
  };
}

function tool(name, args) {
  return run(node, [path.join(root, 'node_modules', TOOLS[name]), ...args]);
}

function run(command, args) {
  const {status, signal, error} = spawnSync(command, args, {cwd: root, env, stdio: 'inherit'});
  if (error !== undefined) process.stderr.write(`Cannot start ${command}: ${error.message}\n`);
  if (signal !== null) process.stderr.write(`${command} was ended by ${signal}\n`);
  return status ?? 1;
}
