import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {openLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import {ToyProject} from './command-line.ts';
import {expectFits, expectGolden} from './golden.ts';
import {printed} from './printed.ts';

let project: ToyProject;
beforeEach(async () => {
  project = new ToyProject();
  for (const day of ['2024-01-16', '2024-01-18']) project.write(`fail-${day}`, '');
  await project.run('materialize');
});
afterEach(() => project.remove());

const DAY = '2024-01-16';
const points = `raw.points@${DAY}`;
const why = ['--reason', 'The source lost that day; nobody has its rows.'];
const file = () => path.join(project.root, 'known-gaps.yaml');
const eventsOf = () => {
  const ledger = openLedger({
    place: fileLedger(path.join(project.root, '.gameplan/ledger.sqlite')),
    now: () => 0,
  });
  try {
    return ledger.events({kinds: ['gap-accepted', 'gap-reopened']});
  } finally {
    ledger.close();
  }
};

for (const width of [80, 200]) {
  test(`a gap is accepted, shown everywhere and reopened, ${width} columns wide`, async () => {
    project.columns = width;
    const text = await printed(
      project,
      ['gaps', 'accept', points, ...why, '--until', '2026-06-30', '--dry-run'],
      ['gaps', 'accept', points, ...why, '--until', '2026-06-30'],
      ['gaps'],
      ['plan'],
      ['explain', points],
      ['gaps', 'reopen', points],
      ['plan'],
    );
    // How long an attempt took decides where its line breaks.
    const steady = text.replaceAll(/^Attempts[\s\S]*?\n\n/gm, '');
    expectGolden(`print/gaps-signed-${width}.txt`, steady);
    expectFits(text.replaceAll(/^\$.*$/gm, ''), width);
  });
}

test('a dry run writes nothing, and an acceptance is recorded with who and why', async () => {
  await project.run('gaps', 'accept', points, ...why, '--dry-run');
  expect(existsSync(file())).toBe(false);
  expect(eventsOf()).toEqual([]);
  await project.run('gaps', 'accept', points, ...why, '--by', 'bo');
  expect(readFileSync(file(), 'utf8')).toBe(`- asset: raw.points
  keys: [2024-01-16]
  reason: The source lost that day; nobody has its rows.
  accepted_by: bo
  accepted_on: 2024-02-01
`);
  await project.run('gaps', 'reopen', points);
  expect(eventsOf().map(({kind, asset, key, detail}) => `${kind} ${asset}@${key} ${detail}`)).toEqual([
    `gap-reopened ${points} ada`,
    `gap-accepted ${points} bo: The source lost that day; nobody has its rows`,
  ]);
  expect(readFileSync(file(), 'utf8')).toBe('');
});

test('neither makes anything stale', async () => {
  await project.run('gaps', 'accept', points, ...why);
  expect((await project.run('status', '--json')).out).not.toContain('"stale": 1');
  expect((await project.run('plan')).out).not.toContain('stale');
  await project.run('gaps', 'reopen', points);
  expect((await project.run('plan')).out).not.toContain('stale');
});

test('the file is made where the manifest names it, also in a folder that there is not', async () => {
  project.declare('name: toy\n', 'name: toy\nknown_gaps: ops/signed.yaml\n');
  expect((await project.run('gaps')).err).toContain("There is no file 'ops/signed.yaml'");
  expect(await project.run('gaps', 'accept', points, ...why)).toMatchObject({code: 0});
  expect((await project.run('gaps', '--accepted')).out).toContain('The source lost that day');
});

test('what is no gap, and what was never accepted, is refused with its reason', async () => {
  project.write('known-gaps.yaml', '# none yet\n');
  await project.run('gaps', 'accept', 'raw.points@2024-01-18', ...why);
  const wrong: readonly (readonly string[])[] = [
    ['gaps', 'accept', points],
    ['gaps', 'accept', 'raw.points@2024-01-15', ...why],
    ['gaps', 'accept', 'raw.points@2024-01-18', ...why],
    ['gaps', 'accept', 'stats.totals@2024-01-18', ...why],
    ['gaps', 'accept', 'raw.points@2024-01-17', ...why],
    ['gaps', 'accept', 'raw.points@2023-*', ...why],
    ['gaps', 'accept', points, ...why, '--games', '7'],
    ['gaps', 'accept', points, ...why, '--until', '2024-01-31'],
    ['gaps', 'accept', 'raw.poinst@2024-01-16', ...why],
    ['gaps', 'accept', points, ...why, '--until', 'soon'],
    ['gaps', 'reopen', points],
    ['gaps', 'reopen', 'stats.totals@2024-01-18'],
  ];
  expectGolden('print/gaps-signed-refused.txt', await printed(project, ...wrong));
});

test('a file that cannot be edited is left as it is, and the user is told what it has to say', async () => {
  const text = `- asset: raw.points
  keys: &days [2024-01-16]
  reason: x
  accepted_by: y
  accepted_on: 2024-01-20
- asset: stats.totals
  keys: *days
  reason: x
  accepted_by: y
  accepted_on: 2024-01-20
`;
  project.write('known-gaps.yaml', text);
  const said = await project.run('gaps', 'reopen', points);
  expect(said).toMatchObject({code: 1});
  expect(said.err).toContain('cannot be edited here');
  expect(said.err).toContain('- asset: stats.totals\n  keys: [2024-01-16]');
  expect(readFileSync(file(), 'utf8')).toBe(text);
});

test('the coverage tracker is written to a file, or it is said why not', async () => {
  const said = await project.run('gaps', 'report', 'raw.points', '--format', 'csv', '--out', 'coverage.csv');
  expect(said).toEqual({code: 0, out: '', err: 'Written to coverage.csv.\n'});
  expect(readFileSync(path.join(project.root, 'coverage.csv'), 'utf8')).toBe(
    `table,season,counts,expected,present,percentage,accepted,open,oldest,oldest_days
raw.points,2023-24,partitions,3,1,33.3,0,2,2024-01-16,15
`,
  );
  const wrong = await project.run('gaps', 'report', '--out', 'no/such/folder.md');
  expect(wrong).toMatchObject({code: 1});
  expect(wrong.err).toContain("error: 'no/such/folder.md' cannot be written");
});

test('as JSON', async () => {
  const {out} = await project.run('gaps', 'accept', points, ...why, '--json');
  expect(JSON.parse(out)).toMatchObject({
    kind: 'accept',
    partitions: [{key: DAY, games: []}],
    added: [{keys: [DAY], reason: why[1], acceptedBy: 'ada', acceptedOn: '2024-02-01', until: null}],
    changes: [
      {asset: 'raw.points', was: 'missing', is: 'accepted', keys: [DAY]},
      {asset: 'stats.totals', was: 'missing', is: 'accepted', keys: [DAY]},
    ],
    written: true,
  });
});

test('two that sign at once both stand in the file', async () => {
  const days = [DAY, '2024-01-18'];
  const said = await Promise.all(days.map(day => project.run('gaps', 'accept', `raw.points@${day}`, ...why)));
  expect(said.map(({code, err}) => [code, err])).toEqual(days.map(() => [0, '']));
  for (const day of days) expect(readFileSync(file(), 'utf8')).toContain(day);
  expect(eventsOf()).toHaveLength(2);
  expect(existsSync(`${file()}.lock`)).toBe(false);
});
