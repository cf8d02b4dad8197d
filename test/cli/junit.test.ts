/** What `gameplan test --junit FILE` writes, as CI systems read it. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {junitXml} from '../../cli/junit.ts';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
beforeEach(() => {
  project = new ToyProject();
});
afterEach(() => project.remove());

const read = (file: string) => readFileSync(path.join(project.root, file), 'utf8');
const withoutTimes = (text: string) =>
  text.replaceAll(/time="\d+\.\d{3}"/g, 'time="0.000"').replaceAll(/timestamp="[^"]+"/g, 'timestamp="T"');

test('every case is there with its time, and a failure with the printed difference', async () => {
  project.write(
    'assets/totals.test.yaml',
    `${read('assets/totals.test.yaml')}- name: 'says "so" & fails <here>'
  calendar: [{date: 2024-01-15, season: 2023-24}]
  partitions: [2024-01-15]
  inputs: {points: [{game_date: 2024-01-15, player: ana, points: 3}]}
  expect: [{game_date: 2024-01-15, total: 4}]
`,
  );
  const {code, out} = await project.run('test', '--junit', 'reports/tests.xml');
  expect(code).toBe(1);
  expect(out).toContain('      row ["2024-01-15"]: total is 3, expected 4\n');
  const difference = 'row [&quot;2024-01-15&quot;]: total is 3, expected 4';
  expect(withoutTimes(read('reports/tests.xml'))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="gameplan toy" tests="2" failures="1" errors="0" time="0.000">
  <testsuite name="stats.totals" tests="2" failures="1" errors="0" skipped="0" time="0.000" timestamp="T" file="assets/totals.test.yaml">
    <testcase name="adds up the points of a date" classname="stats.totals" time="0.000"/>
    <testcase name="says &quot;so&quot; &amp; fails &lt;here&gt;" classname="stats.totals" time="0.000">
      <failure message="${difference}" type="difference">${difference}</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test('batches are there too', async () => {
  await project.run('materialize');
  expect((await project.run('test', '--batches', '--junit', 'batches.xml')).code).toBe(0);
  const text = read('batches.xml');
  expect(text).toContain('<testcase name="batches" classname="stats.totals" time="');
  expect(text).toContain('<testcase name="batches" classname="stats.running" time="');
  expect(text).not.toContain('<failure');
});

test('a file that cannot be written is told with its mend', async () => {
  const {code, err} = await project.run('test', '--junit', 'pipeline.yaml/tests.xml');
  expect(code).toBe(1);
  expect(err).toMatch(
    /^error: --junit pipeline\.yaml\/tests\.xml cannot be written \(.*\): name another file\.\n$/,
  );
});

test('what XML cannot hold is shown, and nothing that it holds means something else', () => {
  const text = junitXml({
    project: {pipeline: {name: 'toy'}},
    results: [
      {
        asset: 'a.b',
        test: 'x',
        file: 'x.test.yaml',
        durationMs: 1234,
        detail: '',
        differences: ['one ]]> &#13; \r\x1b[31m \ud800', 'two'],
      },
    ],
    startedAt: 0,
  });
  expect(text).toContain('<testcase name="x" classname="a.b" time="1.234">');
  expect(text).toContain('<failure message="one ]]&gt; &amp;#13; &#13;\ufffd[31m \ufffd" type="difference">');
  expect(text).toContain('\ntwo</failure>');
});
