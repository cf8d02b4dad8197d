/** The action and the hooks that users' repositories name: their shape, and what the action's script really starts. */
import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parse} from 'yaml';

const root = path.dirname(import.meta.dirname);
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Step {
  readonly name: string;
  readonly shell: string;
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}
interface Action {
  readonly name: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, {readonly description: string; readonly default: string}>>;
  readonly runs: {readonly using: string; readonly steps: readonly Step[]};
}
const text = read('action.yml');
const action = parse(text) as Action; // the tests look at its shape
const names = Object.keys(action.inputs);

describe('action.yml', () => {
  test('is a composite action whose every step names its shell', () => {
    expect([action.name, action.runs.using]).toEqual(['gameplan', 'composite']);
    for (const {name, shell} of action.runs.steps) expect([name, shell]).toEqual([name, 'bash']);
  });

  test('uses every input, documents it, and has a text for its default', () => {
    const docs = read('docs/ci.md');
    for (const name of names) {
      expect(text).toContain(`\${{ inputs.${name} }}`);
      expect(docs).toContain(`\`${name}\``);
      expect(typeof action.inputs[name]?.default).toBe('string');
      expect(action.inputs[name]?.description).toMatch(/\.$|'$/);
    }
    for (const [, used = ''] of text.matchAll(/inputs\.([\w-]+)/g)) expect(names).toContain(used);
  });

  test('writes nothing that a user may choose into a script', () => {
    for (const {run} of action.runs.steps) expect(run).not.toContain('${{');
  });
});

describe("the action's script", () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gameplan-action-'));
  const script = action.runs.steps.at(-1)?.run ?? '';
  const tells = (name: string) => `#!/bin/sh\necho ${name}\nfor word in "$@"; do echo "<$word>"; done\n`;
  beforeAll(() => {
    mkdirSync(path.join(folder, 'action/bin'), {recursive: true});
    writeFileSync(
      path.join(folder, 'action/bin/gameplan.js'),
      "console.log('action', ...process.argv.slice(2))\n",
    );
    writeFileSync(path.join(folder, 'own'), tells('own'));
    chmodSync(path.join(folder, 'own'), 0o755);
  });
  afterAll(() => rmSync(folder, {recursive: true}));

  /** With the inputs' defaults, but for some. */
  function start(given: Readonly<Record<string, string>>): string {
    const inputs = Object.fromEntries(names.map(name => [name, given[name] ?? action.inputs[name]?.default]));
    const env = Object.fromEntries(
      Object.entries(action.runs.steps.at(-1)?.env ?? {}).map(([name, value]) => [
        name,
        value.replace(/\$\{\{ inputs\.([\w-]+) \}\}/, (_, input: string) => inputs[input] ?? ''),
      ]),
    );
    const {stdout, stderr, status} = spawnSync(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
      {
        cwd: folder,
        encoding: 'utf8',
        env: {PATH: process.env['PATH'] ?? '', ...env, ACTION: path.join(folder, 'action')},
      },
    );
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  }

  test('starts the command of the action, with the defaults', () => {
    expect(start({})).toBe('action ci --manifest=pipeline.yaml\n');
  });

  test('gives every input on as one word, and prefers the command that the project has', () => {
    const given = {
      command: './own --quiet',
      target: 'a b; $(touch x)',
      against: '--help',
      portable: 'true',
      tests: 'false',
      comment: 'false',
      junit: "o'ut.xml",
      report: 'r.md',
    };
    expect(start(given).split('\n').slice(0, -1)).toEqual([
      'own',
      '<--quiet>',
      '<ci>',
      '<--manifest=pipeline.yaml>',
      '<--target=a b; $(touch x)>',
      '<--against=--help>',
      '<--portable>',
      '<--no-tests>',
      '<--no-comment>',
      "<--junit=o'ut.xml>",
      '<--report=r.md>',
    ]);
    mkdirSync(path.join(folder, 'node_modules/.bin'), {recursive: true});
    writeFileSync(path.join(folder, 'node_modules/.bin/gameplan'), tells('installed'));
    chmodSync(path.join(folder, 'node_modules/.bin/gameplan'), 0o755);
    expect(start({})).toBe('installed\n<ci>\n<--manifest=pipeline.yaml>\n');
  });
});

test('every hook looks at the whole project once, and the page names it', () => {
  const hooks = parse(read('.pre-commit-hooks.yaml')) as readonly Readonly<Record<string, unknown>>[];
  const docs = read('docs/ci.md');
  for (const hook of hooks) {
    expect(Object.keys(hook)).toEqual(
      expect.arrayContaining(['id', 'name', 'description', 'entry', 'language', 'files']),
    );
    expect(hook).toMatchObject({pass_filenames: false, require_serial: true});
    expect(docs).toContain(`id: ${String(hook['id'])}`);
    expect('dbt/pipeline.yaml').toMatch(new RegExp(String(hook['files'])));
  }
});
