/**
 * Whether a session's process still lives. On this machine the system is asked; of others, and of a process that is
 * there and does nothing, its heartbeat tells.
 * It does not deal with what becomes of a dead one's leases (claims.ts).
 */
import {readFileSync, readlinkSync} from 'node:fs';
import {hostname} from 'node:os';
import {type Leases, NO_LEASES} from '../planner/ledger.ts';
import type {Ledger} from './ledger.ts';
import type {LedgerDatabase} from './ledger-database.ts';
import type {NumberedAssets} from './ledger-partitions.ts';
import {readLeases, readSessions, type Session} from './ledger-session.ts';

/** After how long without a heartbeat a session counts as dead, and how often one beats. Milliseconds. */
export interface Pulse {
  readonly deadMs: number;
  readonly beatMs: number;
}

export const PULSE: Pulse = {deadMs: 60_000, beatMs: 2_000};

/** What this process is to others. */
export function ownProcess(): Pick<Session, 'pid' | 'host' | 'born'> {
  return {pid: process.pid, host: hostOf(), born: bornOf(process.pid) ?? ''};
}

/** The same for people. */
export function ownMachine(): {readonly host: string; readonly pid: number} {
  return {host: hostname(), pid: process.pid};
}

/** Process numbers mean the same within one boot of one machine and one space of numbers (a container has its own). */
function hostOf(): string {
  return [
    hostname(),
    tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    tryRead(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ');
}

/**
 * When a process began, in ticks since the machine did: field 22 of /proc/PID/stat (proc(5)). Empty where the system
 * has no such file; undefined: there is no such process.
 */
function bornOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled, and lives.
    const isThere = error instanceof Error && 'code' in error && error.code === 'EPERM';
    if (!isThere) return undefined;
  }
  const text = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name of the program, in parentheses, may hold spaces.
  const [state, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A zombie does nothing any more: nobody has asked yet how it ended.
  return state === 'Z' ? undefined : (rest[18] ?? '');
}

/** Empty where the system does not have it. */
function tryRead(read: () => string): string {
  try {
    return read();
  } catch {
    return ''; // not a Linux: then less is known
  }
}

/** Runs of this very process, whose end it knows by itself. */
const own = new Set<string>();

export function beginOwn(run: string): void {
  own.add(run);
}

export function endOwn(run: string): void {
  own.delete(run);
}

/** Looks at sessions again and again. `monotonic` gives milliseconds of a clock that nobody sets. */
export class Watch {
  readonly #me = ownProcess();
  readonly #deadMs: number;
  readonly #clock: () => number;
  readonly #monotonic: () => number;
  readonly #seen = new Map<string, {readonly beat: number; readonly since: number}>();

  constructor(
    {deadMs}: Pick<Pulse, 'deadMs'>,
    {clock, monotonic = () => performance.now()}: {readonly clock: () => number; monotonic?: () => number},
  ) {
    this.#deadMs = deadMs;
    this.#clock = clock;
    this.#monotonic = monotonic;
  }

  isDead(session: Pick<Session, 'run' | 'pid' | 'host' | 'born' | 'beat' | 'beatAt' | 'silentMs'>): boolean {
    const {run, pid, host, born, beat, beatAt} = session;
    // A clock may be set on either machine, so one that is far off is no proof of life either. Where a server keeps the
    // ledger, its clock has said both when the session beat and what time it is now.
    if (host !== this.#me.host) return Math.abs(session.silentMs ?? this.#clock() - beatAt) > this.#deadMs;
    const found = bornOf(pid);
    if (found === undefined || found !== born) return true;
    if (pid === this.#me.pid) return !own.has(run);
    // It is there, and may be stopped. Only what is seen here counts: a clock that was set says nothing.
    const seen = this.#seen.get(run);
    if (seen?.beat !== beat) {
      this.#seen.set(run, {beat, since: this.#monotonic()});
      return false;
    }
    return this.#monotonic() - seen.since > this.#deadMs;
  }
}

/** Takes for dead what is dead; returns whether anything was. */
export function buryDead(ledger: Pick<Ledger, 'otherSessions' | 'burySession'>, watch: Watch): boolean {
  return ledger.otherSessions().filter(each => watch.isDead(each) && ledger.burySession(each)).length > 0;
}

/** What live sessions hold, by asset and key, with who it is. */
export function heldBy(database: LedgerDatabase, assets: NumberedAssets, clock: () => number): Leases {
  const all = readSessions(database);
  if (all.length === 0) return NO_LEASES;
  const watch = new Watch(PULSE, {clock});
  const holders = new Map(
    all.flatMap(each => (watch.isDead(each) ? [] : [[each.run, holderText(each)] as const])),
  );
  return new Map(
    [...readLeases(database, assets)].map(([asset, own]) => [
      asset,
      new Map(
        [...own].flatMap(([key, run]) => {
          const holder = holders.get(run);
          return holder === undefined ? [] : [[key, holder] as const];
        }),
      ),
    ]),
  );
}

/** Who it is, for people. */
export function holderText({run, pid, host, command}: Session): string {
  const isHere = host === ownProcess().host;
  return `run ${run} (${command}; process ${pid}${isHere ? '' : ` on ${host.split(' ')[0]}`})`;
}
