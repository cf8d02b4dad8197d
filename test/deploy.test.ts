/** What lies in deploy/ for those who run it: read strictly, and by the linters that are there. */
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {healCommand} from '../cli/commands/heal.ts';
import {serveCommand} from '../cli/commands/serve.ts';

const deploy = path.join(import.meta.dirname, '..', 'deploy');
const read = (name: string): string => readFileSync(path.join(deploy, name), 'utf8');
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

/** Throws where the command has no such flag. */
function expectCommand([name = '', ...args]: readonly string[]): void {
  const command = [serveCommand, healCommand].find(each => each.name === name);
  const known = command?.flags.flatMap(({flags}) => /--[a-z-]+/.exec(flags) ?? []) ?? [];
  expect(command, name).toBeDefined();
  for (const flag of args.filter(arg => arg.startsWith('--'))) expect(known, name).toContain(flag);
}

function seconds(text: string | undefined): number {
  const [, count, unit] = /^(\d+)(s|min)$/.exec(text ?? '') ?? [];
  if (count === undefined) throw new Error(`'${text}' is no time`);
  return Number(count) * (unit === 'min' ? 60 : 1);
}

describe('units of systemd', () => {
  const units = readdirSync(path.join(deploy, 'systemd'));
  /** The values of a setting. */
  const settings = (unit: string, name: string): readonly string[] =>
    read(`systemd/${unit}`)
      .split('\n')
      .flatMap(line => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));

  test.skipIf(!has('systemd-analyze'))('are as systemd would have them', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'gameplan-units-'));
    try {
      // It looks whether the program is there.
      for (const unit of units)
        writeFileSync(
          path.join(folder, unit),
          read(`systemd/${unit}`).replaceAll('=/usr/bin/node ', `=${process.execPath} `),
        );
      const {stderr, status} = spawnSync(
        'systemd-analyze',
        ['verify', '--man=no', ...units.map(unit => path.join(folder, unit))],
        {encoding: 'utf8'},
      );
      expect([stderr.replaceAll(/^.*(Failed to open|cannot open).*\n/gm, ''), status]).toEqual(['', 0]);
    } finally {
      rmSync(folder, {recursive: true, force: true});
    }
  });

  test('name files that are there, and flags that the commands have', () => {
    for (const unit of ['gameplan.service', 'gameplan-heal.service']) {
      const [start = ''] = settings(unit, 'ExecStart');
      const [node, program, ...args] = start.split(' ');
      expect([node, program]).toEqual(['/usr/bin/node', 'node_modules/gameplan/bin/gameplan.js']);
      expectCommand(args);
    }
    for (const unit of units.filter(each => each.endsWith('.timer')))
      expect(units).toContain(unit.replace('.timer', '.service'));
    expect(settings('gameplan-watch.service', 'ExecStart')[0]).toContain(':4321/healthz ');
  });

  test('wait longer than a pass may take to end', () => {
    const [, grace] = /--grace (\S+)/.exec(settings('gameplan.service', 'ExecStart')[0] ?? '') ?? [];
    expect(seconds(settings('gameplan.service', 'TimeoutStopSec')[0])).toBeGreaterThan(seconds(grace) + 10);
  });
});

describe('the container', () => {
  interface Instruction {
    readonly word: string;
    readonly text: string;
  }
  /** As the builder joins lines. */
  const instructions: readonly Instruction[] = read('container/Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, word = '', text = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      return {word, text};
    });
  const of = (word: string): readonly string[] =>
    instructions.flatMap(each => (each.word === word ? [each.text] : []));

  test('has instructions that there are, and stages that it names', () => {
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'VOLUME', 'EXPOSE', 'STOPSIGNAL'];
    known.push('HEALTHCHECK', 'ENTRYPOINT', 'CMD');
    for (const {word} of instructions) expect(known).toContain(word);
    const stages = of('FROM').flatMap(text => / AS (\w+)$/.exec(text)?.[1] ?? []);
    for (const copy of of('COPY').filter(text => text.startsWith('--from=')))
      expect(stages).toContain(/^--from=(\w+) /.exec(copy)?.[1]);
    // One version of what it is built from, whole and without a moving name.
    expect(new Set(of('FROM').map(text => text.split(' ')[0]))).toEqual(new Set(['node:24-bookworm-slim']));
    expect(of('USER')).toEqual(['1000']);
  });

  test('starts without a shell, with flags that the command has, and is asked where the server answers', () => {
    const list = (text: string): readonly string[] => JSON.parse(text) as string[];
    expect(list(of('ENTRYPOINT')[0] ?? '')).toEqual(['node', 'node_modules/gameplan/bin/gameplan.js']);
    expectCommand(list(of('CMD')[0] ?? ''));
    const [, check = ''] = /CMD (.+)$/.exec(of('HEALTHCHECK')[0] ?? '') ?? [];
    const [program, flag, script = ''] = list(check);
    expect([program, flag]).toEqual(['node', '-e']);
    // No server is there: that is told by how it ends.
    expect(spawnSync(process.execPath, ['-e', script.replace('4321', '1')]).status).toBe(1);
    expect(script).toContain("'http://127.0.0.1:4321/healthz'");
    expect(of('EXPOSE')).toEqual(['4321']);
  });

  test.skipIf(!has('hadolint'))('is as hadolint would have it', () => {
    const {stdout, status} = spawnSync('hadolint', [path.join(deploy, 'container/Dockerfile')], {
      encoding: 'utf8',
    });
    expect([stdout, status]).toEqual(['', 0]);
  });

  test('is given time to end, and a process that reaps, by compose', () => {
    const {gameplan} = parse(read('container/compose.yaml')).services;
    expect(gameplan).toMatchObject({init: true, build: {dockerfile: 'deploy/container/Dockerfile'}});
    expect(seconds(gameplan.stop_grace_period)).toBeGreaterThan(60);
    expect(gameplan.ports).toEqual(['127.0.0.1:4321:4321']);
  });
});

describe('the job of Cloud Run', () => {
  test('is one pass, with flags that the command has, and is not tried again', () => {
    const job = parse(read('cloud-run/heal-job.yaml'));
    expect([job.apiVersion, job.kind]).toEqual(['run.googleapis.com/v1', 'Job']);
    const {taskCount, template} = job.spec.template.spec;
    expect([taskCount, template.spec.maxRetries]).toEqual([1, 0]);
    const [container] = template.spec.containers;
    expectCommand(container.args);
    for (const {name, valueFrom} of container.env) {
      expect(name).toMatch(/^[A-Z_]+$/);
      expect(Object.keys(valueFrom)).toEqual(['secretKeyRef']);
    }
  });

  test('is set up by a script that a shell can read', () => {
    const {status, stderr} = spawnSync('sh', ['-n', path.join(deploy, 'cloud-run/deploy.sh')], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});
