/**
 * Who heals on the schedule, as the ledger keeps it: one row with its holder, and the newest tick that was acted on.
 * It does not deal with who counts as dead (healing-holder.ts), nor with when the ticks are.
 */
import type {LedgerDatabase} from './ledger-database.ts';

/** A server that heals on the schedule. */
export interface Holder {
  /** Its own name. */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly born: string;
}

export interface HealingSchedule {
  /** Undefined: nobody holds it. */
  readonly holder: Holder | undefined;
  /** Rises as long as the holder lives, and with each holder. */
  readonly beat: number;
  /** When it last did, on the holder's clock or that of a server that all share; milliseconds since 1970. */
  readonly beatAt: number;
  /** How long ago that was, by that server's clock; undefined where there is none. Milliseconds. */
  readonly silentMs: number | undefined;
  /** The newest tick that somebody acted on; 0: none. */
  readonly tick: number;
  /** When the holder means to heal next. */
  readonly nextAt: number;
}

/** Only within a transaction that writes. */
export class ScheduleTable {
  readonly #database: LedgerDatabase;

  constructor(database: LedgerDatabase) {
    this.#database = database;
  }

  /** Takes it where it is still as `seen`, or keeps it; false where another was quicker. */
  take(holder: Holder, {seen, at, nextAt}: Taking): boolean {
    const {id, pid, host, born} = holder;
    this.#database
      .prepare(
        `INSERT INTO healing_schedule (name, holder, pid, host, born, beat, beat_at, tick, next_at)
         VALUES ('healing', '', 0, '', '', 0, 0, 0, 0) ON CONFLICT (name) DO NOTHING`,
      )
      .run();
    const {changes} = this.#database
      .prepare(
        `UPDATE healing_schedule SET holder = ?, pid = ?, host = ?, born = ?, beat = beat + 1,
           beat_at = ${this.#database.dialect.clock}, next_at = ?
         WHERE name = 'healing' AND beat = ?`,
      )
      .run(id, pid, host, born, at, nextAt, seen?.beat ?? 0);
    return changes > 0;
  }

  /** Whether that holder is the first to act on this tick. */
  takeTick(id: string, {tick, latest}: Tick): boolean {
    const {changes} = this.#database
      .prepare(
        `UPDATE healing_schedule SET tick = ? WHERE name = 'healing' AND holder = ? AND (tick < ? OR tick > ?)`,
      )
      .run(tick, id, tick, latest);
    return changes > 0;
  }

  /** Lets another take it at once. */
  release(id: string): void {
    this.#database
      .prepare(
        `UPDATE healing_schedule SET holder = '', beat = beat + 1 WHERE name = 'healing' AND holder = ?`,
      )
      .run(id);
  }
}

export interface Tick {
  /** When it was; milliseconds since 1970. */
  readonly tick: number;
  /** One that is noted as later than this was noted by a wrong clock, and counts for nothing. */
  readonly latest: number;
}

export interface Taking {
  /** As it was when it was found to be free, or one's own; undefined: there was none. */
  readonly seen: HealingSchedule | undefined;
  readonly at: number;
  readonly nextAt: number;
}

/** Undefined: nobody ever held it. */
export function readSchedule(database: LedgerDatabase): HealingSchedule | undefined {
  const query = `SELECT healing_schedule.*, ${database.dialect.clock} - beat_at AS silent_ms
    FROM healing_schedule WHERE name = 'healing'`;
  const row = database.prepare(query).get(0);
  if (row === undefined) return undefined;
  const id = String(row['holder']);
  return {
    holder:
      id === ''
        ? undefined
        : {id, pid: Number(row['pid']), host: String(row['host']), born: String(row['born'])},
    beat: Number(row['beat']),
    beatAt: Number(row['beat_at']),
    silentMs: database.isRemote ? Number(row['silent_ms']) : undefined,
    tick: Number(row['tick']),
    nextAt: Number(row['next_at']),
  };
}
