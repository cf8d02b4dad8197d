/**
 * `gameplan plan --against GITREF`: reads the project as it is and as it was, and says what the change does.
 * It does not compare (planner/against.ts) nor print (print-against.ts).
 */
import {type Against, compareProjects} from '../planner/against.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {jsonText, keyOrderOf} from '../report/frame-view.ts';
import {type Project, withSnapshot} from '../report/project-ledger.ts';
import type {Invocation, Options} from './command.ts';
import {askingFlags} from './flags.ts';
import {type Commit, withTreeAt} from './git-tree.ts';
import {againstJson, againstMarkdown, printAgainst} from './print-against.ts';
import {openProject} from './project.ts';
import {rangeOf, selectionOf} from './request.ts';
import {screenOf} from './view.ts';
import {EXIT, Refusal, UsageError, type World} from './world.ts';

export async function showAgainst(invocation: Invocation, ref: string): Promise<number> {
  const {options, world} = invocation;
  refuseFlags(options);
  const {text, hasWork} = await againstText(invocation, ref);
  world.write(text);
  return options.detailedExitcode === true && hasWork ? EXIT.work : EXIT.done;
}

/** As text, JSON or Markdown, whichever the options say; and whether there is something to make. */
export async function againstText(
  invocation: Invocation,
  ref: string,
): Promise<{readonly text: string; readonly hasWork: boolean}> {
  const {args, options, world} = invocation;
  const after = await openProject(invocation);
  const range = rangeOf(options, world);
  const assets = assetsAsked(args, after, world);
  const {before, commit} = await withTreeAt(after.root, ref, async (folder, found) => ({
    before: await openAt(folder, found, invocation),
    commit: found,
  }));
  const now = options.now ?? world.now();
  return withSnapshot(after, ledger => {
    const against = compareProjects({before, after, ledger, now, range, assets});
    return {text: textOf(against, commit, invocation), hasWork: against.assets.some(makesWork)};
  });
}

function makesWork({run, runIf}: Against['assets'][number]): boolean {
  return run.length + runIf.length > 0;
}

function textOf(against: Against, commit: Commit, {options, world}: Invocation): string {
  if (options.json === true) return jsonText(againstJson({against, commit}));
  const keyOrder = keyOrderOf(against.frame);
  if (options.markdown === true) return againstMarkdown({against, commit, keyOrder});
  return printAgainst({against, commit, keyOrder, ...screenOf(world)});
}

/** The project at the commit; its mistakes are told as what they are: the older project's. */
async function openAt(folder: string, {ref}: Commit, {options, world}: Invocation): Promise<Project> {
  const {directory: _, ...rest} = options;
  const manifest = options.manifest?.split(/[/\\]/).at(-1);
  try {
    return await openProject({
      options: {...rest, ...(manifest === undefined ? {} : {manifest})},
      world: {...world, cwd: folder},
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`error: The project at ${ref} cannot be read:\n${error.text}`);
  }
}

function assetsAsked(
  args: readonly string[],
  {pipeline}: Project,
  world: World,
): ReadonlySet<AssetName> | undefined {
  const selection = selectionOf(args, pipeline, world);
  if (selection === undefined) return undefined;
  if (selection.some(({states}) => states !== undefined))
    throw new UsageError('--against compares whatever the state: select assets, without state:.');
  return new Set(selection.flatMap(({assets}) => [...assets]));
}

const DATES: ReadonlySet<string> = new Set(['--from', '--to', '--dates', '--season']);

function refuseFlags(options: Options): void {
  const {acceptCalendar, out, all} = options;
  const isMore = [acceptCalendar, out, all].some(each => each !== undefined);
  if (isMore || askingFlags(options).some(flag => !DATES.has(flag)))
    throw new UsageError(
      '--against takes selectors, dates, --target, --now, --json, --markdown and --detailed-exitcode alone.',
    );
  if (options.json === true && options.markdown === true)
    throw new UsageError('--json and --markdown: choose one.');
}
