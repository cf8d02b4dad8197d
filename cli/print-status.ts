/**
 * The status as people read it: a table of assets by season, every state counted, the last run.
 * It does not deal with how the figures are found (status.ts).
 */

import {counted, durationText, number, percent} from '../planner/amount.ts';
import {addBilled} from '../planner/billed.ts';
import {STATES, type State} from '../planner/state.ts';
import {TIERS} from '../planner/tier.ts';
import {billedSentence, billedText, type Price} from '../report/billed-text.ts';
import {printHead} from '../report/head.ts';
import {type Sizes, sizesText} from '../report/sizes.ts';
import type {AssetStatus, StateCounts, Status} from '../report/status.ts';
import {padEnd, padStart, visible, wrap} from '../report/text.ts';
import type {RunRecord} from '../runner/ledger-run.ts';
import type {Paint} from './paint.ts';
import {printCounts} from './print-outcomes.ts';

export interface StatusView {
  readonly status: Status;
  readonly sizes: Sizes;
  readonly price?: Price;
  readonly width: number;
  readonly paint: Paint;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Ends with a line break. */
export function printStatus(view: StatusView): string {
  const {status, width} = view;
  const table = tableFor(status, width);
  const rows = [...status.groups].flatMap(([group, assets]) => [
    view.paint.name(group),
    ...assets.flatMap(asset => printAsset(asset, nameOf(asset, group, table), {...view, table})),
  ]);
  const head = table.seasons.map(season => padStart(season.name, table.cell)).join('');
  const titled = [
    view.paint.quiet(`${' '.repeat(table.name)}${head}${table.hasGames ? padStart('games', GAMES) : ''}`),
  ];
  const sections = [
    printHead('Status of', status.plan, width),
    ...(rows.length === 0 ? ['No asset is selected.'] : [[...titled, ...rows].join('\n')]),
    [
      ...printTotals(status.plan.states, width),
      ...printUndeclared(status.undeclared, width),
      ...printLastRun(status.lastRun, view),
      ...wrap(sizesText(view.sizes), width),
      ...printBilled(view),
    ].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

interface Table {
  readonly name: number;
  /** Names without their group, for want of room. */
  readonly isShort: boolean;
  readonly cell: number;
  /** Columns; the first may hold several seasons where not all have room. */
  readonly seasons: readonly {readonly name: string; readonly holds: readonly string[]}[];
  readonly hasGames: boolean;
}

const CELL = 9;
const GAMES = 8;

function tableFor({groups, seasons}: Status, width: number): Table {
  const assets = [...groups.values()].flat();
  const full = 2 + Math.max(0, ...assets.map(asset => asset.name.length));
  const hasGames = assets.some(({games}) => games !== undefined);
  const fits = full + seasons.length * CELL + (hasGames ? GAMES : 0) <= width;
  const short = [...groups].flatMap(([group, own]) => own.map(asset => shortName(asset, group).length));
  const name = fits ? full : 2 + Math.max(0, ...short);
  const room = Math.max(2, Math.floor((width - name - (hasGames ? GAMES : 0)) / CELL));
  const alone = seasons.length <= room ? seasons : seasons.slice(seasons.length - room + 1);
  const earlier = seasons.slice(0, seasons.length - alone.length);
  const columns = alone.map(season => ({name: season, holds: [season]}));
  return {
    name,
    isShort: !fits,
    cell: CELL,
    seasons: earlier.length === 0 ? columns : [{name: 'earlier', holds: earlier}, ...columns],
    hasGames,
  };
}

/** The group stands above: where there is little room, it need not be repeated. */
function shortName({name}: AssetStatus, group: string): string {
  return name.startsWith(`${group}.`) ? name.slice(group.length + 1) : name;
}

function nameOf(asset: AssetStatus, group: string, {isShort}: Table): string {
  return isShort ? shortName(asset, group) : asset.name;
}

function printAsset(
  asset: AssetStatus,
  name: string,
  {table, width, paint, price}: StatusView & {readonly table: Table},
): readonly string[] {
  const cells = table.seasons.map(({holds}) => {
    const counts = holds.flatMap(season => asset.seasons.get(season) ?? []);
    const {text, tone} = cellOf(counts);
    return padStart(paint[tone](text), table.cell);
  });
  const games = asset.games === undefined ? '' : percent(asset.games.held, asset.games.expected);
  const line = `${padEnd(`  ${name}`, table.name)}${cells.join('')}${table.hasGames ? padStart(games, GAMES) : ''}`;
  const other = [
    ...STATES.filter(state => state !== 'fresh' && asset.states[state] > 0).map(
      state => `${number(asset.states[state])} ${WORDS[state]}`,
    ),
    // That the rest is gold goes without saying.
    ...TIERS.filter(tier => tier !== 'gold' && asset.quality[tier] > 0).map(
      tier => `${number(asset.quality[tier])} ${tier}`,
    ),
    ...(asset.billed === undefined ? [] : [billedText(asset.billed, price)]),
  ].join(', ');
  if (other === '') return [line.trimEnd()];
  const used = table.name + table.seasons.length * table.cell + (table.hasGames ? GAMES : 0);
  if (used + 2 + other.length <= width) return [`${line}  ${paint.quiet(other)}`];
  return [line.trimEnd(), ...wrap(other, width - 6).map(each => `      ${paint.quiet(each)}`)];
}

const WORDS: Readonly<Record<State, string>> = {
  fresh: 'fresh',
  partial: 'partial',
  stale: 'stale',
  missing: 'missing',
  exempt: 'exempt',
  accepted: 'accepted',
  'not-due': 'not due',
  orphan: 'orphan',
};

/** How many are fresh, of those that should be: `213`, or `210/213` where some are not. */
function cellOf(counts: readonly StateCounts[]): {text: string; tone: 'good' | 'warn' | 'bad' | 'quiet'} {
  const sum = (state: State) => counts.reduce((total, each) => total + each[state], 0);
  const fresh = sum('fresh');
  const wanted = fresh + sum('partial') + sum('stale') + sum('missing');
  if (counts.length === 0) return {text: '', tone: 'quiet'};
  if (wanted === 0) return {text: '–', tone: 'quiet'};
  if (fresh === wanted) return {text: number(fresh), tone: 'good'};
  return {text: `${number(fresh)}/${number(wanted)}`, tone: fresh === 0 ? 'bad' : 'warn'};
}

function printTotals(states: StateCounts, width: number): readonly string[] {
  return wrap(
    `Partitions: ${STATES.map(state => `${number(states[state])} ${WORDS[state]}`).join(', ')}`,
    width,
  );
}

function printUndeclared(undeclared: Status['undeclared'], width: number): readonly string[] {
  if (undeclared.length === 0) return [];
  const each = undeclared.map(({asset, partitions}) => `${asset} (${counted(partitions, 'partition')})`);
  return wrap(
    `Recorded besides, of assets that the manifest does not declare: ${each.join(', ')}. What they published stays, and nothing reads it.`,
    width,
  );
}

function printLastRun(run: RunRecord | undefined, {width, now}: StatusView): readonly string[] {
  if (run === undefined) return ['No run yet.'];
  const ago = `${durationText(Math.max(0, now - run.startedAt))} ago`;
  if (run.end === undefined) {
    return wrap(
      `Last run ${run.id} (${visible(run.command)}) began ${ago} and has not ended: it is at work, or was killed.`,
      width,
    );
  }
  const {status, counts, endedAt} = run.end;
  const took = durationText(endedAt - run.startedAt);
  return wrap(
    `Last run ${run.id} (${visible(run.command)}), ${ago}: ${status} in ${took}; ${printCounts(counts)}`,
    width,
  );
}

/** Nothing where the engine bills nothing. */
function printBilled({status, price, width}: StatusView): readonly string[] {
  const billed = addBilled([...status.groups.values()].flat().map(asset => asset.billed));
  return billed === undefined ? [] : wrap(billedSentence('Billed so far', billed, {price}), width);
}
