/**
 * A time, told as long ago or as a clock shows it in the pipeline's zone; the whole of it where the pointer rests.
 * It does not deal with keys of partitions.
 */
import {Tooltip} from '@mantine/core';
import {useSyncExternalStore} from 'react';
import {agoText, fullTime, shortTime} from '../format.ts';
import {useLive} from '../live.tsx';

/** `ago` goes on by itself. */
export function TimeText({at, as = 'ago'}: {readonly at: number; readonly as?: 'ago' | 'clock'}) {
  const {timezone} = useLive().pipeline;
  const now = useNow();
  return (
    <Tooltip label={fullTime(at, timezone)} openDelay={200} withArrow>
      <time dateTime={new Date(at).toISOString()}>
        {as === 'ago' ? agoText(at, now) : shortTime(at, now, timezone)}
      </time>
    </Tooltip>
  );
}

const STEP = 15_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Milliseconds since 1970, rounded down to a quarter of a minute; one timer for all that show a time. */
export function useNow(): number {
  return useSyncExternalStore(listen, () => Math.floor(Date.now() / STEP) * STEP);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, STEP);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
