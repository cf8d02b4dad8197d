/**
 * Runs the assets' own code in workers, and ends it when its time is over, whatever it does. Calls of one asset share a
 * worker where they only wait; where one of them keeps it from answering, the others are given back to be run alone.
 * It does not deal with what the code is given (make-files.ts, make-rows.ts).
 */
import type {Asset} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import type {Partition, Row, SiteClient} from './asset.ts';
import {type Channel, openChannel} from './code-channel.ts';
import {
  type Ask,
  type CallStart,
  errorFrom,
  type FromWorker,
  type PlainAnswer,
  type PlainObject,
  plainError,
} from './code-protocol.ts';
import type {Secrets} from './secrets.ts';
import {TimedOut} from './timeout.ts';

/** What code may use while it runs. */
export interface CodeTools {
  readonly partition: Partition;
  /** Of a fetch: the instant to ask about, in ISO form. */
  readonly asOf: string | undefined;
  /** Ends with the call. */
  readonly site: (signal: AbortSignal) => SiteClient;
  readonly put: (name: string, bytes: Uint8Array) => Promise<void>;
  readonly inputs: Readonly<Record<string, () => AsyncIterable<PlainObject>>>;
}

export interface CodeOptions {
  /** Aborted: the call ends, whatever it does. */
  readonly cancel: AbortSignal;
  /** In a worker that no other call has part in. */
  readonly isAlone: boolean;
}

/** Another call kept the worker from answering, or ended it: nothing is known of this one, and it is to be run alone. */
export class CodeLost extends Error {
  constructor() {
    super('The worker that ran it was ended because of another call.');
    this.name = 'CodeLost';
  }
}

/** How long code has to end by itself once it is told to, and how long a worker has to answer. Milliseconds. */
const GRACE_MS = 1_000;
const ANSWER_MS = 500;

/** How many workers live at once while some of them have nothing to do. */
const MOST_WORKERS = 4;

interface Hand {
  readonly asset: string;
  readonly channel: Channel;
  readonly calls: Map<number, Call>;
  /** Takes no more calls. */
  isRetired: boolean;
  /** Whether its calls are such that only wait. */
  isShared: boolean;
  /** Those who wait for its answer. */
  readonly pongs: Set<() => void>;
}

interface Call {
  readonly id: number;
  readonly hand: Hand;
  readonly tools: CodeTools;
  readonly controller: AbortController;
  readonly site: SiteClient;
  readonly readings: Map<number, AsyncIterator<PlainObject>>;
  /** What was refused, by the id of the asking: where that is what the code fails of, it is told as it was. */
  readonly refused: Map<number, unknown>;
  readonly onRows: ((rows: readonly Row[]) => Promise<void>) | undefined;
  readonly settled: PromiseWithResolvers<unknown>;
  /** Why it is being ended. */
  ending: unknown;
  isOver: boolean;
}

export class CodeHost {
  readonly #root: string;
  readonly #secrets: Secrets;
  readonly #hands = new Set<Hand>();
  #calls = 0;

  /** `secrets`: what no error of the code may tell. */
  constructor(root: string, secrets: Secrets) {
    this.#root = root;
    this.#secrets = secrets;
  }

  /** What the code returned. Throws what it threw, a `TimedOut`, the reason of `cancel`, or a `CodeLost`. */
  async files(asset: Asset, tools: CodeTools, options: CodeOptions): Promise<unknown> {
    return await this.#run(asset, {name: 'files', source: undefined}, tools, options);
  }

  /** Rows as they are made; whoever takes them sets the pace. Throws as `files` does. */
  async *rows(
    asset: Asset,
    source: string | undefined,
    tools: CodeTools,
    cancel: AbortSignal,
  ): AsyncGenerator<readonly Row[]> {
    let waiting = Promise.withResolvers<void>();
    let taken = Promise.withResolvers<void>();
    let chunk: readonly Row[] | undefined;
    const onRows = async (rows: readonly Row[]): Promise<void> => {
      chunk = rows;
      taken = Promise.withResolvers<void>();
      waiting.resolve();
      await taken.promise;
    };
    let isDone = false;
    const left = new AbortController();
    const signal = AbortSignal.any([cancel, left.signal]);
    const running = this.#run(asset, {name: 'rows', source}, tools, {
      cancel: signal,
      isAlone: true,
      onRows,
    }).finally(() => {
      isDone = true;
      waiting.resolve();
    });
    // It is awaited below; meanwhile nobody else is to hear of it.
    running.catch(() => undefined);
    try {
      while (!isDone) {
        await waiting.promise;
        waiting = Promise.withResolvers<void>();
        if (chunk === undefined) continue;
        const rows = chunk;
        chunk = undefined;
        yield rows;
        taken.resolve();
      }
      await running;
    } finally {
      // Whoever takes no more of it has no use for the rest.
      left.abort();
    }
  }

  async close(): Promise<void> {
    const hands = [...this.#hands];
    this.#hands.clear();
    await Promise.all(hands.map(({channel}) => channel.kill()));
  }

  async #run(
    asset: Asset,
    {name, source}: Pick<CallStart, 'name' | 'source'>,
    tools: CodeTools,
    {cancel, isAlone, onRows}: CodeOptions & {readonly onRows?: Call['onRows']},
  ): Promise<unknown> {
    const {making, timeout} = asset;
    if (making.kind !== 'files' && making.kind !== 'rows')
      throw new Error(`Internal error: '${asset.name}' has no code`);
    cancel.throwIfAborted();
    const hand = this.#handFor(asset, isAlone);
    const controller = new AbortController();
    const call: Call = {
      id: ++this.#calls,
      hand,
      tools,
      controller,
      site: tools.site(controller.signal),
      readings: new Map(),
      refused: new Map(),
      onRows,
      settled: Promise.withResolvers(),
      ending: undefined,
      isOver: false,
    };
    hand.calls.set(call.id, call);
    const timer = setTimeout(() => this.#end(call, new TimedOut(timeout)), timeout);
    const onCancel = (): void => this.#end(call, new Error('Cancelled.'));
    cancel.addEventListener('abort', onCancel, {once: true});
    hand.channel.post({
      kind: 'start',
      call: call.id,
      root: this.#root,
      module: making.module,
      name,
      partition: tools.partition,
      asOf: tools.asOf,
      source,
      edges: Object.keys(tools.inputs),
    });
    try {
      return await call.settled.promise;
    } finally {
      clearTimeout(timer);
      cancel.removeEventListener('abort', onCancel);
      controller.abort(call.ending ?? new Error('The call has ended.'));
      this.#release(hand, call);
    }
  }
  #handFor({name, isolation, memory}: Asset, isAlone: boolean): Hand {
    for (const hand of this.#hands) {
      if (hand.asset !== name || hand.isRetired) continue;
      if (isAlone ? hand.calls.size === 0 : hand.isShared || hand.calls.size === 0) {
        hand.isShared = !isAlone;
        return hand;
      }
    }
    this.#makeRoom();
    const hand: Hand = {
      asset: name,
      channel: openChannel({
        isolation,
        memory,
        onMessage: message => this.#hear(hand, message),
        onEnd: why => this.#ended(hand, why),
      }),
      calls: new Map(),
      isRetired: false,
      isShared: !isAlone,
      pongs: new Set(),
    };
    this.#hands.add(hand);
    return hand;
  }

  /** Ends a worker that has nothing to do, where there are many. */
  #makeRoom(): void {
    if (this.#hands.size < MOST_WORKERS) return;
    const idle = [...this.#hands].find(({calls}) => calls.size === 0);
    if (idle !== undefined) this.#drop(idle);
  }

  #drop(hand: Hand): void {
    hand.isRetired = true;
    this.#hands.delete(hand);
    void hand.channel.kill();
  }

  #release(hand: Hand, call: Call): void {
    hand.calls.delete(call.id);
    if (hand.isRetired && hand.calls.size === 0) this.#drop(hand);
  }

  #hear(hand: Hand, message: FromWorker): void {
    switch (message.kind) {
      case 'pong':
        for (const pong of hand.pongs) pong();
        return;
      case 'ask': {
        const call = hand.calls.get(message.call);
        if (call !== undefined && !call.isOver) void give(call, message.id, message.ask);
        return;
      }
      case 'done': {
        const call = hand.calls.get(message.call);
        if (call !== undefined) settle(call, () => call.settled.resolve(message.value));
        return;
      }
      case 'failed': {
        const call = hand.calls.get(message.call);
        if (call === undefined) return;
        const known = message.refused === undefined ? undefined : call.refused.get(message.refused);
        settle(call, () => call.settled.reject(known ?? this.#secrets.hideIn(errorFrom(message.error))));
        return;
      }
      default:
        unreachable(message);
    }
  }

  /** The worker ended by itself: of one call alone that is its doing; of several nobody knows whose. */
  #ended(hand: Hand, why: Error): void {
    hand.isRetired = true;
    this.#hands.delete(hand);
    const isOne = hand.calls.size === 1;
    for (const call of hand.calls.values())
      settle(call, () => call.settled.reject(isOne ? this.#secrets.hideIn(why) : new CodeLost()));
  }

  /** Tells a call to end, and sees to it that it does. */
  #end(call: Call, why: Error): void {
    if (call.isOver || call.ending !== undefined) return;
    call.ending = why;
    call.controller.abort(why);
    const {hand} = call;
    hand.channel.post({kind: 'abort', call: call.id, error: plainError(why)});
    setTimeout(() => void this.#force(call), GRACE_MS).unref();
  }

  async #force(call: Call): Promise<void> {
    const {hand} = call;
    if (call.isOver) return;
    const canAnswer = await answers(hand);
    if (call.isOver) return;
    if (canAnswer) {
      // It waits for what never comes: the worker is good for the others that it has begun.
      hand.isRetired = true;
      settle(call, () => undefined);
      return;
    }
    const open = [...hand.calls.values()].filter(each => !each.isOver);
    for (const each of open) {
      // Whichever of several keeps it busy is found out when each has a worker of its own.
      if (open.length > 1 && (each.ending === undefined || each.ending instanceof TimedOut))
        each.ending = new CodeLost();
      settle(each, () => undefined);
    }
    this.#drop(hand);
  }
}

/** What ends a call that was told to end is that, whatever else it says. */
function settle(call: Call, otherwise: () => void): void {
  if (call.isOver) return;
  call.isOver = true;
  if (call.ending === undefined) otherwise();
  else call.settled.reject(call.ending);
}

async function answers(hand: Hand): Promise<boolean> {
  const {promise, resolve} = Promise.withResolvers<boolean>();
  const pong = (): void => resolve(true);
  hand.pongs.add(pong);
  const timer = setTimeout(() => resolve(false), ANSWER_MS);
  hand.channel.post({kind: 'ping'});
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    hand.pongs.delete(pong);
  }
}

async function give(call: Call, id: number, ask: Ask): Promise<void> {
  const {channel} = call.hand;
  try {
    const value = await answer(call, ask);
    if (!call.isOver) channel.post({kind: 'given', id, value});
  } catch (error) {
    call.refused.set(id, error);
    if (!call.isOver) channel.post({kind: 'refused', id, error: plainError(error)});
  }
}

async function answer(call: Call, ask: Ask): Promise<unknown> {
  const {tools, site, readings, onRows} = call;
  switch (ask.kind) {
    case 'get': {
      const {url, status, contentType, bytes} = await site.get(ask.path, ask.query, {cost: ask.cost});
      return {url, status, contentType, bytes} satisfies PlainAnswer;
    }
    case 'put':
      await tools.put(
        ask.name,
        typeof ask.bytes === 'string' ? new TextEncoder().encode(ask.bytes) : ask.bytes,
      );
      return undefined;
    case 'object': {
      let reading = readings.get(ask.reading);
      if (reading === undefined) {
        const objects = tools.inputs[ask.edge];
        if (objects === undefined) throw new Error(`Internal error: no edge '${ask.edge}'`);
        reading = objects()[Symbol.asyncIterator]();
        readings.set(ask.reading, reading);
      }
      const next = await reading.next();
      return next.done === true ? undefined : next.value;
    }
    case 'rows':
      await onRows?.(ask.rows);
      return undefined;
    default:
      return unreachable(ask);
  }
}
