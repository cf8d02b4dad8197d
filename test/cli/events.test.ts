/** The source coverage log on a real ledger: what is held back is an open event until it is made right. */
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ToyProject} from './command-line.ts';
import {expectGolden} from './golden.ts';
import {printed} from './printed.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

const CHECK = 'range: {column: points, min: 0, max: 100}';

async function events(...flags: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  return JSON.parse((await project.run('events', '--json', ...flags)).out);
}

test('a check that fails is an event, open until a later run publishes without it', async () => {
  project.declare(CHECK, 'range: {column: points, min: 0, max: 15}');
  await project.run('materialize');
  const before = await printed(project, ['events']);
  project.declare(CHECK, CHECK);
  await project.run('materialize', '--force');
  expectGolden('print/events-resolved.txt', `${before}\n${await printed(project, ['events'])}`);
});

test('events are chosen by kind, severity, age, run and asset', async () => {
  project.declare(CHECK, `${CHECK}}, {severity: warn, range: {column: points, max: 15}`);
  await project.run('materialize');
  const all = await events();
  expect(all.length).toBeGreaterThan(0);
  expect(new Set(all.map(({severity}) => severity))).toEqual(new Set(['warning']));
  expect(await events('--severity', 'error')).toEqual([]);
  expect(await events('--severity', 'warning', 'raw.points')).toEqual(all);
  expect(await events('--kind', 'source-error')).toEqual([]);
  expect(await events('stats.totals')).toEqual([]);
  expect(await events('--since', '1h', '--run', String(all[0]?.['run']))).toEqual(all);
  expect(await events('--since', '1ms')).toEqual([]);
  expect(await events('--limit', '1')).toEqual(all.slice(0, 1));
});

test('a project that has run nothing has no events, and no ledger is made', async () => {
  expect(await project.run('events')).toMatchObject({code: 0, out: 'No events.\n'});
  expect(await project.run('events', '--by-game')).toMatchObject({code: 0, out: 'No events of any game.\n'});
  expect(project.files()).not.toContain('.gameplan/ledger.sqlite');
});

test('what is asked wrongly is told with what there is', async () => {
  const text = await printed(
    project,
    ['events', '--kind', 'source-eror'],
    ['events', '--severity', 'bad'],
    ['events', '--since', 'yesterday'],
    ['events', 'raw.pionts'],
  );
  expectGolden('print/events-refused.txt', text);
});
