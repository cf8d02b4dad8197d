/**
 * What a ledger that is rebuilt from receipts will hold, as people and programs read it.
 * It does not deal with how it is rebuilt (runner/restore.ts).
 */

import {counted} from '../planner/amount.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import {indented, visible} from '../report/text.ts';
import type {Restored} from '../runner/restore.ts';
import type {Standings} from '../runner/standing.ts';

export interface RestoredCounts {
  readonly assets: number;
  readonly published: number;
  /** Forgotten or dropped. */
  readonly withdrawn: number;
  readonly goneTables: readonly string[];
  readonly damaged: readonly string[];
  readonly games: Readonly<Record<string, number>>;
  readonly unread: Restored['unread'];
}

export function restoredCounts(
  {rows, calendars, unread}: Restored,
  {goneTables, damaged}: Standings,
): RestoredCounts {
  const all = [...rows.values()].flatMap(own => [...own.values()]);
  const published = all.filter(row => row.published).length;
  return {
    assets: rows.size,
    published,
    withdrawn: all.length - published,
    goneTables: [...goneTables].sort(),
    damaged: damaged.map(({path}) => path),
    games: Object.fromEntries(calendars.map(({name, games}) => [name, games.length])),
    unread,
  };
}

/** Ends with a line break. */
export function printRestored(counts: RestoredCounts, {name, target}: Pipeline, width: number): string {
  const {assets, published, withdrawn, goneTables, damaged, games, unread} = counts;
  const calendars = Object.entries(games).map(
    ([calendar, count]) => `calendar ${calendar} with ${counted(count, 'game')}`,
  );
  const facts = [
    `${counted(published, 'partition')} of ${counted(assets, 'asset')} published, ${withdrawn} withdrawn`,
    ...calendars,
  ];
  const sentences = [
    `By receipts: ${facts.join('; ')}.`,
    ...goneTables.map(
      table => `The table ${visible(table)} is not in the warehouse: its partitions count as not published.`,
    ),
    ...damaged.map(
      path => `'${visible(path)}' in the store cannot be read: its partition counts as not published.`,
    ),
    ...unread.map(
      ({calendar, error}) =>
        `The calendar ${calendar} cannot be read from its table; the next run reads it. ${visible(error)}`,
    ),
    'Lost with the old ledger: runs, attempts and their failures, events, and how long things took.',
  ];
  const lines = sentences.flatMap(text => indented(text, '  ', width));
  return `${[`Ledger of ${name} (${target.name}), rebuilt from receipts`, ...lines].join('\n')}\n`;
}
