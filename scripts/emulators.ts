/**
 * Builds public emulators of Google's services from their Go modules where the machine can, and holds our adapters and
 * our own test servers against them. `npm run emulators`; exit code 1 where a case of the store's table does not hold.
 * It proves nothing of Google: it is a second opinion on what our test servers say.
 */
import {type SpawnOptions, spawn, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {z} from 'zod';
import {RULES} from '../test/google/storage-rules.ts';
import {type StorageServer, startStorageServer} from '../test/google/storage-server.ts';

const STORAGE: Module = {module: 'github.com/fsouza/fake-gcs-server', version: 'v1.56.1', command: '.'};
const BIGQUERY: Module = {
  module: 'github.com/goccy/bigquery-emulator',
  version: 'v0.6.6',
  command: './cmd/bigquery-emulator',
};
const BUILD_MINUTES = 10;

const root = path.join(import.meta.dirname, '..');
const folder = path.join(root, '.gameplan', 'emulators');
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Path of the program, or why there is none. */
type Built =
  | {readonly kind: 'built'; readonly path: string}
  | {readonly kind: 'not'; readonly because: string};

interface Module {
  readonly module: string;
  readonly version: string;
  /** Folder of the command within it. */
  readonly command: string;
}

async function build(source: Module, env: Readonly<Record<string, string>>): Promise<Built> {
  const {module, version} = source;
  const program = path.join(folder, path.basename(module));
  if (existsSync(program)) return {kind: 'built', path: program};
  if (spawnSync('go', ['version']).status !== 0)
    return {kind: 'not', because: "there is no Go here: 'go version' fails"};
  mkdirSync(folder, {recursive: true});
  print(`building ${module}@${version}, for ${BUILD_MINUTES} minutes at most ...`);
  const began = performance.now();
  const options = {env: {...process.env, ...env}, timeout: BUILD_MINUTES * 60_000};
  const {code, output} = await compile({...source, program}, options);
  if (code === 0) {
    print(`built in ${Math.round((performance.now() - began) / 1000)} s`);
    return {kind: 'built', path: program};
  }
  const isLate = performance.now() - began >= BUILD_MINUTES * 60_000;
  const said = output.split('\n').filter(line => line !== '' && !line.startsWith('go: downloading'));
  const because = isLate ? `not done after ${BUILD_MINUTES} minutes` : said.slice(-4).join('\n  ');
  return {kind: 'not', because};
}

/** The module's sources are fetched and built in place: 'go install' asks for lists that a mirror may not have. */
async function compile(
  {module, version, command, program}: Module & {readonly program: string},
  options: SpawnOptions,
): Promise<{code: number | null; output: string}> {
  const fetched = await run('go', ['mod', 'download', '-json', `${module}@${version}`], options);
  if (fetched.code !== 0) return fetched;
  const {Dir} = z.object({Dir: z.string()}).parse(JSON.parse(fetched.output));
  return await run('go', ['build', '-o', program, command], {...options, cwd: Dir});
}

async function run(
  program: string,
  given: readonly string[],
  options: SpawnOptions,
): Promise<{code: number | null; output: string}> {
  const child = spawn(program, given, {...options, stdio: ['ignore', 'pipe', 'pipe']});
  let output = '';
  child.stdout?.on('data', piece => {
    output += piece;
  });
  child.stderr?.on('data', piece => {
    output += piece;
  });
  return await new Promise(resolve => {
    child.on('error', error => resolve({code: null, output: error.message}));
    child.on('close', code => resolve({code, output}));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('Internal error: no port was given.');
  return address.port;
}

interface Running {
  readonly url: string;
  stop(): void;
}

async function startStorage(program: string): Promise<Running> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const where = [
    '-scheme',
    'http',
    '-host',
    '127.0.0.1',
    '-port',
    String(port),
    '-public-host',
    `127.0.0.1:${port}`,
  ];
  const given = [...where, '-external-url', url, '-backend', 'memory', '-location', 'US-WEST2'];
  const child = spawn(program, given, {stdio: 'ignore'});
  for (let tries = 0; ; tries++) {
    const made = await fetch(`${url}/storage/v1/b?project=p`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({name: 'games'}),
    }).catch(() => undefined);
    if (made?.ok === true) break;
    if (tries === 100) throw new Error(`The emulator does not answer at ${url}.`);
    await pause(100);
  }
  return {url, stop: () => void child.kill()};
}

const reportShape = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({title: z.string(), status: z.string(), failureMessages: z.array(z.string()).default([])}),
      ),
    }),
  ),
});

/** The store's table of cases; gives how many do not hold. */
async function runStoreTable(url: string): Promise<number> {
  const report = path.join(folder, 'report.json');
  rmSync(report, {force: true});
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const given = [vitest, 'run', 'test/live/store.test.ts', '--reporter=json', `--outputFile=${report}`];
  const env = {...process.env, GAMEPLAN_LIVE_BUCKET: 'games', GAMEPLAN_LIVE_ENDPOINT: url};
  const {output} = await run(process.execPath, given, {cwd: root, env});
  if (!existsSync(report)) throw new Error(`The table of cases did not run:\n${output}`);
  const {testResults} = reportShape.parse(JSON.parse(readFileSync(report, 'utf8')));
  const cases = testResults.flatMap(({assertionResults}) => assertionResults);
  const failed = cases.filter(({status}) => status === 'failed');
  for (const {title, status} of cases) print(`  ${status.padEnd(8)}${title}`);
  for (const {title, failureMessages} of failed)
    print(`${title}:\n  ${failureMessages[0]?.split('\n')[0] ?? ''}`);
  print(`  ${cases.length - failed.length} of ${cases.length} cases of the store's table hold`);
  return failed.length;
}

async function compareRules(url: string, own: StorageServer): Promise<void> {
  print(`\n  ${'rule'.padEnd(72)}${'emulator'.padEnd(10)}our server`);
  for (const {rule, holds} of RULES) {
    const found = await Promise.all([url, own.url].map(each => holds(each).catch(() => false)));
    const [emulator, ours] = found.map(each => (each ? 'keeps' : 'does not'));
    print(`  ${rule.padEnd(72)}${emulator?.padEnd(10)}${ours}`);
  }
  print('  Neither models versions of objects, lifecycles, retention, or what a role grants.');
}

async function storage(): Promise<number> {
  print('Cloud Storage: fake-gcs-server');
  const built = await build(STORAGE, {CGO_ENABLED: '0'});
  if (built.kind === 'not') {
    print(`  not tried: ${built.because}`);
    return 0;
  }
  const emulator = await startStorage(built.path);
  const own = await startStorageServer({
    buckets: {games: {location: 'us-west2'}},
    pace: 1_000,
    token: 'test-token',
  });
  try {
    const failed = await runStoreTable(emulator.url);
    await compareRules(emulator.url, own);
    return failed;
  } finally {
    emulator.stop();
    await own.close();
  }
}

async function bigquery(): Promise<void> {
  print('\nBigQuery: goccy/bigquery-emulator');
  const compiler = ['clang++', 'g++'].find(name => spawnSync(name, ['--version']).status === 0);
  if (compiler === undefined) {
    print('  not tried: it needs cgo, and there is no C++ compiler here');
    return;
  }
  const built = await build(BIGQUERY, {CGO_ENABLED: '1', CXX: compiler});
  if (built.kind === 'not') print(`  not tried: ${built.because}`);
  else print(`  built with ${compiler}: ${built.path}. No table of cases is run against it yet.`);
  print(
    '  Its sources know no maximumBytesBilled, partition decorators, partition filters, expirations or locations',
  );
  print('  of jobs, and its README no permissions: those rules only our own server keeps.');
}

const failed = await storage();
await bigquery();
process.exitCode = failed === 0 ? 0 : 1;
