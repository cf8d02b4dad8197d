import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

const place = () => path.join(project.root, 'plan.json');
const text = () => readFileSync(place(), 'utf8');

function change(file: string, from: string, to: string): void {
  const before = readFileSync(path.join(project.root, file), 'utf8');
  expect(before).toContain(from);
  project.write(file, before.replace(from, to));
}

function lastLine(out: string): Record<string, unknown> {
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
}

describe('a plan that is written', () => {
  test('is shown as ever, and applied exactly', async () => {
    const planned = await project.run(
      'plan',
      'raw.points',
      '--dates',
      '2024-01-15,2024-01-18',
      '--out',
      'plan.json',
    );
    expect(planned.code).toBe(0);
    expect(planned.out).toContain('Plan: 2 to materialize (2 missing)');
    expect(planned.err).toBe("Written to plan.json; 'gameplan materialize plan.json' applies it.\n");
    const made = await project.run('materialize', 'plan.json');
    expect(made.out).toMatch(/Run \S+: 2 requested: 2 succeeded in/);
    expect(made.code).toBe(0);
    const rest = JSON.parse((await project.run('plan', 'raw.points', '--json')).out);
    expect(rest.partitions.map(({key}: {key: string}) => key)).toEqual(['2024-01-16']);
  });

  test('holds the request, the hashes, and a line for each partition', async () => {
    await project.run('plan', 'raw.points', '--from', '2024-01-16', '--limit', '1', '--out', 'plan.json');
    const file = JSON.parse(text());
    expect(file).toMatchObject({
      format: 'gameplan plan',
      version: 1,
      pipeline: 'toy',
      target: 'local',
      ledger: 0,
      question: {selectors: ['raw.points'], range: {from: '2024-01-16'}, limit: 1, force: false},
      actions: {run: 1},
    });
    expect(file.manifest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(file.calendar).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(text().match(/^ {2}\{"asset":"raw.points","key":"2024-01-16"/gm)).toHaveLength(1);
  });

  test('with nothing to do is applied and does nothing', async () => {
    await project.run('materialize');
    await project.run('plan', '--out', 'plan.json');
    expect(await project.run('materialize', 'plan.json')).toEqual({
      code: 0,
      out: 'Nothing to do: plan.json lists 0 partitions, and nothing of it is left.\n',
      err: '',
    });
  });

  test('can be looked at without touching anything', async () => {
    await project.run('plan', 'raw.points', '--out', 'plan.json');
    const before = project.files();
    const dry = await project.run('materialize', 'plan.json', '--dry-run');
    expect(dry.out).toContain('Plan: 3 to materialize (3 missing)');
    expect(project.files()).toEqual(before);
  });

  test('overwrites an older plan and nothing else', async () => {
    expect((await project.run('plan', '--out', 'plan.json')).code).toBe(0);
    expect((await project.run('plan', 'raw.points', '--out', 'plan.json')).code).toBe(0);
    const manifest = readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8');
    const refused = await project.run('plan', '--out', 'pipeline.yaml');
    expect(refused.code).toBe(64);
    expect(refused.err).toBe(
      'error: --out pipeline.yaml: that file is no plan, and would be lost. Choose another name.\n',
    );
    expect(readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8')).toBe(manifest);
    expect((await project.run('plan', '--out', 'assets')).err).toContain('that is a folder');
    expect(await project.run('plan', '--out', 'nowhere/plan.json')).toMatchObject({
      code: 1,
      err: 'error: nowhere/plan.json cannot be written: there is no such folder.\n',
    });
    expect(await project.run('plan', '--out', 'pipeline.yaml/plan.json')).toMatchObject({
      code: 1,
      err: expect.stringContaining('error: pipeline.yaml/plan.json cannot be written: '),
    });
    expect(project.files().filter(name => name.includes('tmp'))).toEqual([]);
  });
});

test('a plan of nothing that failed is written all the same', async () => {
  await project.run('materialize');
  expect((await project.run('plan', '--failed', '--out', 'plan.json')).code).toBe(0);
  expect(JSON.parse(text()).partitions).toEqual([]);
});

describe('a plan that does not hold any more', () => {
  test('is refused with what changed, and nothing is made', async () => {
    await project.run('plan', '--out', 'plan.json');
    await project.run('materialize', 'raw.points', '--dates', '2024-01-15,2024-01-16');
    change('assets/totals.sql', 'sum(points)', 'max(points)');
    const files = project.files();
    const refused = await project.run('materialize', 'plan.json');
    expect(refused).toEqual({
      code: 1,
      out: '',
      err: `error: plan.json does not hold any more. Of what it lists and what that reads, this changed since 2024-02-01 07:00 ET:
  raw.points    2024-01-15, 2024-01-16  made since, was missing, is fresh
  stats.totals  its query changed
Nothing was made. 'gameplan materialize plan.json --replan' plans the same request anew.
`,
    });
    expect(project.files()).toEqual(files);
    expect((await project.run('runs', '--json')).out.match(/"id"/g)).toHaveLength(1);
    const json = await project.run('materialize', 'plan.json', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      kind: 'refused',
      changes: [
        {
          kind: 'changed',
          asset: 'raw.points',
          key: '2024-01-15',
          was: {state: 'missing'},
          is: {state: 'fresh'},
        },
        {kind: 'changed', key: '2024-01-16'},
        {kind: 'redefined', asset: 'stats.totals', parts: [{kind: 'definition-changed', part: 'query'}]},
      ],
    });
  });

  test('is planned anew with --replan, which says what differs and goes on', async () => {
    await project.run('plan', 'stats.totals', 'raw.points', '--to', '2024-01-16', '--out', 'plan.json');
    await project.run('materialize', 'raw.points', '--dates', '2024-01-15');
    const made = await project.run('materialize', 'plan.json', '--replan');
    expect(made.out).toContain(`Changed since plan.json was written:
  raw.points  2024-01-15  made since, was missing, is fresh
The new plan differs in 1 partition:
  raw.points  2024-01-15  left out: was run
`);
    expect(made.out).toMatch(/Run \S+: 3 requested: 3 succeeded in/);
    expect(made.code).toBe(0);
  });

  test('holds where the change is beside what it lists', async () => {
    await project.run('plan', 'raw.points', '--out', 'plan.json');
    change('assets/totals.sql', 'sum(points)', 'max(points)');
    change('pipeline.yaml', 'Points of two players a date.', 'Points of two players, each date.');
    expect((await project.run('materialize', 'plan.json')).out).toMatch(/3 requested: 3 succeeded/);
  });

  test('is refused on another target', async () => {
    await project.run('plan', '--out', 'plan.json');
    change('pipeline.yaml', '  local:\n', '  other:\n');
    expect((await project.run('materialize', 'plan.json')).err).toContain('unknown-target');
    expect((await project.run('materialize', 'plan.json', '--target', 'other')).err).toBe(
      "error: plan.json is a plan for the target 'local' of the pipeline 'toy', and this is 'other' of 'toy'.\n",
    );
  });
});

describe('a plan that was begun', () => {
  test('is finished by applying it again after a failure', async () => {
    await project.run('plan', '--out', 'plan.json');
    project.write('fail-2024-01-16', '');
    const first = await project.run('materialize', 'plan.json');
    expect(first.code).toBe(1);
    expect(first.out).toContain('1 failed');
    rmSync(path.join(project.root, 'fail-2024-01-16'));
    // What can do without that date was made in the first run.
    const again = await project.run('materialize', 'plan.json');
    expect(again.err).toBe('');
    expect(again.out).toMatch(/Run \S+: 2 requested: 2 succeeded in/);
    expect(again.code).toBe(0);
    expect((await project.run('materialize', 'plan.json')).out).toBe(
      'Nothing to do: plan.json lists 9 partitions, and nothing of it is left.\n',
    );
    const runs = JSON.parse((await project.run('runs', '--json')).out);
    expect(new Set(runs.map(({plan}: {plan: string}) => plan))).toEqual(new Set([JSON.parse(text()).id]));
  });

  test('is finished by applying it again after an interrupt', async () => {
    await project.run('plan', '--out', 'plan.json');
    project.onOutput = out => {
      if (out.includes('"batch-started"')) project.interrupt();
    };
    const first = await project.run('materialize', 'plan.json', '--json', '--concurrency', '1');
    expect(first.code).toBe(130);
    project.onOutput = () => undefined;
    const done = Number(lastLine(first.out)['succeeded']);
    const again = await project.run('materialize', 'plan.json', '--json');
    expect(again.code).toBe(0);
    expect(lastLine(again.out)).toMatchObject({requested: 9 - done, succeeded: 9 - done});
  });

  test('follows what was planned only for its inputs, and knows what was not needed', async () => {
    await project.run('materialize');
    await project.run(
      'plan',
      'raw.points',
      'stats.totals',
      '--force',
      '--dates',
      '2024-01-15',
      '--out',
      'plan.json',
    );
    await project.run('materialize', 'plan.json');
    change('assets/points.ts', 'points: day + index', 'points: day + index + 0');
    await project.run('plan', '--to', '2024-01-15', '--out', 'plan.json');
    expect(JSON.parse(text()).actions).toMatchObject({run: 1, 'run-if': 1});
    const made = await project.run('materialize', 'plan.json', '--json');
    expect(lastLine(made.out)).toMatchObject({requested: 2, unchanged: 1, 'not-needed': 1});
    expect((await project.run('materialize', 'plan.json')).out).toContain('nothing of it is left');
  });
});

describe('what cannot be applied', () => {
  test('is told with its place', async () => {
    await project.run('plan', '--out', 'plan.json');
    const whole = text();
    writeFileSync(place(), whole.slice(0, whole.length / 2));
    expect(await project.run('materialize', 'plan.json')).toMatchObject({code: 1, out: ''});
    expect((await project.run('materialize', 'plan.json')).err).toMatch(
      /^plan.json:\d+:\d+ error \[damaged-plan\] The plan ends too early: .*\n +\S.*\n +~/,
    );
    writeFileSync(place(), whole.replace('"run"', '"skip"'));
    expect((await project.run('materialize', 'plan.json')).err).toContain(
      'plan.json:4:2 error [damaged-plan]',
    );
    writeFileSync(place(), whole.replace('"version": 1', '"version": 7'));
    expect((await project.run('materialize', 'plan.json')).err).toContain('plan.json:3:2 error [newer-plan]');
    const other = await project.run('materialize', 'package.json');
    expect(other).toMatchObject({code: 1, out: ''});
    expect(other.err).toContain("package.json:1:1 error [foreign-plan] 'package.json' is no plan");
    expect((await project.run('materialize', 'none.json')).code).toBe(64);
    expect(existsSync(path.join(project.root, '.gameplan/warehouse.duckdb'))).toBe(false);
  });

  test('is what a command asks for beside the file', async () => {
    await project.run('plan', '--out', 'plan.json');
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [['plan.json', 'raw.points'], 'a plan file stands alone'],
      [['plan.json', '--from', '2024-01-16'], 'leave --from out, or write another plan'],
      [['plan.json', '--force', '--missing-only'], 'leave --missing-only, --force out'],
      [['--replan'], '--replan goes with a plan file'],
    ];
    for (const [args, told] of wrong) {
      const {code, err} = await project.run('materialize', ...args);
      expect({args, code}).toEqual({args, code: 64});
      expect(err).toContain(told);
    }
  });
});
