/**
 * Ends work that takes too long, and tells what a failure is. It does not stop code that never yields: its worker is ended
 * (code-host.ts).
 */
import {LedgerError} from './ledger-error.ts';
import {SessionLost} from './ledger-session.ts';
import {StoreError} from './store.ts';
import {WarehouseError} from './warehouse.ts';

/** The asset's own timeout ended it. */
export class TimedOut extends Error {
  constructor(ms: number) {
    super(`Timed out after ${ms / 1000} s; raise 'timeout:'.`);
    this.name = 'TimedOut';
  }
}

/** Runs `work` under a signal that aborts with `parent` or after `ms`; rejects then, even if `work` does not listen. */
export async function withTimeout<T>(
  parent: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new TimedOut(ms)), ms);
  const follow = (): void => controller.abort(new Error('Cancelled.'));
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, {once: true});
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), {once: true});
    if (controller.signal.aborted) reject(controller.signal.reason);
  });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener('abort', follow);
  }
}

/** Whether an error is about the machine, so that whatever is tried next meets it as well: no partition is to blame. */
export function isEveryones(error: unknown): boolean {
  if (error instanceof LedgerError || error instanceof SessionLost) return true;
  if (error instanceof StoreError) return STORES.has(error.kind);
  return error instanceof WarehouseError && EVERYONES.has(error.kind);
}

const STORES: ReadonlySet<StoreError['kind']> = new Set([
  'disk-full',
  'credentials',
  'denied',
  'absent',
  'unreachable',
]);

const EVERYONES: ReadonlySet<WarehouseError['kind']> = new Set([
  'locked',
  'unreadable',
  'disk-full',
  'credentials',
  'quota',
  'budget',
]);

/** What a failed attempt is remembered by: the message, and that of its cause where it says more. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const {cause} = error;
  // A warehouse's own message has said all that the engine's says in its way.
  const isMore =
    cause instanceof Error && !(error instanceof WarehouseError) && !error.message.includes(cause.message);
  return isMore ? `${error.message} (${cause.message})` : error.message;
}
