/**
 * `gameplan ci`: what a build of a change asks in one go: whether the project is right, whether its tests pass, and
 * what becomes stale by the change; told where people look at it. Opens no warehouse and makes nothing.
 */
import {counted} from '../../planner/amount.ts';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {visible} from '../../report/text.ts';
import {againstText} from '../against.ts';
import {
  type Annotation,
  annotationOf,
  githubCommands,
  githubLog,
  gitlabReport,
  inRepository,
} from '../annotation.ts';
import {type TestResult, testFixtures, testName, WrongCases} from '../asset-tests.ts';
import {type CiReport, ciMarkdown, LONGEST_COMMENT} from '../ci-report.ts';
import type {Command, Invocation, Options} from '../command.ts';
import {junitFlag, nowFlag, projectFlags} from '../flags.ts';
import {addToSummary, comment, pullRequestOf} from '../github.ts';
import {junitXml} from '../junit.ts';
import {writeOut} from '../out-file.ts';
import {readManifest, readWithDiagnostics} from '../project.ts';
import {EXIT, Refusal, type World} from '../world.ts';

export const ciCommand: Command = {
  name: 'ci',
  summary: 'validate, test and plan a change, told where a CI system shows it',
  arguments: [],
  flags: [
    ...projectFlags,
    {
      flags: '--against <gitref>',
      description:
        'tell what the change since that commit makes stale (default: what a pull request is against)',
    },
    {flags: '--portable', description: 'also tell what BigQuery would refuse or read otherwise'},
    {flags: '--no-tests', description: "leave out the assets' own tests"},
    {
      flags: '--no-comment',
      description: 'make no comment, also where GITHUB_TOKEN and a pull request are there',
    },
    junitFlag,
    {
      flags: '--code-quality <file>',
      description: "also write the mistakes to a file, as GitLab's code quality",
    },
    {flags: '--report <file>', description: 'also write the whole report to a file, as Markdown'},
    nowFlag,
  ],
  examples: [
    'gameplan ci',
    'gameplan ci --against origin/main --junit reports/tests.xml --report reports/change.md',
    'gameplan ci --code-quality gl-code-quality-report.json',
    'gameplan ci --no-tests --no-comment',
  ],
  run: async ({world, ...asked}) => {
    // What is told here is told in files and comments as well.
    const invocation = {...asked, world: {...world, isColored: false}};
    const report = await look(invocation);
    writeFiles(invocation, report);
    await tell(invocation, report);
    const isWrong = report.valid === undefined || report.tests?.some(isFailed) === true;
    return isWrong ? EXIT.wrong : EXIT.done;
  },
};

function isFailed({differences}: TestResult): boolean {
  return differences.length > 0;
}

/** Prints as it goes; what is wrong with the project ends it. */
async function look(invocation: Invocation): Promise<CiReport> {
  const {options, world} = invocation;
  const {root, shown: manifest} = readManifest(invocation);
  const log = logOf(world);
  const {project, diagnostics} = await readWithDiagnostics(invocation, {
    bind: true,
    portable: options.portable === true,
  });
  const annotations = diagnostics.map(each => annotationOf(each, {root, manifest, world}));
  log(formatDiagnostics(diagnostics));
  annotate(world, annotations);
  if (project === undefined) {
    const errors = annotations.filter(({severity}) => severity === 'error').length;
    log(`\n${counted(errors, 'error')}.\n`);
    return {annotations, valid: undefined, tests: undefined, plan: undefined};
  }
  const {assets, target, name} = project.pipeline;
  const valid = `${name} is valid (${counted(assets.size, 'asset')}, target ${target.name})`;
  log(`${valid}.\n`);
  const startedAt = world.now();
  const tests = options.tests === false ? undefined : await runTests(invocation, {project, root, log});
  if (options.junit !== undefined) {
    const text = junitXml({project, results: tests ?? [], startedAt});
    writeOut(world, {flag: '--junit', file: options.junit, text});
  }
  return {annotations, valid, tests, plan: await planOf(invocation)};
}

type Log = (text: string) => void;

/** In a workflow of GitHub's, text of the project's files is kept apart from commands to the runner. */
function logOf(world: World): Log {
  return isGithub(world) ? text => world.write(githubLog(text)) : world.write;
}

function isGithub({env}: Pick<World, 'env'>): boolean {
  return env['GITHUB_ACTIONS'] === 'true';
}

function annotate(world: World, annotations: readonly Annotation[]): void {
  if (isGithub(world)) world.write(githubCommands(annotations));
}

async function runTests(
  invocation: Invocation,
  {project, root, log}: {project: Parameters<typeof testFixtures>[1]; root: string; log: Log},
): Promise<readonly TestResult[]> {
  const {world} = invocation;
  const results: TestResult[] = [];
  const add = (result: TestResult): void => {
    results.push(result);
    const lines = result.differences.map(line => `      ${visible(line)}\n`).join('');
    log(`${isFailed(result) ? 'failed' : 'passed'} ${testName(result)} (${result.detail})\n${lines}`);
  };
  try {
    await testFixtures(invocation, project, add);
  } catch (error) {
    // A file of cases with mistakes: told like a test that fails, so that the rest of the report is made.
    if (!(error instanceof WrongCases)) throw error;
    add({
      asset: 'tests',
      test: 'files of cases',
      file: error.diagnostics[0]?.at.file.path ?? '',
      durationMs: 0,
      detail: 'not run',
      differences: error.text.trimEnd().split('\n'),
    });
  }
  const failed = results.filter(isFailed).map((result): Annotation => {
    const message = [testName(result), ...result.differences].join('\n');
    const file = inRepository(result.file, {root, world});
    return {severity: 'error', code: 'test-failed', message, file, place: undefined};
  });
  annotate(world, failed);
  return results;
}

/** What cannot be told fails no build: the older project may be what this change mends. */
async function planOf({options, world}: Invocation): Promise<CiReport['plan']> {
  const ref = options.against ?? baseOf(world);
  if (ref === undefined) return undefined;
  const {directory, manifest, target, now} = options;
  const asked: Options = {
    ...(directory === undefined ? {} : {directory}),
    ...(manifest === undefined ? {} : {manifest}),
    ...(target === undefined ? {} : {target}),
    ...(now === undefined ? {} : {now}),
    markdown: true,
  };
  try {
    const {text} = await againstText({args: [], options: asked, world}, ref);
    return {kind: 'table', text};
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = error.text.replace(/^error: /, '');
    world.complain(`warning: ${why}`);
    return {kind: 'refused', why};
  }
}

/** The commit that a pull request of GitHub's, or a merge request of GitLab's, is against. */
function baseOf({env}: World): string | undefined {
  return pullRequestOf(env)?.base ?? env['CI_MERGE_REQUEST_DIFF_BASE_SHA'];
}

function writeFiles({options, world}: Invocation, report: CiReport): void {
  const {codeQuality, report: file} = options;
  if (codeQuality !== undefined)
    writeOut(world, {flag: '--code-quality', file: codeQuality, text: gitlabReport(report.annotations)});
  if (file !== undefined)
    writeOut(world, {flag: '--report', file, text: ciMarkdown(report, LONGEST_SUMMARY)});
}

/** GitHub takes a mebibyte of a step's summary. */
const LONGEST_SUMMARY = 500_000;

/** The summary of the job always; the comment where there is a pull request and a token that may. */
async function tell(invocation: Invocation, report: CiReport): Promise<void> {
  const {options, world} = invocation;
  const {env} = world;
  const text = ciMarkdown(report, LONGEST_SUMMARY);
  const isSummed = addToSummary(env, text);
  if (!isSummed && !isGithub(world)) world.write(`\n${text}`);
  const pullRequest = pullRequestOf(env);
  const token = env['GITHUB_TOKEN'] ?? '';
  if (pullRequest === undefined || token === '' || options.comment === false) return;
  const marker = markerOf(invocation);
  const body = `${marker}\n${ciMarkdown(report, LONGEST_COMMENT - marker.length)}`;
  const done = await comment({env, token, pullRequest, marker, text: body});
  const instead = isSummed ? 'The report is in the summary of the job.' : 'The report is not shown.';
  switch (done.kind) {
    case 'refused':
      // As it is for a change from a fork: nobody can mend it, so it is no warning.
      world.write(`::notice title=gameplan::${oneLine(done.why)}. ${instead}\n`);
      return;
    case 'failed':
      world.write(`::warning title=gameplan::No comment was made: ${oneLine(done.why)}. ${instead}\n`);
      return;
    default:
      world.write(
        `The comment was ${done.kind === 'unchanged' ? 'left as it was' : done.kind}: ${done.url}\n`,
      );
  }
}

function oneLine(text: string): string {
  return visible(text).replaceAll('%', '%25');
}

/** One comment a project and target of a repository. */
function markerOf(invocation: Invocation): string {
  const {options, world} = invocation;
  const {root} = readManifest(invocation);
  const manifest = inRepository(options.manifest ?? 'pipeline.yaml', {root, world});
  const name = `${manifest} ${options.target ?? ''}`.trim();
  return `<!-- gameplan ci: ${encodeURIComponent(name).replaceAll('-', '%2D')} -->`;
}
