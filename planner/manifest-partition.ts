/**
 * Reads what slices an asset, and the places in the store that its objects go to.
 * It does not deal with which keys there are (calendar.ts).
 */
import type {Diagnostic} from './diagnostic.ts';
import {at, findNode, has, keyAt, namesAt, type Path, report, type Scope} from './manifest-scope.ts';
import type {Partitioning} from './pipeline.ts';
import type {RawAsset, RawManifest, RawPartitionBy} from './schema.ts';
import {didYouMean} from './suggest.ts';

/** What slices an asset; undefined, and said, where its calendar cannot be told. */
export function readPartitioning(
  scope: Scope,
  name: string,
  raw: RawAsset,
  manifest: RawManifest,
): Partitioning | undefined {
  const own: Path = ['assets', name, 'partition_by'];
  const path = raw.partition_by === undefined ? ['defaults', 'partition_by'] : own;
  const value: RawPartitionBy = raw.partition_by ?? manifest.defaults?.partition_by ?? 'game_date';
  if (value === 'all') return {kind: 'all'};
  const by = typeof value === 'string' ? value : value.by;
  const place = has(scope, path) ? at(scope, path) : keyAt(scope, ['assets', name]);
  const calendar = findCalendar(scope, path, place, typeof value === 'string' ? undefined : value.calendar);
  if (calendar === undefined) return undefined;
  const column = typeof value === 'string' ? undefined : value.column;
  return by === 'game_date'
    ? {kind: 'date', calendar, column: column ?? raw.external?.date ?? 'game_date'}
    : {kind: 'season', calendar, column: column ?? 'season'};
}

function findCalendar(
  scope: Scope,
  path: Path,
  place: ReturnType<typeof at>,
  wanted: string | undefined,
): string | undefined {
  const names = namesAt(scope, ['calendars']);
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted;
    return report(
      scope,
      'unknown-calendar',
      [...path, 'calendar'],
      `No calendar is named '${wanted}'.${didYouMean(wanted, names)}`,
    );
  }
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const message =
    names.length === 0
      ? "This asset is sliced by a calendar, and the manifest has none: add one under 'calendars', or say 'partition_by: all'."
      : `There are several calendars (${names.join(', ')}): say which with 'partition_by: {calendar: ${only}, by: game_date}'.`;
  // Without any calendar every asset lacks it: that is said once.
  const wrong = findNode(scope, ['calendars']);
  const isTold = (known: Diagnostic) =>
    known.message === message || known.at === wrong?.key || known.at === wrong?.span;
  if (names.length === 0 && scope.diagnostics.some(isTold)) return undefined;
  return report(scope, 'unknown-calendar', place, message);
}

const PLACEHOLDERS: Readonly<Record<Partitioning['kind'], readonly string[]>> = {
  date: ['game_date', 'season', 'key'],
  season: ['season', 'key'],
  all: ['key'],
};
/** Of these one must be there, so that no two keys share a place. */
const DISTINCT: Readonly<Record<Partitioning['kind'], readonly string[]>> = {
  date: ['game_date', 'key'],
  season: ['season', 'key'],
  all: [],
};

/** Says what is wrong with a place in the store; undefined where something is. */
export function readPath(
  scope: Scope,
  path: Path,
  text: string,
  {partitioning, folder}: {readonly partitioning: Partitioning; readonly folder: boolean},
): string | undefined {
  const wrong = (message: string) => report(scope, 'bad-path', path, message);
  const known = PLACEHOLDERS[partitioning.kind];
  const used = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? '');
  const strange = used.find(name => !known.includes(name));
  if (strange !== undefined) {
    return wrong(
      `'{${strange}}' stands for nothing here: write ${known.map(name => `{${name}}`).join(', ')}.${didYouMean(strange, known)}`,
    );
  }
  const plain = text.replaceAll(/\{[^{}]*\}/g, 'x');
  if (/[{}]/.test(plain)) return wrong(`A brace in '${text}' is not closed.`);
  const needed = DISTINCT[partitioning.kind];
  if (needed.length > 0 && !used.some(name => needed.includes(name))) {
    return wrong(`All keys would be written to one place: add {${needed[0]}} to '${text}'.`);
  }
  const steps = plain.replace(/\/$/, '').split('/');
  if (/^[/\\]|^[A-Za-z]:/.test(plain) || steps.some(step => step === '..' || step === '.' || step === '')) {
    return wrong(`'${text}' must be a path inside the store: no '/' at the start, no '..', no empty step.`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  if (/[\\:*?"<>|\x00-\x1f]/.test(plain))
    return wrong(`'${text}' has letters that no place in a store may have.`);
  if (!folder && text.endsWith('/'))
    return wrong(`'${text}' is a folder: an export is one object, such as '${text}data.json'.`);
  return folder && !text.endsWith('/') ? `${text}/` : text;
}
