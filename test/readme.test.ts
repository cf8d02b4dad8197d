/** What the README says is so: its commands run, its plan is a plan that was printed, its layout is the tree's. */
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type Copy, copyProject} from './cli/project-copy.ts';

const root = path.dirname(import.meta.dirname);
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

/** The lines of all blocks that are marked as shell. */
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, text = '']) =>
  text.trim().split('\n'),
);

/** A few weeks are enough to run the commands on; the demo's own four seasons take a minute. */
const environment = {
  ...process.env,
  NBA_END: '2021-11-10',
  npm_config_loglevel: 'error',
  npm_execpath: undefined,
};

describe('the commands of the README', () => {
  let copy: Copy;
  beforeAll(() => {
    copy = copyProject();
  });
  afterAll(() => copy.remove());

  const run = (line: string) =>
    spawnSync('bash', ['-c', line], {cwd: copy.folder, env: environment, encoding: 'utf8'});

  test('begin with the demo and end with the tests', () => {
    expect(commands[0]).toBe('npm run demo');
    expect(commands.at(-1)).toBe('npm test');
    expect(commands.length).toBeGreaterThan(10);
  });

  test('the demo ends well, and its second plan has nothing to do', () => {
    const {status, stdout, stderr} = run('npm run demo -- --simulated');
    expect({status, stderr: status === 0 ? '' : stderr + stdout}).toEqual({status: 0, stderr: ''});
    expect(stdout).toContain('Nothing to do.');
    expect(stdout).toContain('Try next:');
  }, 180_000);

  test('the page answers where it says', async () => {
    const command = commands.find(each => each.startsWith('npx gameplan serve')) ?? '';
    const child = spawn('bash', ['-c', `exec ${command} --port 0`], {
      cwd: copy.folder,
      env: environment,
      // Ctrl-C reaches all that a terminal has started.
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(child, 'exit');
    const [line] = await once(createInterface({input: child.stdout}), 'line');
    const [url = ''] = /http:\S+/.exec(String(line)) ?? [];
    expect((await fetch(url)).status).toBe(200);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await gone;
  }, 60_000);

  for (const command of commands.slice(1, -1).filter(each => !each.startsWith('npx gameplan serve'))) {
    test(command, () => {
      const {status, stdout, stderr} = run(command);
      expect({status, stderr}).toEqual({status: 0, stderr: ''});
      expect(stdout.trim()).not.toBe('');
    });
  }
});

test('the plan that is explained line by line is one that was printed', () => {
  const printed = readFileSync(path.join(root, 'test/cases/print/plan-every-action-120.txt'), 'utf8');
  expect(readme).toContain(`\`\`\`\n${printed}\`\`\``);
});

test('every file and folder that is named is there', () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, file = '']) => file);
  const layout = readme.slice(readme.indexOf('## Layout'), readme.indexOf('## Limits'));
  const folders = [...layout.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
  expect(folders.length).toBeGreaterThan(8);
  for (const name of [...links, ...folders])
    expect({name, exists: existsSync(path.join(root, name))}).toEqual({name, exists: true});
});
