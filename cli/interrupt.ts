/**
 * Interrupts as two signals: once, and no new partition starts; twice, and those at work are cancelled.
 * It does not deal with how a process hears of them (main.ts).
 */
import type {World} from './world.ts';

/**
 * One press of Ctrl-C can come more than once: from the terminal, and passed on by npm or by an older Node that started
 * this one. Within this many milliseconds they count as one.
 */
const ONE_PRESS_MS = 250;

export interface Interrupts {
  readonly stop: AbortSignal;
  readonly cancel: AbortSignal;
  /** Stops listening. */
  end(): void;
}

/** `said` is told of the first and of the second. */
export function listenForInterrupts(
  world: Pick<World, 'now' | 'onInterrupt'>,
  said: (times: 1 | 2) => void,
): Interrupts {
  const stop = new AbortController();
  const cancel = new AbortController();
  let last = Number.NEGATIVE_INFINITY;
  const end = world.onInterrupt(() => {
    const now = world.now();
    if (now - last < ONE_PRESS_MS) return;
    last = now;
    if (!stop.signal.aborted) {
      stop.abort();
      said(1);
    } else if (!cancel.signal.aborted) {
      cancel.abort();
      said(2);
    }
  });
  return {stop: stop.signal, cancel: cancel.signal, end};
}
