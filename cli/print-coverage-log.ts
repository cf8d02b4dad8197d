/**
 * The source coverage log as people read it: an event with how it ended, or a line a game.
 * It does not deal with what is listed (coverage-log.ts).
 */

import {counted, number} from '../planner/amount.ts';
import type {Severity} from '../planner/coverage-event.ts';
import {unreachable} from '../planner/unreachable.ts';
import {type GameSummary, type ResolvedEvent, resolutionText} from '../report/coverage-log.ts';
import {clockTime, indented, padEnd, visible, wrap} from '../report/text.ts';
import type {Paint} from './paint.ts';

interface Screen {
  readonly timezone: string | undefined;
  readonly width: number;
  readonly paint: Paint;
}

/** `limit`: how many were asked for at most. Ends with a line break. */
export function printEvents(
  resolved: readonly ResolvedEvent[],
  {limit, ...screen}: Screen & {readonly limit: number},
): string {
  if (resolved.length === 0) return 'No events.\n';
  const lines = resolved.flatMap(each => eventLines(each, screen));
  const open = resolved.filter(({resolution}) => resolution.kind === 'open').length;
  const more = resolved.length < limit ? '' : `; the newest are shown, and --limit shows more`;
  const last = `${counted(resolved.length, 'event')}, ${number(open)} of them open${more}.`;
  return `${[...lines, '', ...wrap(last, screen.width)].join('\n')}\n`;
}

function eventLines({event, resolution}: ResolvedEvent, {timezone, width, paint}: Screen): readonly string[] {
  const {at, kind, severity, asset, key, game, source, detail} = event;
  const head = `${clockTime(at, timezone)}  ${toneOf(severity, paint)(padEnd(severity, 7))}  ${paint.name(`${asset}@${key}`)}`;
  const ending = resolutionText(resolution, at);
  const what = [
    ...(game === undefined ? [] : [`game ${game}`]),
    ...(source === undefined ? [] : [source]),
    detail,
  ].join(': ');
  return [
    head,
    ...indented(visible(`${kind}  ${what}`), '    ', width),
    ...(ending === '' ? [] : indented(visible(ending), '    ', width).map(line => paint.quiet(line))),
  ];
}

function toneOf(severity: Severity, paint: Paint): (text: string) => string {
  switch (severity) {
    case 'error':
      return paint.bad;
    case 'warning':
      return paint.warn;
    case 'info':
      return paint.quiet;
    default:
      return unreachable(severity);
  }
}

/** How many open issues of a game are told. */
const SHOWN = 3;

/** Ends with a line break. */
export function printGames(games: readonly GameSummary[], {width, paint}: Screen): string {
  if (games.length === 0) return 'No events of any game.\n';
  const name = games.reduce((most, game) => Math.max(most, titleOf(game).length), 0);
  const lines = games.flatMap(game => gameLines(game, name, {width, paint}));
  const open = games.filter(each => each.open.length > 0).length;
  return `${[...lines, '', `${counted(games.length, 'game')}, ${number(open)} with open issues.`].join('\n')}\n`;
}

function titleOf({game, date, teams}: GameSummary): string {
  return `${date}  ${game}  ${teams.join(' – ')}`;
}

function gameLines(
  game: GameSummary,
  name: number,
  {width, paint}: Pick<Screen, 'width' | 'paint'>,
): readonly string[] {
  const {worst, score, sources, events, open} = game;
  const facts = [
    toneOf(worst, paint)(padEnd(worst, 7)),
    ...(score === undefined ? [] : [`score ${Math.floor(score)}`]),
    counted(events, 'event'),
    open.length === 0 ? 'none open' : `${number(open.length)} open`,
  ];
  const more = open.length - SHOWN;
  const notes = [
    ...(sources.length === 0 ? [] : [`from ${sources.join(', ')}`]),
    ...open
      .slice(0, SHOWN)
      .map(
        ({kind, asset, source, detail}) =>
          `${kind}  ${asset}: ${source === undefined ? '' : `${source}: `}${detail}`,
      ),
    ...(more > 0 ? [`and ${number(more)} more`] : []),
  ];
  return [
    `${paint.name(padEnd(titleOf(game), name))}  ${facts.join(' · ')}`,
    ...notes.flatMap(note => indented(visible(note), '    ', width).map(line => paint.quiet(line))),
  ];
}
