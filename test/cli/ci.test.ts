/** `gameplan ci` and `validate --format`: what CI systems are told of a change, and the one comment of a pull request. */
import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {annotationOf, githubCommands, gitlabReport} from '../../cli/annotation.ts';
import {ciMarkdown} from '../../cli/ci-report.ts';
import {comment} from '../../cli/github.ts';
import {diagnose} from '../../planner/diagnostic.ts';
import {GithubServer} from '../kit/github-server.ts';
import {type Said, ToyProject} from './command-line.ts';

let project: ToyProject;
let github: GithubServer;
beforeEach(async () => {
  project = new ToyProject();
  github = await GithubServer.start();
});
afterEach(async () => {
  project.remove();
  await github.stop();
});

const at = (file: string) => path.join(project.root, file);
const read = (file: string) => readFileSync(at(file), 'utf8');

function change(file: string, from: string, to: string): void {
  expect(read(file)).toContain(from);
  project.write(file, read(file).replace(from, to));
}

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'commit.gpgsign=false'];
  const {status, stdout, stderr} = spawnSync('git', [...who, ...args], {cwd: project.root, encoding: 'utf8'});
  expect({args, status, stderr: status === 0 ? '' : stderr}).toEqual({args, status: 0, stderr: ''});
  return stdout.trim();
}

/** A job of pull request 7, of a change since what is committed now. */
function pullRequest(token = github.token): void {
  git('init', '--quiet', '--initial-branch', 'main');
  writeFileSync(at('.gitignore'), '.gameplan/\nout/\n');
  git('add', '.');
  git('commit', '--quiet', '--message', 'Begin');
  const sha = git('rev-parse', 'HEAD');
  project.write('out/event.json', JSON.stringify({pull_request: {number: 7, base: {sha}}}));
  project.env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: project.root,
    GITHUB_REPOSITORY: 'club/stats',
    GITHUB_EVENT_PATH: at('out/event.json'),
    GITHUB_STEP_SUMMARY: at('out/summary.md'),
    GITHUB_API_URL: github.url,
    GITHUB_TOKEN: token,
  };
}

const ci = (...args: readonly string[]): Promise<Said> => project.run('ci', ...args);

describe('a pull request', () => {
  test('is told what it makes stale in one comment, which is kept up to date', async () => {
    pullRequest();
    for (let i = 0; i < 130; i++) github.add(7, `talk ${i}`);
    change('assets/running.sql', 'coalesce(sum', 'coalesce(max');
    const first = await ci();
    expect([first.code, first.err]).toEqual([0, '']);
    expect(first.out).toMatch(/The comment was created: https:\/\/github\.test\/\S+\n$/);
    const own = github.comments.at(-1);
    expect(own?.body).toMatch(
      /^<!-- gameplan ci: pipeline\.yaml -->\n### gameplan: toy is valid \(3 assets, target local\)\n\nTests: 1 passed, 0 failed\.\n/,
    );
    expect(own?.body).toContain('| `stats.running` | its query changed | 3 stale: 2024-01-15 … 2024-01-18 |');
    expect(read('out/summary.md')).toContain('| `stats.running` | its query changed |');
    const {length} = github.comments;

    change('assets/totals.sql', 'sum(points)', 'max(points)');
    const second = await ci();
    expect([second.code, github.comments.length]).toEqual([1, length]);
    expect(second.out).toMatch(/The comment was updated: /);
    expect(own?.body).toContain('| `stats.totals` | its query changed |');
    expect(own?.body).toContain('Tests: 0 passed, 1 failed.');
    expect(github.requests.filter(each => each.includes('page=2'))).toHaveLength(2);
  });

  test('with mistakes has them as annotations and in the comment, and its exit code is 1', async () => {
    pullRequest();
    change('pipeline.yaml', 'points: raw.points', 'points: raw.pionts');
    const {code, out} = await ci('--code-quality', 'out/quality.json', '--report', 'out/report.md');
    expect(code).toBe(1);
    expect(out).toMatch(
      /^::error file=pipeline\.yaml,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=unknown-upstream::No asset is named 'raw\.pionts'\. Did you mean 'raw\.points'\?$/m,
    );
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain("[unknown-upstream] No asset is named 'raw.pionts'.");
    expect(JSON.parse(read('out/quality.json'))).toMatchObject([
      {check_name: 'unknown-upstream', severity: 'major', location: {path: 'pipeline.yaml'}},
    ]);
    expect(read('out/report.md')).toContain('### gameplan: 1 error');
  });

  test('of a fork, whose token may not write, is told in the summary alone', async () => {
    pullRequest();
    github.isReadOnly = true;
    const {code, out} = await ci();
    expect(code).toBe(0);
    expect(out).toMatch(
      /::notice title=gameplan::The token may not comment .*Resource not accessible.*summary of the job\.\n$/,
    );
    expect(read('out/summary.md')).toContain('Nothing becomes stale or missing by this change.');
    expect(github.comments).toEqual([]);
    project.env = {...project.env, GITHUB_TOKEN: ''};
    const asked = github.requests.length;
    expect((await ci()).code).toBe(0);
    expect(github.requests).toHaveLength(asked);
  });

  test('of a shallow clone says what is missing, and fails nothing by it', async () => {
    pullRequest();
    project.write('out/event.json', JSON.stringify({pull_request: {number: 7, base: {sha: 'f'.repeat(40)}}}));
    const {code, err} = await ci();
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: .*there is no such commit, branch or tag/m);
    expect(err).not.toMatch(/^error:/m);
    expect(github.comments[0]?.body).toContain('What the change makes stale could not be told:');
  });
});

test('elsewhere the report is printed, and nothing is asked of GitHub', async () => {
  const {code, out} = await ci('--no-tests');
  expect(code).toBe(0);
  expect(out).toBe(
    'toy is valid (3 assets, target local).\n\n### gameplan: toy is valid (3 assets, target local)\n',
  );
});

test('a test that fails, and a file of cases with a mistake, are told at their files', async () => {
  project.env = {GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: path.dirname(project.root)};
  change('assets/totals.test.yaml', 'total: 7', 'total: 8');
  const folder = path.basename(project.root);
  const failed = await ci('--junit', 'out/tests.xml');
  expect(failed.code).toBe(1);
  expect(failed.out).toContain(
    `::error file=${folder}/assets/totals.test.yaml,title=test-failed::stats.totals: adds up the points of a date%0Arow ["2024-01-15"]: total is 7, expected 8\n`,
  );
  expect(read('out/tests.xml')).toContain('<failure message="row [&quot;2024-01-15&quot;]: total is 7');
  change('assets/totals.test.yaml', 'partitions:', 'partition:');
  const wrong = await ci();
  expect(wrong.code).toBe(1);
  expect(wrong.out).toContain(
    `::error file=${folder}/assets/totals.test.yaml,title=test-failed::tests: files of cases%0A`,
  );
});

test('on a terminal with colours, files hold none of them, and name the file of a mistake', async () => {
  pullRequest();
  project.env = {};
  const base = git('rev-parse', 'HEAD');
  project.isColored = true;
  change('assets/totals.test.yaml', 'partitions:', 'partition:');
  const {code, out} = await ci('--against', base, '--report', 'out/report.md', '--junit', 'out/tests.xml');
  expect(code).toBe(1);
  expect(read('out/tests.xml')).toContain('file="assets/totals.test.yaml"');
  for (const text of [out, read('out/report.md')]) {
    expect(text).toMatch(/assets\/totals\.test\.yaml:\d+:\d+ error \[/);
    expect(text).not.toContain('[36m');
  }
});

describe('comments', () => {
  const order = () => ({
    env: {GITHUB_API_URL: github.url},
    token: github.token,
    pullRequest: {repository: 'club/stats', number: 7, base: 'x'},
    marker: '<!-- a -->',
    text: '<!-- a -->\nhello',
    pauseMs: 1,
  });

  test('what is the same is not written again, and another marker is another comment', async () => {
    github.add(7, '<!-- b -->\nother');
    github.add(8, '<!-- a -->\nof another pull request');
    expect(await comment(order())).toMatchObject({kind: 'created'});
    expect(await comment(order())).toMatchObject({kind: 'unchanged'});
    expect(github.comments.map(({body}) => body)).toEqual([
      '<!-- b -->\nother',
      '<!-- a -->\nof another pull request',
      '<!-- a -->\nhello',
    ]);
  });

  test('a busy server is asked again, and one that stays broken is told', async () => {
    github.failures.push({status: 502}, {status: 429, headers: {'retry-after': '0.01'}});
    expect(await comment(order())).toMatchObject({kind: 'created'});
    github.failures.push({status: 500}, {status: 500}, {status: 500});
    expect(await comment(order())).toEqual({
      kind: 'failed',
      why: 'GET /repos/club/stats/issues/7/comments: HTTP 500 told to fail',
    });
    expect(await comment({...order(), token: 'wrong'})).toMatchObject({kind: 'refused'});
    const gone = await comment({...order(), env: {GITHUB_API_URL: 'http://127.0.0.1:1'}});
    expect(gone).toMatchObject({kind: 'failed'});
  });
});

describe('what a host is given', () => {
  const file = {path: 'assets/a,b: c.sql', text: 'select 1\nfrom x'};
  const folders = {
    root: '/work/repo/inner',
    manifest: 'inner/pipeline.yaml',
    world: {cwd: '/work/repo', env: {}},
  };

  test('no text of a mistake is read as another part of a command', () => {
    const one = diagnose('bad-query', {file, start: 7, end: 8}, '100%\r\n::error::no');
    const two = diagnose('bad-query', {file, start: 7, end: 13}, 'over lines');
    expect(githubCommands([annotationOf(one, folders), annotationOf(two, folders)])).toBe(
      `::error file=inner/assets/a%2Cb%3A c.sql,line=1,endLine=1,col=8,endColumn=8,title=bad-query::100%25%0D%0A::error::no
::error file=inner/assets/a%2Cb%3A c.sql,line=1,endLine=2,title=bad-query::over lines
`,
    );
  });

  test('a line of a file that looks like a command is kept from the runner', async () => {
    project.write('assets/totals.sql', 'SELECT nothing\n  ::add-mask::x FROM\n');
    const {code, out} = await project.run('validate', '--format', 'github');
    expect(code).toBe(1);
    const [, word = '', quoted = ''] =
      /^::stop-commands::([0-9a-f]{32})\n([\s\S]*?)^::\1::$/m.exec(out) ?? [];
    expect(quoted).toContain('::add-mask::x');
    expect(quoted).not.toContain(word);
    expect(out.split(`::${word}::\n`)[1]).toMatch(/^::error file=assets\/totals\.sql,line=2,/);
  });

  test("GitLab's report names two alike apart, and one that moved the same", () => {
    const issue = (start: number) =>
      annotationOf(diagnose('bad-query', {file, start, end: start}, 'm'), folders);
    const names = (...starts: number[]) =>
      (JSON.parse(gitlabReport(starts.map(issue))) as {fingerprint: string}[]).map(each => each.fingerprint);
    const [first, second] = names(0, 9);
    expect(first).not.toBe(second);
    expect(names(10)).toEqual([first]);
  });

  test('the longest report fits a comment, and its sum is still there', () => {
    const rows = Array.from(
      {length: 2000},
      (_, i) => `| \`asset${i}\` | its query changed | ${'9 stale, '.repeat(8)} | 1 |`,
    );
    const text = [
      '### what',
      '',
      '| asset | change |',
      '|---|---|',
      ...rows,
      '',
      '**Change: the sum**',
      '',
    ].join('\n');
    const differences = Array.from({length: 50}, () => '```'.repeat(300));
    const result = {asset: 'a', file: 'f', durationMs: 1, detail: ''};
    const tests = differences.map((line, i) => ({...result, test: `t${i}`, differences: [line]}));
    const shown = ciMarkdown({annotations: [], valid: 'ok', tests, plan: {kind: 'table', text}}, 65_000);
    expect(shown.length).toBeLessThanOrEqual(65_000);
    expect(shown.length).toBeGreaterThan(60_000);
    expect(shown).toContain('**Change: the sum**');
    expect(shown).toMatch(/\| … [\d,]+ assets more: see the job's summary \|/);
    expect(shown).toContain('… and 30 more');
  });
});
