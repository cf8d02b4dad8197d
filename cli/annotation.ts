/**
 * Mistakes as the pages of a code host show them: at the line that they are about. As commands of GitHub's workflows
 * and as GitLab's report of code quality. It finds no mistake (project.ts).
 */
import {createHash, randomBytes} from 'node:crypto';
import path from 'node:path';
import {type Diagnostic, position, type Span} from '../planner/diagnostic.ts';
import type {World} from './world.ts';

export interface Annotation {
  readonly severity: 'error' | 'warning';
  /** Such as `unknown-edge`. */
  readonly code: string;
  readonly message: string;
  /** From the repository's folder, with `/`. */
  readonly file: string;
  /** Counted from 1; undefined: it is about the file. */
  readonly place:
    | {
        readonly line: number;
        readonly column: number;
        readonly endLine: number;
        /** Behind the last letter. */
        readonly endColumn: number;
      }
    | undefined;
}

/** Where the paths of diagnostics begin. */
export interface Folders {
  /** Of the project, absolute. */
  readonly root: string;
  /** The manifest as diagnostics name it: from the current folder. Others are named from the project's. */
  readonly manifest: string;
  readonly world: Pick<World, 'cwd' | 'env'>;
}

export function annotationOf(diagnostic: Diagnostic, folders: Folders): Annotation {
  const {severity, code, at, related} = diagnostic;
  const {line, column} = position(at);
  const end = position({...at, start: Math.max(at.start, at.end)});
  const place = {line, column, endLine: end.line, endColumn: end.column};
  const further = related.map(each => {
    const where = position(each.at);
    return `${fileOf(each.at, folders)}:${where.line}:${where.column} ${each.message}`;
  });
  const message = [diagnostic.message, ...further].join('\n');
  return {severity, code, message, file: fileOf(at, folders), place};
}

function fileOf({file}: Span, folders: Folders): string {
  const {root, manifest, world} = folders;
  return inRepository(file.path === manifest ? path.resolve(world.cwd, manifest) : file.path, {root, world});
}

/** `file` from the folder that the CI system laid the repository in; where there is none, from the current one. */
export function inRepository(file: string, {root, world}: Pick<Folders, 'root' | 'world'>): string {
  const top = world.env['GITHUB_WORKSPACE'] ?? world.env['CI_PROJECT_DIR'] ?? world.cwd;
  return path.relative(top, path.resolve(root, file)).replaceAll(path.sep, '/');
}

/**
 * A line for each, errors first: of a step GitHub shows ten errors and ten warnings. A message is one line there, so
 * line breaks are written as the runner reads them.
 */
export function githubCommands(annotations: readonly Annotation[]): string {
  const errors = annotations.filter(({severity}) => severity === 'error');
  const warnings = annotations.filter(({severity}) => severity === 'warning');
  return [...errors, ...warnings].map(githubCommand).join('');
}

function githubCommand({severity, code, message, file, place}: Annotation): string {
  // Columns count within one line; those of a mistake over several are left out, as the runner asks.
  const columns =
    place === undefined || place.line !== place.endLine
      ? []
      : [`col=${place.column}`, `endColumn=${Math.max(place.column, place.endColumn - 1)}`];
  const where = place === undefined ? [] : [`line=${place.line}`, `endLine=${place.endLine}`, ...columns];
  const properties = [`file=${property(file)}`, ...where, `title=${property(code)}`];
  return `::${severity} ${properties.join(',')}::${data(message)}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** The text with the runner told to take no line of it for a command: it shows lines of files that anybody may write. */
export function githubLog(text: string): string {
  if (text === '') return '';
  const word = randomBytes(16).toString('hex');
  return `::stop-commands::${word}\n${text}::${word}::\n`;
}

/** For `artifacts: reports: codequality`. Ends with a line break. */
export function gitlabReport(annotations: readonly Annotation[]): string {
  const seen = new Map<string, number>();
  const issues = annotations.map(({severity, code, message, file, place}) => {
    // The line is left out: what only moved is the same issue. A second one alike has its own name.
    const name = JSON.stringify([file, code, message]);
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return {
      description: message,
      check_name: code,
      fingerprint: createHash('sha256').update(`${name} ${times}`).digest('hex').slice(0, 32),
      severity: severity === 'error' ? 'major' : 'minor',
      location: {path: file, lines: {begin: place?.line ?? 1}},
    };
  });
  return `${JSON.stringify(issues, null, 1)}\n`;
}
