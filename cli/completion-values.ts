/**
 * The values that arguments and flags may have in a project: assets, tags, groups, keys, targets, seasons, runs. Names
 * are read from the manifest as it is written, so that one with a mistake in it still gives them.
 * It does not deal with where in a command line a value stands (complete.ts).
 */
import {buildCalendar, type Calendar} from '../planner/calendar.ts';
import {keysOf} from '../planner/frame.ts';
import {METHODS} from '../planner/selector.ts';
import {STATES} from '../planner/state.ts';
import {TIERS} from '../planner/tier.ts';
import {type Declared, readRuns, withSnapshot} from '../report/project-ledger.ts';
import {clockTime} from '../report/text.ts';
import type {Options} from './command.ts';
import {readManifest, readPipeline} from './project.ts';
import type {World} from './world.ts';

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

export interface Completing {
  /** Those that say which project and target are meant. */
  readonly options: Options;
  readonly world: World;
}

/** What the word may become; candidates that do not begin with it are left out later. */
type Find = (current: string, completing: Completing) => Candidate[] | Promise<Candidate[]>;

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** By the argument as commands declare it. */
export const VALUES_OF_ARGUMENT: ReadonlyMap<string, Find> = new Map<string, Find>([
  ['[assets...]', selectors],
  ['<partition>', partitions],
  ['<partitions>', partitions],
  ['<id>', runs],
  ['<shell>', () => SHELLS.map(shell => plain(shell))],
]);

/** By the flag as commands declare it, or by its long name. */
export const VALUES_OF_FLAG: ReadonlyMap<string, Find> = new Map<string, Find>([
  ['--target', targets],
  ['--from <target>', targets],
  ['--to <target>', targets],
  ['--season', seasons],
  ['--from', dates],
  ['--to', dates],
  ['--dates', dates],
]);

function plain(value: string, description = ''): Candidate {
  return {value, description};
}

interface Names {
  readonly assets: readonly Candidate[];
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  readonly targets: readonly string[];
}

async function namesIn(completing: Completing): Promise<Names> {
  // No other command needs it where the manifest is unchanged.
  const {parseTree} = await import('../planner/manifest-tree.ts');
  const {text, shown} = readManifest(completing);
  const manifest = entriesOf(text === undefined ? undefined : parseTree({path: shown, text}).value);
  const assets = entriesOf(manifest.get('assets'));
  const texts = (value: unknown): readonly string[] =>
    (Array.isArray(value) ? value : [value]).filter(each => typeof each === 'string');
  const labels = (key: string) => [
    ...new Set([...assets.values()].flatMap(asset => texts(entriesOf(asset).get(key)))),
  ];
  return {
    assets: [...assets].map(([name, asset]) =>
      plain(name, texts(entriesOf(asset).get('description')).join('')),
    ),
    tags: labels('tags'),
    groups: labels('group'),
    targets: [...entriesOf(manifest.get('targets')).keys()],
  };
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return new Map(isMap ? Object.entries(value) : []);
}

/** The last term of a selector, behind its comma and its `+`. */
async function selectors(current: string, completing: Completing): Promise<Candidate[]> {
  const comma = current.lastIndexOf(',') + 1;
  const [sign = ''] = /^\d*\+/.exec(current.slice(comma)) ?? [];
  const before = current.slice(0, comma) + sign;
  const {assets, tags, groups} = await namesIn(completing);
  const scores = TIERS.flatMap(tier => [tier, `<${tier}`]);
  const ofPartitions = sign === '' ? {state: STATES, quality: scores} : {state: [], quality: []};
  const values = {tag: tags, group: groups, ...ofPartitions};
  const labels = METHODS.flatMap(method => values[method].map(value => plain(`${method}:${value}`)));
  return [...assets, ...labels].map(each => ({...each, value: before + each.value}));
}

/** ASSET@KEY, or the last key of an ASSET@RANGE. */
async function partitions(current: string, completing: Completing): Promise<Candidate[]> {
  const at = current.indexOf('@');
  if (at === -1) {
    const {assets} = await namesIn(completing);
    return assets.map(each => ({...each, value: `${each.value}@`}));
  }
  const declared = await declaredIn(completing);
  const wanted = current.slice(0, at);
  const asset = [...declared.pipeline.assets.values()].find(({name}) => name === wanted);
  if (asset === undefined) return [];
  const calendars = calendarsIn(declared, completing.world);
  const kind = asset.partitioning.kind;
  const calendar = kind === 'all' ? undefined : calendars.get(asset.partitioning.calendar);
  if (kind !== 'all' && calendar === undefined) return [];
  return lastKey(current, at + 1, keysOf(asset, calendar));
}

async function dates(current: string, completing: Completing): Promise<Candidate[]> {
  const calendars = calendarsIn(await declaredIn(completing), completing.world);
  return lastKey(
    current,
    0,
    [...calendars.values()].flatMap(each => each.dates),
  );
}

async function targets(_: string, completing: Completing): Promise<Candidate[]> {
  const {targets: names} = await namesIn(completing);
  return names.map(name => plain(name));
}

async function seasons(_: string, completing: Completing): Promise<Candidate[]> {
  const calendars = calendarsIn(await declaredIn(completing), completing.world);
  const all = new Set([...calendars.values()].flatMap(each => each.seasons));
  return [...all].sort().map(season => plain(season));
}

async function runs(_: string, completing: Completing): Promise<Candidate[]> {
  const found = readRuns(await declaredIn(completing), 20, completing.world.now);
  return [
    plain('last', 'the newest'),
    ...found.map(({id, startedAt, end}) =>
      plain(id, `${clockTime(startedAt, undefined)}, ${end?.status ?? 'not ended'}`),
    ),
  ];
}

async function declaredIn(completing: Completing): Promise<Declared> {
  const {declared} = await readPipeline(completing);
  if (declared === undefined) throw new Error('A manifest with mistakes completes no keys');
  return declared;
}

function calendarsIn(declared: Declared, world: World): ReadonlyMap<string, Calendar> {
  const {calendars, start, end} = declared.pipeline;
  return withSnapshot(declared, ledger => {
    const bounds = {start, end, now: world.now()};
    return new Map(
      [...calendars].map(([name, each]) => [name, buildCalendar(each, ledger.calendars.get(name), bounds)]),
    );
  });
}

/** More keys than this are completed year by year and month by month. */
const MOST_KEYS = 62;

/** The keys that may stand at the end of a list or range of keys that begins at `start`. */
function lastKey(current: string, start: number, keys: readonly string[]): Candidate[] {
  const range = current.lastIndexOf('..');
  const from = Math.max(start, current.lastIndexOf(',') + 1, range === -1 ? 0 : range + 2);
  const typed = current.slice(from);
  let found = [...new Set(keys)].filter(key => key.startsWith(typed)).sort();
  for (let length = typed.length; found.length > MOST_KEYS && length < 8; length++) {
    const shorter = new Set(found.map(key => key.slice(0, key.indexOf('-', length) + 1) || key));
    if (shorter.size > 1 || length === 7) found = [...shorter];
  }
  return found.map(key => plain(current.slice(0, from) + key));
}
