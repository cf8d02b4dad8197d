/**
 * Schedules as cron writes them, five fields in the zone of a calendar: which are right, and when the next time comes
 * and the last one came. It waits for nothing, and knows no now but the one that it is given.
 */
import {Cron} from 'croner';

const CRON_HINT = "minute, hour, day, month and weekday, such as '0 9 * * *' for 09:00 every day";

/** Why a text is no schedule; undefined where it is one. `withSeconds`: six fields will do, seconds first. */
export function cronTrouble(text: string, {withSeconds = false} = {}): string | undefined {
  const fields = text.trim().split(/\s+/).length;
  if (fields !== 5 && !(withSeconds && fields === 6)) return `is no schedule: write ${CRON_HINT}`;
  try {
    const isEver = cronOf(text, 'UTC').nextRun(new Date(0)) !== null;
    return isEver ? undefined : 'is a time that never comes: correct its day or month';
  } catch {
    return `is no schedule: write ${CRON_HINT}`;
  }
}

/** The first time after `after`, milliseconds since 1970; undefined where none comes. */
export function nextTime(cron: string, timezone: string, after: number): number | undefined {
  return cronOf(cron, timezone).nextRun(new Date(after))?.getTime();
}

/** The last time that has come by `now`; undefined where none has. */
export function lastTime(cron: string, timezone: string, now: number): number | undefined {
  // What it is asked for lies before the second that it is given.
  const last = cronOf(cron, timezone).previousRuns(2, new Date(now + 1000));
  return last.map(time => time.getTime()).find(time => time <= now);
}

/** Without a function to call it is a calculation alone. */
function cronOf(text: string, timezone: string): Cron {
  return new Cron(text, {timezone, mode: '5-or-6-parts'});
}
