/**
 * Gaps as people read them: alike ones in one line, with their age and cause.
 * It does not deal with how they are found and grouped (gaps.ts).
 */
import type {VoidAcceptance} from '../planner/accepted.ts';
import {ageText, counted, number} from '../planner/amount.ts';
import type {Gap} from '../planner/gap.ts';
import {type FoundGaps, type GapGroup, type GapsBy, sectionsOf} from '../report/gaps.ts';
import {printHead} from '../report/head.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {indented, lengthOf, padEnd, visible, wrap} from '../report/text.ts';
import type {Paint} from './paint.ts';

export interface GapsView extends FoundGaps {
  readonly by: GapsBy;
  /** What is listed, for the last line where nothing is. */
  readonly asked: 'open' | 'accepted' | 'void' | undefined;
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
  readonly paint: Paint;
}

/** Ends with a line break. */
export function printGaps(view: GapsView): string {
  const {head, voids, by, asked, width, paint} = view;
  const isVoid = asked === 'void';
  const sections = isVoid
    ? voids.map(each => printVoid(each, view))
    : sectionsOf(view, by).map(({title, groups}) => {
        const first = wrap(visible(title), width - 2).map(line => `  ${paint.name(line)}`);
        const name = Math.max(...groups.map(group => leadOf(group, by).length));
        return [...first, ...groups.flatMap(group => printGroup(group, {...view, name}))].join('\n');
      });
  const last = isVoid ? voidSummary(voids) : summary(view);
  const end = last.flatMap(line => wrap(line, width)).join('\n');
  return `${[printHead('Gaps of', head, width), ...sections, end].join('\n\n')}\n`;
}

/** What a line begins with: what its section does not say. */
function leadOf({asset, season}: GapGroup, by: GapsBy): string {
  return by === 'asset' ? season : asset;
}

function printGroup(
  group: GapGroup,
  {by, name, now, keyOrder, width, paint}: GapsView & {readonly name: number},
): readonly string[] {
  const {asset, label, keys, games, lacks, since, cause, expired} = group;
  const tone = label === 'missing' ? paint.bad : label === 'partial' ? paint.warn : paint.quiet;
  const lead = `    ${padEnd(leadOf(group, by), name)}  ${tone(padEnd(`${label} ${number(keys.length)}`, 12))}`;
  const facts = [...gamesText(games), ...(since === undefined ? [] : [ageText(Math.max(0, now - since))])];
  const rest = facts.length === 0 ? '' : ` · ${facts.join(' · ')}`;
  const room = Math.max(24, width - lengthOf(lead) - 2 - rest.length);
  const line = `${lead}  ${fitRanges(mergeRanges(keys, keyOrder(asset)), room)}${rest}`;
  const more = lacks.length - NAMED;
  const named = lacks.slice(0, NAMED).join(', ');
  const notes = [
    ...(lacks.length === 0 ? [] : [`without ${named}${more > 0 ? ` and ${number(more)} more` : ''}`]),
    ...(cause === '' ? [] : [visible(cause)]),
    ...(expired === undefined ? [] : [`was accepted until ${expired}: decide again`]),
  ];
  return [line, ...notes.flatMap(note => indented(note, '        ', width).map(text => paint.quiet(text)))];
}

/** How many games a line names. */
const NAMED = 4;

function gamesText(games: GapGroup['games']): readonly string[] {
  if (games === undefined) return [];
  const {open, accepted} = games;
  if (accepted === 0) return [counted(open, 'game')];
  return [
    open === 0
      ? `${counted(accepted, 'game')} accepted`
      : `${counted(open, 'game')}, ${number(accepted)} accepted`,
  ];
}

/** One line, and what to do about acceptances that say nothing any more. */
function summary({gaps, voids, asked, now}: GapsView): readonly string[] {
  const none = asked === undefined ? 'No gaps.' : `No ${asked} gaps.`;
  const mend =
    voids.length === 0
      ? []
      : [
          `${counted(voids.length, 'acceptance')} ${voids.length === 1 ? 'is' : 'are'} void, because data arrived: 'gameplan gaps --void' lists ${voids.length === 1 ? 'it' : 'them'}.`,
        ];
  return [gaps.length === 0 ? none : totals(gaps, now), ...mend];
}

function totals(gaps: readonly Gap[], now: number): string {
  const open = gaps.filter(({standing}) => standing === 'open');
  const sum = (of: (games: NonNullable<Gap['games']>) => number) =>
    gaps.reduce((total, {games}) => total + (games === undefined ? 0 : of(games)), 0);
  const [openGames, acceptedGames] = [sum(games => games.open), sum(games => games.accepted)];
  const oldest = open.reduce((least, {since = least}) => Math.min(least, since), Number.POSITIVE_INFINITY);
  return [
    `${counted(gaps.length, 'gap')}: ${number(open.length)} open, ${number(gaps.length - open.length)} accepted`,
    ...(openGames + acceptedGames === 0
      ? []
      : [`games: ${number(openGames)} open, ${number(acceptedGames)} accepted`]),
    ...(Number.isFinite(oldest) ? [`the oldest open one: ${ageText(Math.max(0, now - oldest))}`] : []),
  ].join(' · ');
}

function printVoid(
  {gap, asset, ordinals, games}: VoidAcceptance,
  {keyOrder, width, paint}: GapsView,
): string {
  const keys = ordinals.map(ordinal => asset.keys[ordinal] ?? '');
  const held = games.length === 0 ? '' : ` · ${counted(games.length, 'game')}`;
  const ranges = fitRanges(mergeRanges(keys, keyOrder(gap.asset)), width - 4 - held.length);
  return [
    `  ${paint.name(gap.asset)}`,
    `    ${ranges}${held}`,
    ...wrap(visible(`accepted by ${gap.acceptedBy} on ${gap.acceptedOn}: ${gap.reason}`), width - 8).map(
      line => paint.quiet(`        ${line}`),
    ),
  ].join('\n');
}

function voidSummary(voids: readonly VoidAcceptance[]): readonly string[] {
  if (voids.length === 0) return ['No acceptance is void.'];
  return [
    `${counted(voids.length, 'acceptance')} ${voids.length === 1 ? 'is' : 'are'} void: what was signed off is there. 'gameplan gaps reopen ASSET@RANGE' removes what they say.`,
  ];
}
