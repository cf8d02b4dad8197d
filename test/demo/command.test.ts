// The command `node demo/league.ts` as a process of its own.
// Does not deal with what it serves.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the command; `use` gets its first line and may stop it. */
async function run(
  options: readonly string[],
  use?: (line: string, stop: () => void) => Promise<void>,
): Promise<Ended> {
  const child = spawn(process.execPath, ['demo/league.ts', ...options], {cwd: root});
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    errors += String(text);
  });
  child.stdout.setEncoding('utf8').on('data', text => {
    output += String(text);
  });
  const ended = once(child, 'exit');
  if (use !== undefined) {
    await once(child.stdout, 'data');
    await use(output.split('\n')[0] ?? '', () => child.kill('SIGTERM'));
  }
  const [code] = await ended;
  return {code: typeof code === 'number' ? code : null, output, errors};
}

test('it says where it listens, answers, and stops on SIGTERM even while a client waits', async () => {
  const options = [
    '--simulated',
    '--seed',
    '4',
    '--port',
    '0',
    '--from',
    '2023-24',
    '--to',
    '2023-24',
    '--log',
  ];
  const {code, output} = await run(options, async (line, stop) => {
    expect(line).toMatch(/^league server on http:\/\/127\.0\.0\.1:\d+ \(simulated, 2023-24 to 2023-24\)$/);
    const url = /http\S+/.exec(line)?.[0] ?? '';
    await fetch(`${url}/stats/leaguestandingsv3?Season=2023-24`);
    await fetch(`${url}/_league/faults`, {method: 'POST', body: '{"match": {}, "kind": "timeout"}'});
    const waiting = fetch(`${url}/stats/scheduleleaguev2?Season=2023-24`);
    // The server has the request once it counts it.
    const seen = async (): Promise<boolean> => {
      const counts = await (await fetch(`${url}/_league/requests`)).text();
      return counts.includes('"schedule":1');
    };
    while (!(await seen())) await new Promise(resolve => setTimeout(resolve, 10));
    stop();
    await expect(waiting).rejects.toThrow();
  });
  expect(code).toBe(0);
  expect(output).toContain('200 /stats/leaguestandingsv3?Season=2023-24\n');
});

test('a folder without the recorded games is an error that says what is missing', async () => {
  const {code, errors} = await run(['--recorded', '/nowhere', '--port', '0']);
  expect(code).toBe(1);
  expect(errors).toContain('/nowhere lacks games.parquet');
  expect(errors).toContain('ask for simulated ones');
});

test('--help tells the options', async () => {
  const {code, output} = await run(['--help']);
  expect(code).toBe(0);
  expect(output).toContain('--recorded DIR');
});
