/**
 * What a ledger would hold that heard of nothing but receipts: partitions by their last ones, calendars by their tables.
 * Lost is what receipts do not tell: attempts that came to nothing, and how long each took.
 * It does not deal with files (rebuild.ts), nor with comparing (verify-ledger.ts).
 */
import {isDate, isSeason} from '../planner/duration.ts';
import {type Fingerprint, NO_LEASES, OUTCOMES, PLAIN_TRUST} from '../planner/ledger.ts';
import type {CalendarDeclaration, CalendarFromAsset, Pipeline} from '../planner/pipeline.ts';
import {calendarColumns, calendarsOf, gamesFrom, wholeOf} from './calendar-copy.ts';
import {type CalendarUpdate, updateCalendar} from './ledger-calendar.ts';
import {neverPublished, type PartitionRow, ZERO_WORD} from './ledger-row.ts';
import {ColumnSnapshot} from './ledger-snapshot.ts';
import {isPublished, type Standing, type Standings} from './standing.ts';
import {type Warehouse, WarehouseError} from './warehouse.ts';
import {assetOf, tableOf} from './workshop.ts';

export interface Restored {
  /** By asset and key. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, PartitionRow>>;
  readonly calendars: readonly CalendarUpdate[];
  /** That of the newest receipt. */
  readonly sequence: number;
  /** Calendars that cannot be read from their tables, and why: the next run reads them. */
  readonly unread: readonly {readonly calendar: string; readonly error: string}[];
}

export async function restore(
  pipeline: Pipeline,
  warehouse: Warehouse,
  standings: Standings,
): Promise<Restored> {
  const sequenceOf = sequencesOf(standings);
  const fingerprintOf = (hash: string): Fingerprint => standings.fingerprints.get(hash) ?? {hash, parts: {}};
  const rows = new Map(
    [...standings.assets].map(([asset, all]) => [
      asset,
      new Map([...all].map(([key, standing]) => [key, rowOf(standing, {sequenceOf, fingerprintOf})])),
    ]),
  );
  const calendars: CalendarUpdate[] = [];
  const unread: {calendar: string; error: string}[] = [];
  for (const name of pipeline.assets.keys()) {
    for (const declaration of calendarsOf(pipeline, name)) {
      try {
        const calendar = await readCalendar(pipeline, warehouse, {standings, declaration});
        if (calendar !== undefined) calendars.push(calendar);
      } catch (error) {
        if (!(error instanceof WarehouseError)) throw error;
        unread.push({calendar: declaration.name, error: error.message});
      }
    }
  }
  return {rows, calendars, sequence: sequenceOf.size, unread};
}

/** The same as a reading of a ledger, in memory. */
export function snapshotOf({rows, calendars, sequence}: Restored): ColumnSnapshot {
  const games = new Map(calendars.map(each => [each.name, updateCalendar(undefined, each)]));
  return new ColumnSnapshot(sequence, games, {
    packed: undefined,
    newer: rows,
    leases: NO_LEASES,
  });
}

/** The order of all times that receipts tell stands for the ledger's own sequence: it only names what changed. */
function sequencesOf({assets}: Standings): ReadonlyMap<number, number> {
  const times = new Set<number>();
  for (const all of assets.values()) {
    for (const {receipt} of all.values()) {
      for (const time of [receipt.at, receipt.arrivedAt, receipt.publishedAt]) times.add(time);
    }
  }
  times.delete(0);
  return new Map([...times].sort((a, b) => a - b).map((time, index) => [time, index + 1]));
}

function rowOf(
  standing: Standing,
  {
    sequenceOf,
    fingerprintOf,
  }: {
    readonly sequenceOf: ReadonlyMap<number, number>;
    readonly fingerprintOf: (hash: string) => Fingerprint;
  },
): PartitionRow {
  const {receipt} = standing;
  const at = (time: number): number => sequenceOf.get(time) ?? 0;
  const published = isPublished(standing);
  const fingerprint = fingerprintOf(receipt.fingerprint);
  return {
    ...neverPublished(fingerprint),
    published,
    version: receipt.version,
    digest: receipt.digest,
    changedAt: at(receipt.publishedAt),
    arrivedAt: at(receipt.arrivedAt),
    lostAt: published ? 0 : at(receipt.at),
    readAt: at(receipt.at),
    entry: receipt.entry ?? ZERO_WORD,
    rows: receipt.rows,
    expected: receipt.expected ?? -1,
    found: receipt.found ?? -1,
    absent: receipt.absent,
    trust: receipt.trust ?? PLAIN_TRUST,
    publishedAt: receipt.publishedAt,
    triedAt: receipt.madeAt,
    outcome: OUTCOMES.indexOf(receipt.kind === 'unchanged' ? 'unchanged' : 'succeeded') + 1,
    triedDigest: receipt.tried ?? receipt.digest,
  };
}

/** Of all that lies in the table but what was dropped: a calendar keeps the games of what is forgotten. */
async function readCalendar(
  pipeline: Pipeline,
  warehouse: Warehouse,
  {
    standings,
    declaration,
  }: {
    readonly standings: Standings;
    readonly declaration: CalendarDeclaration & {readonly source: CalendarFromAsset};
  },
): Promise<CalendarUpdate | undefined> {
  const {source} = declaration;
  const table = tableOf(assetOf(pipeline, source.asset));
  const {kind} = table.partitioning;
  const keys = [...(standings.assets.get(table.name) ?? [])]
    .filter(([, {receipt}]) => receipt.kind !== 'dropped')
    .map(([key]) => key)
    .filter(key => (kind === 'date' ? isDate(key) : kind === 'season' ? isSeason(key) : key === 'all'));
  if (keys.length === 0 || standings.goneTables.has(table.name)) return undefined;
  const found = await warehouse.select({
    from: {table},
    columns: calendarColumns(source),
    where: source.where,
    keys,
  });
  return wholeOf(declaration, gamesFrom(declaration, found));
}
