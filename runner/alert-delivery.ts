/**
 * Delivers what waits in the ledger, each receiver by itself: the oldest first, each until it was taken, with growing
 * pauses over commands and restarts. A receiver that fails stops nothing but its own deliveries of this time.
 * It does not write messages (report/alerts.ts) nor speak with receivers itself (alert-send.ts).
 */
import type {ReceiverKind} from '../planner/pipeline.ts';
import type {Reachable} from './alert-receivers.ts';
import {SendError, send} from './alert-send.ts';
import {type AlertTable, type Delivery, LONGEST_PAUSE_MS} from './ledger-alerts.ts';

export interface Delivering {
  /** Opens the ledger for one short transaction. */
  readonly write: <T>(use: (alerts: AlertTable) => T) => T;
  readonly receivers: readonly Reachable[];
  readonly page: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** For all of it. Milliseconds. */
  readonly budgetMs: number;
}

export interface Delivered {
  readonly receiver: ReceiverKind;
  readonly delivered: number;
  /** Of the try that ended it. */
  readonly error: string | undefined;
  /** That one is not tried again. */
  readonly isGivenUp?: boolean;
}

/** The longest that one receiver may take for one message. */
const TIMEOUT_MS = 10_000;
/** Of one receiver at one time: what is left is delivered the next time. */
const MOST = 20;
/** A minute, two, four and so on, at most four hours; after a week it is given up. */
const FIRST_PAUSE_MS = 60_000;
const WEEK_MS = 7 * 86_400_000;

/** Throws only what the ledger throws. */
export async function deliver(delivering: Delivering): Promise<readonly Delivered[]> {
  const until = performance.now() + delivering.budgetMs;
  return await Promise.all(
    delivering.receivers.map(each => deliverTo(each, delivering, () => until - performance.now())),
  );
}

async function deliverTo(
  receiver: Reachable,
  {write, page, now}: Delivering,
  left: () => number,
): Promise<Delivered> {
  const {kind} = receiver;
  let delivered = 0;
  if (receiver.address === undefined) {
    giveUpOld(write, kind, now());
    return {receiver: kind, delivered, error: undefined};
  }
  while (delivered < MOST && left() > 0) {
    const timeoutMs = Math.max(1, Math.min(TIMEOUT_MS, Math.round(left())));
    const claimed = write(alerts => alerts.claim(kind, {now: now(), until: now() + 2 * TIMEOUT_MS}));
    if (claimed === undefined) break;
    const error = await tryOnce(receiver, claimed, {page, timeoutMs});
    const at = now();
    const nextAt = error === undefined ? undefined : nextTry(claimed, at, error);
    write(alerts => alerts.settle(claimed, {now: at, error: error?.message, nextAt}));
    if (error !== undefined)
      return {receiver: kind, delivered, error: error.message, isGivenUp: nextAt === undefined};
    delivered++;
  }
  return {receiver: kind, delivered, error: undefined};
}

async function tryOnce(
  receiver: Extract<Reachable, {readonly secrets: readonly string[]}>,
  {message}: Delivery,
  sending: {readonly page: string | undefined; readonly timeoutMs: number},
): Promise<SendError | undefined> {
  try {
    await send(receiver, message, sending);
    return undefined;
  } catch (error) {
    if (error instanceof SendError) return error;
    throw error;
  }
}

/** Undefined: it is given up. */
function nextTry(
  {tries, writtenAt}: Delivery,
  now: number,
  {retryAfterMs = 0, mostTries = Number.POSITIVE_INFINITY}: SendError,
): number | undefined {
  if (now - writtenAt > WEEK_MS || tries + 1 >= mostTries) return undefined;
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 20));
  return now + Math.min(LONGEST_PAUSE_MS, Math.max(pause, retryAfterMs));
}

/** Of a receiver that lacks its variables here: another machine may have them, but not for ever. */
function giveUpOld(write: Delivering['write'], receiver: ReceiverKind, now: number): void {
  write(alerts => {
    for (const each of alerts.waiting())
      if (each.receiver === receiver && now - each.writtenAt > WEEK_MS)
        alerts.settle(each, {now, error: each.error ?? 'its variables were not set', nextAt: undefined});
  });
}
