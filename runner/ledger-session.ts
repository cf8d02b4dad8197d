/**
 * Who is at work and on what: sessions with their heartbeats, and leases on partitions, as the ledger keeps them. A
 * lease belongs to a session and ends with it.
 * It does not deal with who counts as dead (liveness.ts).
 */
import type {LedgerDatabase} from './ledger-database.ts';
import type {NumberedAssets} from './ledger-partitions.ts';

/** A run or a correction that is at work, or was when its process died. */
export interface Session {
  readonly run: string;
  readonly pid: number;
  /** Names the machine as it was last started, and what numbers its processes. */
  readonly host: string;
  /** When the process began, as the system says it: a number may be given to another process later. */
  readonly born: string;
  /** As the user typed it. */
  readonly command: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Rises as long as it lives. */
  readonly beat: number;
  /** How long ago it last did, by the clock of a server that all share; undefined where there is none. Milliseconds. */
  readonly silentMs?: number | undefined;
  /** When it last did, on its own clock or that server's. */
  readonly beatAt: number;
  /** What it had in use then; undefined until its first beat. */
  readonly inUse?: readonly PlaceInUse[] | undefined;
}

/** Something that bounds how much of a run is at work at once, such as a pool. */
export interface PlaceInUse {
  /** `all` fetches or batches, those of one `site`, of one `pool`. */
  readonly kind: 'all' | 'site' | 'pool';
  readonly name: string;
  readonly inUse: number;
  readonly limit: number;
}

export type NewSession = Omit<Session, 'beat' | 'beatAt' | 'silentMs' | 'inUse'>;

/** What a session says at each beat. */
export interface BeatSaid {
  readonly isWaiting: boolean;
  readonly inUse?: readonly PlaceInUse[];
}

/** What a session is told at each beat. */
export interface BeatAnswer {
  /** How often it was asked to end: as an interrupt, once or twice. */
  readonly asked: 0 | 1 | 2;
  /** Whether another one waits for the warehouse. */
  readonly isAwaited: boolean;
  /** How many are at work, without those that only hand out theirs. */
  readonly runs: number;
}

/** Somebody took this run for dead, and what it held may be another's by now: it may write nothing more. */
export class SessionLost extends Error {
  constructor(run: string) {
    super(
      `Run ${run} showed no sign of life for a while and was taken for dead; what it held was given to others, so it writes nothing more. Run the command again for what is left.`,
    );
    this.name = 'SessionLost';
  }
}

/** Another run holds what was to be written, and is at work on it. */
export class LeaseHeld extends Error {
  /** `holder` tells people who. */
  constructor(ref: string, holder: string) {
    super(`${ref} is held by ${holder}. Wait until it has ended, or end it with 'gameplan runs cancel'.`);
    this.name = 'LeaseHeld';
  }
}

/** What a run that means to make partitions asks. */
export interface ClaimRequest {
  readonly asset: string;
  readonly keys: readonly string[];
  /** Assets that these partitions read, at whatever distance. */
  readonly upstream: readonly string[];
  /** Up to where the run knows the log. */
  readonly since: number;
}

/** What it is told. */
export interface Claim {
  /** Of the keys asked for, those that another run holds, with that run. */
  readonly held: ReadonlyMap<string, string>;
  /** Whether others have recorded something since that concerns it: nothing was claimed, and it is to be heard first. */
  readonly isBehind: boolean;
  /** Whether a dead run left an intent of that asset open: nothing was claimed, and it is to be settled first. */
  readonly isUnsettled: boolean;
  /** Whether others have recorded nothing at all since. */
  readonly isUpToDate: boolean;
  /** Where the log ends now. */
  readonly sequence: number;
}

interface Standing extends Claim {
  /** Whether somebody took the run for dead. */
  readonly isLost: boolean;
}

/** Only within a transaction that writes. */
export class SessionTable {
  readonly #database: LedgerDatabase;
  readonly #assets: NumberedAssets;

  constructor(database: LedgerDatabase, assets: NumberedAssets) {
    this.#database = database;
    this.#assets = assets;
  }

  begin({run, pid, host, born, command, startedAt}: NewSession): void {
    this.#database
      .prepare(
        `INSERT INTO sessions (run, pid, host, born, command, started_at, beat, beat_at)
         VALUES (?, ?, ?, ?, ?, ?, 0, ${this.#database.dialect.clock})`,
      )
      .run(run, pid, host, born, command, startedAt, startedAt);
  }

  /** With all its leases. */
  end(run: string): void {
    this.#database.prepare('DELETE FROM sessions WHERE run = ?').run(run);
    this.#database.prepare('DELETE FROM leases WHERE run = ?').run(run);
  }

  has(run: string): boolean {
    return this.#database.prepare('SELECT 1 FROM sessions WHERE run = ?').get(run) !== undefined;
  }

  /** Undefined where the session is gone: somebody took it for dead. */
  beat(run: string, about: BeatSaid & {readonly at: number}): BeatAnswer | undefined {
    const row = this.#database
      .prepare(
        `UPDATE sessions SET beat = beat + 1, beat_at = ${this.#database.dialect.clock}, is_waiting = ?, in_use = ? WHERE run = ?
         RETURNING asked,
           (SELECT count(*) FROM sessions AS own WHERE own.run NOT IN (SELECT session FROM crew WHERE role = 'coordinator')) AS runs,
           (SELECT count(*) FROM sessions AS other WHERE other.run <> sessions.run AND other.is_waiting = 1) AS awaited`,
      )
      .get(about.at, about.isWaiting ? 1 : 0, JSON.stringify(about.inUse ?? []), run);
    if (row === undefined) return undefined;
    const asked = Number(row['asked']);
    return {
      asked: asked === 0 ? 0 : asked === 1 ? 1 : 2,
      isAwaited: Number(row['awaited']) > 0,
      runs: Number(row['runs']),
    };
  }

  /** Ends one that is taken for dead; false where it has beaten since, or is gone already. */
  bury({run, beat}: Session): boolean {
    const isBuried =
      this.#database.prepare('DELETE FROM sessions WHERE run = ? AND beat = ?').run(run, beat).changes > 0;
    if (isBuried) this.#database.prepare('DELETE FROM leases WHERE run = ?').run(run);
    return isBuried;
  }

  /** Asks one to end, as an interrupt does; returns how often it has been asked now, undefined where there is none. */
  ask(run: string): 1 | 2 | undefined {
    const change =
      'UPDATE sessions SET asked = CASE WHEN asked = 0 THEN 1 ELSE 2 END WHERE run = ? RETURNING asked';
    const row = this.#database.prepare(change).get(run);
    return row === undefined ? undefined : row['asked'] === 1 ? 1 : 2;
  }

  /** What a claim hangs on, in one question, and who else holds what of it. */
  standing(run: string, {asset, keys, upstream, since}: ClaimRequest): Standing {
    const news = "SELECT sequence FROM log WHERE sequence > ?2 AND kind = 'outcomes' AND run <> ?1";
    const rows = this.#database
      .prepare(
        `SELECT standing.*, leases.key AS key, leases.run AS holder FROM (SELECT
           EXISTS (SELECT 1 FROM sessions WHERE run = ?1) AS lives,
           EXISTS (${news}) AS news,
           EXISTS (SELECT 1 FROM partitions JOIN assets ON assets.id = partitions.asset
             WHERE partitions.sequence IN (${news}) AND (assets.name IN (SELECT value FROM json_each(?4))
               OR (assets.name = ?3 AND partitions.key IN (SELECT value FROM json_each(?5))))) AS behind,
           EXISTS (SELECT 1 FROM intents WHERE asset = ?3 AND run NOT IN (SELECT run FROM sessions)) AS unsettled,
           (SELECT max(sequence) FROM log) AS sequence) AS standing
         LEFT JOIN leases ON leases.asset = ?6 AND leases.run <> ?1
           AND leases.key IN (SELECT value FROM json_each(?5))`,
      )
      .all(run, since, asset, JSON.stringify(upstream), JSON.stringify(keys), this.#assets.numberOf(asset));
    const [row] = rows;
    return {
      isLost: !row?.['lives'],
      isBehind: Boolean(row?.['behind']),
      isUnsettled: Boolean(row?.['unsettled']),
      isUpToDate: !row?.['news'],
      sequence: Number(row?.['sequence'] ?? 0),
      held: new Map(
        rows.flatMap(({key, holder}) => (key === null ? [] : [[String(key), String(holder)] as const])),
      ),
    };
  }

  /** Takes what nobody else holds. */
  take(run: string, asset: string, keys: readonly string[]): void {
    this.#database
      .prepare(
        `INSERT INTO leases (asset, key, run) SELECT ?, value, ? FROM json_each(?) WHERE true
         ON CONFLICT DO NOTHING`,
      )
      .run(this.#assets.numberOf(asset), run, JSON.stringify(keys));
  }

  /** Gives back what has ended. */
  release(run: string, asset: string, keys: readonly string[]): void {
    this.#database
      .prepare('DELETE FROM leases WHERE asset = ? AND key IN (SELECT value FROM json_each(?)) AND run = ?')
      .run(this.#assets.numberOf(asset), JSON.stringify(keys), run);
  }
}

export function readSessions(database: LedgerDatabase): readonly Session[] {
  const {clock} = database.dialect;
  const query = `SELECT sessions.*, ${clock} - beat_at AS silent_ms FROM sessions ORDER BY started_at, run`;
  const all = database.prepare(query).all(0);
  return all.map(row => sessionFrom(database.isRemote ? row : {...row, silent_ms: undefined}));
}

/** What is held, by asset and key, with the run that holds it. */
export function readLeases(
  database: LedgerDatabase,
  assets: NumberedAssets,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const all = new Map<string, Map<string, string>>();
  for (const row of database.prepare('SELECT asset, key, run FROM leases').iterate()) {
    const asset = assets.nameOf(Number(row['asset']));
    const own = all.get(asset) ?? new Map<string, string>();
    own.set(String(row['key']), String(row['run']));
    all.set(asset, own);
  }
  return all;
}

function sessionFrom(row: Readonly<Record<string, unknown>>): Session {
  return {
    run: String(row['run']),
    pid: Number(row['pid']),
    host: String(row['host']),
    born: String(row['born']),
    command: String(row['command']),
    startedAt: Number(row['started_at']),
    beat: Number(row['beat']),
    ...(row['silent_ms'] === undefined ? {} : {silentMs: Number(row['silent_ms'])}),
    beatAt: Number(row['beat_at']),
    inUse: typeof row['in_use'] === 'string' ? JSON.parse(row['in_use']) : undefined, // only `beat` writes it
  };
}
