/** The time, told anew each second while something goes on; for what lasts minutes parts/time-text.tsx is enough. */
import {useEffect, useState} from 'react';
import {durationText} from '../../planner/amount.ts';

/** Milliseconds since 1970. */
export function useClock(isGoing: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isGoing) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isGoing]);
  return now;
}

/** How long it goes on already, in whole seconds: parts of one would jump. */
export function goingText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : durationText(seconds * 1000);
}
