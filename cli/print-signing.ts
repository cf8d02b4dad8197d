/**
 * What is accepted or reopened, as text and as JSON: what the file says then, and which partitions are in another state.
 * It does not deal with what that is (signing.ts).
 */

import {counted} from '../planner/amount.ts';
import {entryText, type GapEntry, rangeText} from '../planner/known-gaps-edit.ts';
import type {StateChange} from '../planner/state-changes.ts';
import {groupBy} from '../report/group.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {visible, wrap} from '../report/text.ts';
import type {Paint} from './paint.ts';
import {printParts} from './print-cone.ts';
import type {Signing} from './signing.ts';

interface Screen {
  readonly width: number;
  readonly paint: Paint;
}

/** Ends with a line break. */
export function printSigning(
  signing: Signing,
  keyOrder: (asset: string) => KeyOrder,
  screen: Screen,
  isDry: boolean,
): string {
  const {kind, asset, partitions, file, by, why, removed, added, changes} = signing;
  const {width, paint} = screen;
  const keys = [...new Set(partitions.map(({key}) => key))];
  const games = partitions.flatMap(each => each.games);
  const verb = kind === 'accept' ? 'Accept' : 'Reopen';
  const of = games.length === 0 ? '' : `, ${counted(games.length, 'game')}`;
  const who = [by, why].filter(each => each !== undefined).join(': ');
  const end = isDry ? `Nothing was written to ${file}.` : `Written to ${file}.`;
  return `${[
    `${verb} ${counted(keys.length, 'partition')} of ${paint.name(asset)}${of}`,
    `  ${fitRanges(mergeRanges(keys, keyOrder(asset)), width - 2)}`,
    ...(who === '' ? [] : wrap(visible(who), width - 2).map(line => `  ${line}`)),
    '',
    ...removed.flatMap(entry => entryLines('-', entry, screen)),
    ...added.flatMap(entry => entryLines('+', entry, screen)),
    '',
    ...(changes.length === 0
      ? ['No partition is in another state by that.']
      : changeLines(changes, keyOrder, screen)),
    end,
  ].join('\n')}\n`;
}

/** As the file has it; long lists are cut. */
function entryLines(mark: '-' | '+', entry: GapEntry, {width, paint}: Screen): readonly string[] {
  const tone = mark === '-' ? paint.bad : paint.good;
  return entryText(entry)
    .trimEnd()
    .split('\n')
    .map(line => visible(line))
    .map(line => tone(`${mark} ${line.length > width - 2 ? `${line.slice(0, width - 3)}…` : line}`));
}

/** Also what is accepted or open through what it needs on the same key. */
function changeLines(
  changes: readonly StateChange[],
  keyOrder: (asset: string) => KeyOrder,
  screen: Screen,
): readonly string[] {
  const alike = [...groupBy(changes, ({was, is}) => `${was} -> ${is}`)];
  return alike.flatMap(([title, own]) => [
    `${title}:`,
    ...printParts(
      own.map(({asset, keys}) => [asset, keys]),
      keyOrder,
      screen,
    ),
  ]);
}

/** Version 1; additive changes only. */
export function signingJson(
  {kind, file, asset, by, why, partitions, removed, added, changes}: Signing,
  isWritten: boolean,
): object {
  return {
    version: 1,
    kind,
    file,
    asset,
    by: by ?? null,
    why: why ?? null,
    partitions,
    removed: removed.map(entryJson),
    added: added.map(entryJson),
    changes,
    written: isWritten,
  };
}

function entryJson({keys, games, reason, tried, acceptedBy, acceptedOn, until}: GapEntry): object {
  return {keys: keys.map(rangeText), games, reason, tried, acceptedBy, acceptedOn, until: until ?? null};
}
