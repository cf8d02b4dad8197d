/** Disks that are full or may not be written, on small file systems of their own; and clocks that jump. */
import {execFileSync} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
let mounted: string[] = [];
beforeEach(() => {
  project = new ToyProject();
  const text = readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8');
  project.write(
    'pipeline.yaml',
    `${text}  raw.pages:
    description: A page a date.
    files: assets/page.ts
    retries: 0
  exports.totals:
    description: Totals as JSON.
    sql: assets/export.sql
    export: {format: json, path: 'v1/{season}/{game_date}.json'}
    upstream: {totals: stats.totals}
`,
  );
  project.write(
    'assets/page.ts',
    `export const files = async ({partition, put}) => { await put('page.json', partition.key.repeat(2000)); };\n`,
  );
  project.write('assets/export.sql', 'SELECT game_date, total FROM totals\n');
});
afterEach(() => {
  for (const place of mounted.toReversed()) execFileSync('umount', ['-l', place]);
  mounted = [];
  project.remove();
});

const stored = (name = '') => path.join(project.root, '.gameplan', name);

function mount(place: string, ...args: readonly string[]): void {
  mkdirSync(place, {recursive: true});
  execFileSync('mount', [...args, place], {stdio: 'pipe'});
  mounted.push(place);
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = new ToyProject();
  try {
    const place = path.join(probe.root, 'probe');
    mkdirSync(place);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], {stdio: 'pipe'});
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    probe.remove();
  }
}

/** Leaves so many KiB free. */
function fill(place: string, free: number): void {
  const filler = path.join(place, 'filler');
  const [, line = ''] = execFileSync('df', ['-k', place], {encoding: 'utf8'}).split('\n');
  const left = Number(line.split(/\s+/)[3]);
  writeFileSync(filler, Buffer.alloc(Math.max(0, left - free) * 1024));
}

async function expectWhole(): Promise<void> {
  const again = await project.run('materialize');
  expect(again, again.err + again.out).toMatchObject({code: 0});
  expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
  const verified = await project.run('verify', '--data');
  expect(verified, verified.err + verified.out).toMatchObject({code: 0});
  const counted = await project.run('query', 'SELECT count(*) AS n FROM raw.points', '--json');
  expect(JSON.parse(counted.out)).toEqual([{n: 6}]);
}

const isAble = canMount();

test.skipIf(isAble)('full disks are not tried: no file system can be mounted here', () => {
  expect(isAble).toBe(false);
});

describe.skipIf(!isAble)('where file systems can be mounted', () => {
  test.for([0, 16, 200, 340, 460, 640, 900])(
    'with %i KiB free, a run says that the disk is full, and the next one finishes',
    {timeout: 30_000},
    async free => {
      mount(stored(), '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs');
      fill(stored(), free);
      const full = await project.run('materialize');
      expect(full.err + full.out).not.toMatch(/Internal error|\n\s+at /);
      if (full.code !== 0) expect(full.err + full.out).toMatch(/disk .*is full/);
      rmSync(stored('filler'));
      await expectWhole();
    },
  );

  test.for([0, 40, 200])(
    'with %i KiB free after a first run, nothing of it is lost',
    {timeout: 30_000},
    async free => {
      mount(stored(), '-t', 'tmpfs', '-o', 'size=32m', 'tmpfs');
      project.write('fail-2024-01-16', '');
      expect((await project.run('materialize')).code).toBe(1);
      rmSync(path.join(project.root, 'fail-2024-01-16'));
      fill(stored(), free);
      const full = await project.run('materialize');
      expect(full.err + full.out).not.toMatch(/Internal error|\n\s+at /);
      for (const command of ['plan', 'status', 'runs']) {
        const said = await project.run(command);
        expect(said.err).not.toMatch(/Internal error|\n\s+at /);
      }
      rmSync(stored('filler'));
      await expectWhole();
    },
  );

  test('a plan that cannot be written leaves the old one and nothing beside it', async () => {
    const folder = path.join(project.root, 'plans');
    mount(folder, '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs');
    writeFileSync(path.join(folder, 'plan.json'), '');
    fill(folder, 0);
    const said = await project.run('plan', '--out', 'plans/plan.json');
    expect(said).toMatchObject({
      code: 1,
      err: 'error: plans/plan.json cannot be written: the disk is full.\n',
    });
    expect(readdirSync(folder).toSorted()).toEqual(['filler', 'plan.json']);
    expect(readFileSync(path.join(folder, 'plan.json'), 'utf8')).toBe('');
  });

  test('a folder that may only be read: what reads works, and materialize names it', async () => {
    project.write('fail-2024-01-16', '');
    await project.run('materialize');
    mount(stored(), '--bind', stored());
    execFileSync('mount', ['-o', 'remount,ro,bind', stored()]);
    for (const command of [
      ['plan'],
      ['status'],
      ['runs'],
      ['gaps'],
      ['events'],
      ['explain', 'raw.points@2024-01-15'],
    ])
      expect(await project.run(...command), command[0]).toMatchObject({code: 0});
    expect(await project.run('materialize')).toMatchObject({
      code: 1,
      out: '',
      err: `error: The ledger '${stored('ledger.sqlite')}' cannot be opened. Allow this user to read and write the file and its folder.\n`,
    });
    expect((await project.run('query', 'SELECT 1')).err).toBe(
      `error: The warehouse '${stored('warehouse.duckdb')}' cannot be opened: this user may not write it. Allow this user to write the file and its folder.\n`,
    );
  });
});

describe('a clock that jumps', () => {
  const DAY = 86_400_000;

  test.for([-400 * DAY, -DAY, 400 * DAY])(
    'by %i ms between runs makes nothing twice and loses nothing',
    async jump => {
      expect((await project.run('materialize')).code).toBe(0);
      project.clockMs = jump;
      // Days that are not due yet by the new clock are not asked for, and what is made stays.
      expect((await project.run('materialize')).code).toBe(0);
      expect((await project.run('verify', '--data')).code).toBe(0);
      project.clockMs = 0;
      expect((await project.run('plan', '--detailed-exitcode')).code).toBe(0);
    },
  );

  test.for([-400 * DAY, 400 * DAY])('by %i ms while a run is at work changes nothing of it', async jump => {
    let sign = 0;
    project.onOutput = () => {
      project.clockMs = sign++ % 2 === 0 ? jump : 0;
    };
    const said = await project.run('materialize', '--json');
    expect(said).toMatchObject({code: 0});
    project.onOutput = () => undefined;
    project.clockMs = 0;
    await expectWhole();
  });
});
