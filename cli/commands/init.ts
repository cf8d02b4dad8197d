/**
 * `gameplan init`: writes a small project that works at once, with a first gap to find. Writes over nothing.
 * It does not run anything of it: what it prints last says what to try.
 */
import {lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {counted} from '../../planner/amount.ts';
import {jsonText} from '../../report/frame-view.ts';
import type {Command} from '../command.ts';
import {jsonFlag} from '../flags.ts';
import {EXIT, Refusal, UsageError, type World} from '../world.ts';

const MANIFEST = 'pipeline.yaml';

/** A folder of one's own may have these already: the project works with them as they are. */
const MAY_BE_THERE: ReadonlySet<string> = new Set(['README.md', '.gitignore', 'pipeline.schema.json']);

/** By path in the new project. */
type Files = ReadonlyMap<string, string>;

export const initCommand: Command = {
  name: 'init',
  summary: 'write a small project that works at once, to start from',
  arguments: [['[folder]', 'where; it is made if it is not there (default: the current one)']],
  flags: [jsonFlag],
  examples: ['gameplan init league', 'gameplan init', 'gameplan init league --json'],
  run: async ({args: [folder = '.'], options, world}) => {
    const files = await projectFiles(world.template);
    const root = path.resolve(world.cwd, folder);
    const kept = keptIn(root, folder, files);
    const written = [...files].filter(([name]) => !kept.includes(name));
    for (const [name, text] of written) writeNew(root, folder, name, text);
    if (options.json === true)
      world.write(jsonText({version: 1, folder: root, written: written.map(([name]) => name), kept}));
    else world.write(told({folder, written: written.length, kept}, world));
    return EXIT.done;
  },
};

async function projectFiles(template: string): Promise<Files> {
  const {manifestJsonSchema} = await import('../../planner/schema.ts');
  const entries = readdirSync(template, {recursive: true, withFileTypes: true});
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .map(file => [nameIn(template, file), readFileSync(file, 'utf8')] as const);
  const schema = `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`;
  return new Map(
    [...files, ['pipeline.schema.json', schema] as const].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** npm leaves out of a package what a `.gitignore` in it says, and the file itself: it lies there without its dot. */
function nameIn(template: string, file: string): string {
  const name = path.relative(template, file).replaceAll(path.sep, '/');
  return name === 'gitignore' ? '.gitignore' : name;
}

/** Those of the project's files that are there and stay as they are. Refuses a folder where others are. */
function keptIn(root: string, folder: string, files: Files): readonly string[] {
  const about = statSync(root, {throwIfNoEntry: false});
  if (about === undefined) return [];
  if (!about.isDirectory()) throw new UsageError(`'${folder}' is there and is no folder: give another name.`);
  const there = [...files.keys()].filter(name => isThere(path.join(root, name)));
  if (there.includes(MANIFEST))
    throw new UsageError(
      `'${path.join(folder, MANIFEST)}' is there: a pipeline is declared in this folder already, and init writes over nothing. Give a new folder, such as 'gameplan init ${path.join(folder, 'league')}', or see what it holds with 'gameplan validate'.`,
    );
  const [first] = there.filter(name => !MAY_BE_THERE.has(name));
  if (first === undefined) return there;
  throw new UsageError(
    `'${path.join(folder, first)}' is there, and init writes over nothing: give a new folder, or move the file.`,
  );
}

function isThere(file: string): boolean {
  try {
    return lstatSync(file, {throwIfNoEntry: false}) !== undefined;
  } catch (error) {
    // A file lies where a folder of the project belongs.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return true;
    throw error;
  }
}

function writeNew(root: string, folder: string, name: string, text: string): void {
  const file = path.join(root, name);
  try {
    mkdirSync(path.dirname(file), {recursive: true});
    writeFileSync(file, text, {flag: 'wx'});
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Refusal(
      `error: '${path.join(folder, name)}' cannot be written (${error.message}): mend that, or give another folder.\n`,
    );
  }
}

function told(
  {folder, written, kept}: {folder: string; written: number; kept: readonly string[]},
  world: World,
): string {
  const isHere = path.resolve(world.cwd, folder) === world.cwd;
  const stays = kept.length === 0 ? '' : `There before, and left as it was: ${kept.join(', ')}.\n`;
  const ignore = kept.includes('.gitignore')
    ? "Add '.gameplan/' to .gitignore: what is made lies there.\n"
    : '';
  const goOn = kept.includes('README.md') ? '' : '\nREADME.md there goes on from here.\n';
  return `A small project is in '${folder}' (${counted(written, 'file')}): a league of six clubs, the scores of ten nights
in files, and two tables that are made of them.
${stays}${ignore}
Next:
${isHere ? '' : `  cd ${quoted(folder)}\n`}  gameplan validate     the manifest, its queries and its code
  gameplan test         the queries' own tests
  gameplan plan         what would be made, and why
  gameplan materialize  makes it; the scores of one night are not there
  gameplan gaps         what is missing, and what that hangs on
${goOn}`;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
