/**
 * Tells pages that are open what changes: looks at the ledger while anybody listens, and sends the bytes that differ.
 * A page that comes back is sent what it missed, or told to begin anew.
 * It does not answer questions (routes-*.ts).
 */

import type {HttpBindings} from '@hono/node-server';
import type {Context} from 'hono';
import {type SSEStreamingApi, streamSSE} from 'hono/streaming';
import {OUTCOMES, type Outcome} from '../planner/ledger.ts';
import {readAtWork, readOutcomesAfter, readRuns} from '../report/project-ledger.ts';
import {LedgerError} from '../runner/ledger-error.ts';
import type {LiveMessage} from './live-message.ts';
import {Unusable, type View} from './reader.ts';
import type {Pace} from './routes-run.ts';
import type {Counts} from './schema/common.ts';
import type {Served} from './serving.ts';

/** How often the ledger is looked at, in milliseconds. */
const LOOK_MS = 400;
/** And where nobody answered for it: each look holds up the whole server for seconds. */
const UNREACHABLE_MS = 15_000;
/** A line is held open by a word so often. */
const HEARTBEAT_MS = 15_000;
/** Messages that are kept for those who come back. */
const MOST_KEPT = 200;
/** More changes than these are not told one by one. */
const MOST_CHANGES = 20_000;
/** The pace of a run is that of its last so many milliseconds. */
const PACE_MS = 30_000;
/** What a reader has not taken by then is not kept for it: it comes back. */
const MOST_WAITING = 500;

interface Reader {
  readonly send: (id: string, data: string) => void;
  readonly end: () => void;
}

/** How far a run is, over the last half minute. */
class Progress {
  readonly counts: Counts;
  readonly #seen: {readonly at: number; readonly done: number}[] = [];
  #done = 0;

  constructor() {
    // every outcome is there by construction
    this.counts = {requested: 0, ...Object.fromEntries(OUTCOMES.map(each => [each, 0]))} as Counts;
  }

  add(outcome: Outcome): void {
    this.counts[outcome]++;
    this.#done++;
  }

  /** Whether it has gone on since it was last looked at. */
  look(at: number, requested: number | undefined): boolean {
    const [was, done] = [this.counts.requested, this.#seen.at(-1)?.done];
    this.counts.requested = Math.max(requested ?? 0, this.#done);
    this.#seen.push({at, done: this.#done});
    while ((this.#seen[0]?.at ?? at) < at - PACE_MS) this.#seen.shift();
    return was !== this.counts.requested || done !== this.#done;
  }

  pace(): {readonly rate: number; readonly etaMs: number | undefined} | undefined {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < 1000) return undefined;
    const rate = ((last.done - first.done) * 1000) / (last.at - first.at);
    const left = this.counts.requested - this.#done;
    return {rate, etaMs: rate > 0 ? Math.round((left / rate) * 1000) : undefined};
  }
}

export class Live {
  readonly #served: Served;
  readonly #readers = new Set<Reader>();
  /** Names this process: messages of another cannot be gone on from. */
  readonly #epoch: string;
  #sent = 0;
  readonly #kept: {readonly number: number; readonly data: string}[] = [];
  #last: View | undefined;
  #lastAttempt: number | undefined;
  readonly #progress = new Map<string, Progress>();
  /** Whether pages were told that the last look failed. */
  #isTrouble = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(served: Served) {
    this.#served = served;
    this.#epoch = served.clock().toString(36);
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Answers with messages until the other end goes, or the server does. */
  stream(context: Context): Response {
    // Whoever asks for its head alone would be a reader that never takes anything, and never goes.
    if (context.req.method === 'HEAD') return context.body(null, 200, {'content-type': 'text/event-stream'});
    context.header('cache-control', 'no-store');
    context.header('x-accel-buffering', 'no');
    // Requests that came over no connection have no environment.
    const {outgoing} = (context.env ?? {}) as Partial<HttpBindings>;
    return streamSSE(context, stream => {
      // A write waits until the other end takes something: only without its line does it end at once.
      const cut = (): void => {
        stream.abort();
        outgoing?.destroy();
      };
      return this.#serve(stream, {lastId: context.req.header('last-event-id'), cut});
    });
  }

  async #serve(
    stream: SSEStreamingApi,
    {lastId, cut}: {readonly lastId: string | undefined; readonly cut: () => void},
  ): Promise<void> {
    const waiting: {readonly id: string; readonly data: string}[] = [];
    let wake: (() => void) | undefined;
    let isOver = this.#isClosed;
    const reader: Reader = {
      send: (id, data) => {
        if (waiting.length < MOST_WAITING) waiting.push({id, data});
        else if (!isOver) cut();
        wake?.();
      },
      end: () => {
        isOver = true;
        wake?.();
      },
    };
    stream.onAbort(reader.end);
    // What changes from now on is told: what the page asks for once it is welcome is no older.
    await this.#begin();
    this.#welcome(reader, lastId);
    this.#readers.add(reader);
    this.#look();
    const heartbeat = setInterval(() => wake?.(), HEARTBEAT_MS);
    try {
      while (!isOver) {
        const next = waiting.shift();
        if (next !== undefined) {
          await stream.writeSSE(next);
          continue;
        }
        const {promise, resolve} = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
        wake = undefined;
        // A comment, which no reader sees.
        if (waiting.length === 0 && !isOver) await stream.write(': here\n\n');
      }
    } finally {
      clearInterval(heartbeat);
      this.#readers.delete(reader);
    }
  }

  /** A project that has mistakes is looked at again and again: whoever asks it anything is told which. */
  async #begin(): Promise<void> {
    this.#last ??= await this.#served.reader.view().catch((error: unknown) => {
      if (error instanceof Unusable) return undefined;
      throw error;
    });
  }

  /** What was missed, where that is still known; else the word to begin anew. */
  #welcome(reader: Reader, lastId: string | undefined): void {
    const [epoch, number] = (lastId ?? '').split('-');
    const after = Number(number);
    const first = this.#kept[0]?.number ?? this.#sent + 1;
    if (epoch === this.#epoch && Number.isInteger(after) && after >= first - 1 && after <= this.#sent) {
      for (const each of this.#kept) if (each.number > after) reader.send(this.#idOf(each.number), each.data);
      return;
    }
    const sequence = this.#last?.ledger.sequence ?? 0;
    reader.send(this.#idOf(this.#sent), JSON.stringify({kind: 'hello', sequence} satisfies LiveMessage));
  }

  /** To all that listen, and kept for those who come back. */
  tell(message: LiveMessage): void {
    const data = JSON.stringify(message);
    this.#sent++;
    this.#kept.push({number: this.#sent, data});
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
    for (const reader of this.#readers) reader.send(this.#idOf(this.#sent), data);
  }

  paceOf(run: string): ReturnType<Pace['paceOf']> {
    return this.#progress.get(run)?.pace();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const reader of this.#readers) reader.end();
  }

  #idOf(number: number): string {
    return `${this.#epoch}-${number}`;
  }

  /** Goes on as long as anybody listens. */
  #look(afterMs: number = LOOK_MS): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(async () => {
      // The project has mistakes, or the ledger cannot be read: whoever asks is told which; the next look may be better.
      const trouble = await this.#lookOnce().then(
        () => undefined,
        (error: unknown) => ({error}),
      );
      const isTrouble = trouble !== undefined;
      if (isTrouble !== this.#isTrouble) this.tell({kind: 'pipeline'});
      this.#isTrouble = isTrouble;
      this.#timer = undefined;
      if (this.#readers.size > 0) this.#look(isUnreachable(trouble?.error) ? UNREACHABLE_MS : LOOK_MS);
    }, afterMs);
  }

  async #lookOnce(): Promise<void> {
    const before = this.#last;
    const view = await this.#served.reader.view();
    this.#last = view;
    if (before !== undefined && before !== view) this.#tellDifference(before, view);
    this.#lookAtRuns(view);
  }

  #tellDifference(before: View, view: View): void {
    const changes = changesOf(before, view);
    this.tell(
      changes === undefined ? {kind: 'pipeline'} : {kind: 'ledger', sequence: view.ledger.sequence, changes},
    );
  }

  #lookAtRuns(view: View): void {
    const {clock} = this.#served;
    const {project} = view;
    const atWork = readAtWork(project, clock);
    for (const run of this.#progress.keys()) {
      if (atWork.has(run)) continue;
      this.#progress.delete(run);
      this.tell({kind: 'run-ended', run, isCrash: false});
    }
    if (atWork.size === 0) {
      this.#lastAttempt = undefined;
      return;
    }
    const fresh = [...atWork].some(run => !this.#progress.has(run));
    // A run that was at work before anybody looked is counted from its beginning.
    if (fresh) this.#progress.clear();
    const news = readOutcomesAfter(project, fresh ? 0 : (this.#lastAttempt ?? 0), clock);
    const records = new Map(readRuns(project, RUNS, clock).map(run => [run.id, run]));
    for (const run of atWork) if (!this.#progress.has(run)) this.#progress.set(run, new Progress());
    for (const {run, outcome} of news?.outcomes ?? []) this.#progress.get(run)?.add(outcome);
    this.#lastAttempt = news?.last;
    for (const [run, progress] of this.#progress) {
      if (!progress.look(clock(), records.get(run)?.requested)) continue;
      const {rate, etaMs} = progress.pace() ?? {};
      this.tell({
        kind: 'progress',
        run,
        counts: {...progress.counts},
        rate: rate ?? null,
        etaMs: etaMs ?? null,
      });
    }
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof LedgerError && error.kind === 'unreachable';
}

/** Of the newest so many runs, those at work are looked for. */
const RUNS = 50;

/** Undefined: more than can be told. Where the calendar has gained dates, ordinals mean something else now. */
function changesOf(before: View, now: View): (readonly [string, number[]])[] | undefined {
  if (before.project !== now.project || before.mistakes !== now.mistakes) return undefined;
  const changes: (readonly [string, number[]])[] = [];
  let count = 0;
  for (const [asset, bytes] of now.strips) {
    const old = before.strips.get(asset);
    if (old?.length !== bytes.length) return undefined;
    const pairs = differences(old, bytes);
    count += pairs.length / 2;
    if (count > MOST_CHANGES) return undefined;
    if (pairs.length > 0) changes.push([asset, pairs]);
  }
  return changes;
}

/** As [ordinal, byte, ordinal, byte, ...]. */
function differences(before: Uint8Array, now: Uint8Array): number[] {
  if (Buffer.compare(before, now) === 0) return [];
  const pairs: number[] = [];
  for (let at = 0; at < now.length; at++) {
    const byte = now[at] ?? 0;
    if (byte !== before[at]) pairs.push(at, byte);
  }
  return pairs;
}
