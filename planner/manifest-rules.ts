/**
 * Judges how assets fit together: cycles, writers of one place, edges that nothing could satisfy.
 * It does not deal with one asset alone (manifest-asset.ts) nor with queries (query.ts).
 */

import {number} from './amount.ts';
import type {Related} from './diagnostic.ts';
import {seasonHolding, shiftDate} from './duration.ts';
import {findCycles, type Hop, type Needs, needsOf} from './graph.ts';
import {hasTable, isExternal} from './making.ts';
import {has, keyAt, type Path, report, type Scope} from './manifest-scope.ts';
import {SOURCE_COLUMN} from './manifest-source.ts';
import type {Asset, AssetName, CalendarDeclaration, Edge} from './pipeline.ts';

export interface Resolved {
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly calendars: ReadonlyMap<string, CalendarDeclaration>;
  readonly assets: ReadonlyMap<AssetName, Asset>;
}

export function judgeRules(scope: Scope, resolved: Resolved): void {
  const cyclic = judgeCycles(scope, resolved.assets);
  if (!cyclic) judgeCalendarCycles(scope, resolved);
  judgeWriters(scope, resolved.assets);
  judgeExternals(scope, resolved.assets);
  for (const asset of resolved.assets.values()) {
    for (const edge of asset.upstream) {
      judgeRanges(scope, resolved, asset, edge);
      judgeTeams(scope, resolved, asset, edge);
    }
    judgeTakenRows(scope, resolved, asset);
  }
}

function judgeCycles(scope: Scope, assets: ReadonlyMap<AssetName, Asset>): boolean {
  const cycles = findCycles(needsOf(assets));
  for (const cycle of cycles) {
    const [first] = cycle;
    if (first === undefined) continue;
    const related = tellHops(cycle, ({from, to, place}) => ({
      message: `'${from}' needs '${to}'`,
      at: place.at,
    }));
    const mend =
      cycle.length === 1
        ? "an asset may read only the key before of itself: say 'window: previous', or remove the edge"
        : 'remove one of these edges';
    report(
      scope,
      'cycle',
      keyAt(scope, ['assets', first.from]),
      `'${first.from}' is upstream of itself: ${mend}.`,
      related,
    );
  }
  return cycles.length > 0;
}

/** How many hops are told at each end of a long cycle. */
const END_HOPS = 10;

/** Of a cycle that nobody could read, only its ends. */
function tellHops<P>(hops: readonly Hop<P>[], tell: (hop: Hop<P>) => Related): readonly Related[] {
  const between = hops.slice(END_HOPS, -END_HOPS);
  const [first] = between;
  if (between.length < 2 || first === undefined) return hops.map(tell);
  return [
    ...hops.slice(0, END_HOPS).map(tell),
    {
      message: `${number(between.length)} hops between are left out, of which this is the first`,
      at: tell(first).at,
    },
    ...hops.slice(-END_HOPS).map(tell),
  ];
}

type Place = Edge | {readonly calendar: string} | {readonly user: string};

/** A calendar is known only when its asset is made: that asset, and all it needs, may not wait for its dates. */
function judgeCalendarCycles(scope: Scope, {assets, calendars}: Resolved): void {
  const needs = new Map<string, {to: string; place: Place}[]>();
  for (const {name, source} of calendars.values()) {
    const to = source.kind === 'asset' ? [{to: source.asset, place: {calendar: name}}] : [];
    needs.set(`calendar ${name}`, to);
  }
  for (const {name, partitioning, upstream} of assets.values()) {
    const dates =
      partitioning.kind === 'date' ? [{to: `calendar ${partitioning.calendar}`, place: {user: name}}] : [];
    const edges = upstream
      .filter(edge => edge.upstream !== name)
      .map(edge => ({to: edge.upstream, place: edge}));
    needs.set(name, [...dates, ...edges]);
  }
  for (const cycle of findCycles<Place>(needs satisfies Needs<Place>)) {
    const calendar = cycle.find(({from}) => from.startsWith('calendar '));
    if (calendar === undefined) continue;
    const name = calendar.from.slice('calendar '.length);
    const start = cycle.indexOf(calendar);
    const hops = [...cycle.slice(start), ...cycle.slice(0, start)];
    report(
      scope,
      'calendar-cycle',
      keyAt(scope, ['calendars', name]),
      `Calendar '${name}' needs its own dates: its asset, and all upstream of it, must be partitioned by season or 'all'.`,
      tellHops(hops, hop => tellHop(scope, hop)),
    );
  }
}

function tellHop(scope: Scope, {from, to, place}: Hop<Place>): Related {
  if ('calendar' in place) {
    return {
      message: `'${place.calendar}' is read from '${to}'`,
      at: keyAt(scope, ['calendars', place.calendar, 'asset']),
    };
  }
  if ('user' in place) {
    return {
      message: `'${from}' is partitioned by the dates of '${to.slice(9)}'`,
      at: keyAt(scope, ['assets', place.user]),
    };
  }
  return {message: `'${from}' needs '${to}'`, at: place.at};
}

/** Tables are named by their assets, which YAML's keys and small letters keep apart; places in the store are not. */
function judgeWriters(scope: Scope, assets: ReadonlyMap<AssetName, Asset>): void {
  const writers = new Map<string, Asset>();
  const places: {readonly asset: Asset; readonly place: string}[] = [];
  for (const asset of assets.values()) {
    if (asset.making.kind !== 'files' && asset.making.kind !== 'export') continue;
    const place = asset.making.path.replaceAll(/\{[^}]*\}/g, '{}').toLowerCase();
    const other = writers.get(place);
    if (other === undefined) writers.set(place, asset);
    else tellWriters(scope, asset, other, 'the same place in the store');
    places.push({asset, place});
  }
  for (const {asset, place} of places) {
    for (
      let end = place.indexOf('/');
      end !== -1 && end < place.length - 1;
      end = place.indexOf('/', end + 1)
    ) {
      const folder = writers.get(place.slice(0, end + 1));
      if (folder !== undefined && folder !== asset)
        tellWriters(scope, asset, folder, 'a place inside the same folder');
    }
  }
}

function tellWriters(scope: Scope, asset: Asset, other: Asset, what: string): void {
  report(
    scope,
    'duplicate-writer',
    pathPlace(scope, asset),
    `'${asset.name}' writes ${what} as '${other.name}': give one of them another path.`,
    [{message: `'${other.name}' writes here`, at: pathPlace(scope, other)}],
  );
}

/** What this pipeline makes is an edge, not something to observe: its changes are known. */
function judgeExternals(scope: Scope, assets: ReadonlyMap<AssetName, Asset>): void {
  for (const {name, making} of assets.values()) {
    if (making.kind !== 'external-table' && making.kind !== 'external-objects') continue;
    const isOwn = (other: Asset): boolean =>
      making.kind === 'external-table'
        ? hasTable(other.making.kind) && !isExternal(other.making.kind) && other.name === making.table
        : (other.making.kind === 'files' || other.making.kind === 'export') &&
          other.making.path.startsWith(making.path);
    const other = [...assets.values()].find(isOwn);
    if (other === undefined) continue;
    report(
      scope,
      'duplicate-writer',
      keyAt(scope, ['assets', name, 'external', making.kind === 'external-table' ? 'table' : 'objects']),
      `'${other.name}' makes what '${name}' says that others make: read '${other.name}' in its place.`,
      [{message: `'${other.name}' is here`, at: other.at}],
    );
  }
}

function pathPlace(scope: Scope, {name, making}: Asset) {
  return keyAt(scope, ['assets', name, ...(making.kind === 'export' ? ['export', 'path'] : ['path'])]);
}

/** A source without a query gives its table's rows as they are: every column must be there, of its type. */
function judgeTakenRows(scope: Scope, {assets}: Resolved, asset: Asset): void {
  for (const [rank, {name, query}] of (asset.cascade?.sources ?? []).entries()) {
    const edge = asset.upstream.find(each => each.source === rank);
    const upstream = edge === undefined ? undefined : assets.get(edge.upstream);
    if (edge === undefined || upstream === undefined || query !== undefined) continue;
    if (upstream.columns.length === 0) continue;
    const types = new Map(upstream.columns.map(column => [column.name, column.type]));
    const wanted = asset.columns.filter(column => column.name !== SOURCE_COLUMN);
    const other = wanted.filter(column => types.get(column.name) !== column.type);
    if (other.length === 0) continue;
    const told = other
      .map(({name: column, type}) => `'${column}' (${types.get(column) ?? 'absent'}, not ${type})`)
      .join(', ');
    report(
      scope,
      'unknown-column',
      edge.at,
      `The columns of '${upstream.name}' are others: ${told}; and the source '${name}' takes its rows as they are: give the source 'sql', or declare the same columns.`,
    );
  }
}

/** A window by the games of each team reads nothing, ever, where the calendar names no teams. */
function judgeTeams(scope: Scope, {calendars}: Resolved, {name, partitioning}: Asset, edge: Edge): void {
  if (edge.window.kind !== 'games' || partitioning.kind === 'all') return;
  const calendar = calendars.get(partitioning.calendar);
  if (calendar === undefined) return;
  const {source} = calendar;
  if (source.kind === 'asset' && source.columns.teams.length > 0) return;
  const [says, mend] =
    source.kind === 'list'
      ? ['is a list of dates and knows no games', `say '${edge.window.count} dates'`]
      : ['does not say who plays', "name the columns under 'teams' of the calendar"];
  const path: Path = ['assets', name, 'upstream', edge.name, 'window'];
  report(
    scope,
    'bad-window',
    has(scope, path) ? path : edge.at,
    `This window counts the games of each team, and calendar '${calendar.name}' ${says}: ${mend}.`,
  );
}

/** A required edge whose upstream never has a key when this asset has one: no partition of it could ever be made. */
function judgeRanges(scope: Scope, resolved: Resolved, asset: Asset, edge: Edge): void {
  const upstream = resolved.assets.get(edge.upstream);
  if (upstream === undefined || !edge.required) return;
  const own = rangeOf(resolved, asset);
  const read = rangeOf(resolved, upstream);
  // An empty range is told where it is declared, or leaves nothing to be made.
  if (own.from > own.to || read.from > read.to) return;
  const message = impossible(resolved, edge, {own, read, asset, upstream});
  if (message === undefined) return;
  report(
    scope,
    'unsatisfiable-edge',
    edge.at,
    `No key of '${asset.name}' can ever be made: ${message}. Correct a start or an end, or say 'required: false'.`,
  );
}

/** Bounds that reach to the ends of time where nothing is said. */
interface Range {
  readonly from: string;
  readonly to: string;
}

function rangeOf({start, end}: Resolved, asset: Asset): Range {
  const later = [start, asset.start]
    .filter(date => date !== undefined)
    .sort()
    .at(-1);
  const earlier = [end, asset.end]
    .filter(date => date !== undefined)
    .sort()
    .at(0);
  return {from: later ?? '0001-01-01', to: earlier ?? '9999-12-31'};
}

function impossible(
  {calendars}: Resolved,
  {window, crossesSeasons}: Edge,
  {own, read, asset, upstream}: {own: Range; read: Range; asset: Asset; upstream: Asset},
): string | undefined {
  const ends = `'${upstream.name}' ends on ${read.to}, and this asset starts on ${own.from}`;
  const starts = `'${upstream.name}' starts on ${read.from}, and this asset ends on ${own.to}`;
  if (asset.partitioning.kind === 'all' || upstream.partitioning.kind === 'all') return undefined;
  const rollsOver = calendars.get(asset.partitioning.calendar)?.seasons.rollsOver;
  const bySeason = asset.partitioning.kind === 'season' || upstream.partitioning.kind === 'season';
  if (bySeason || (window.kind !== 'same' && !crossesSeasons)) {
    // A season counts as a whole when any of its days lies in the range.
    if (rollsOver === undefined) return undefined;
    if (seasonHolding(read.to, rollsOver) < seasonHolding(own.from, rollsOver)) return ends;
    if (seasonHolding(read.from, rollsOver) > seasonHolding(own.to, rollsOver)) return starts;
    if (bySeason) return undefined;
  }
  if (read.from > own.to) return starts;
  if (window.kind === 'same' && read.to < own.from) return ends;
  if (window.kind === 'days' && own.from > '0100' && read.to < shiftDate(own.from, -window.count))
    return ends;
  return undefined;
}
