/**
 * Schedules as cron writes them, five fields in the zone of a calendar: which are right, and when the next time comes.
 * It waits for nothing, and knows no now but the one that it is given.
 */
import {Cron} from 'croner';

const CRON_HINT = "minute, hour, day, month and weekday, such as '0 9 * * *' for 09:00 every day";

/** Why a text is no schedule; undefined where it is one. */
export function cronTrouble(text: string): string | undefined {
  if (text.trim().split(/\s+/).length !== 5) return `is no schedule: write ${CRON_HINT}`;
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

/** Without a function to call it is a calculation alone. */
function cronOf(text: string, timezone: string): Cron {
  return new Cron(text, {timezone, mode: '5-part'});
}
