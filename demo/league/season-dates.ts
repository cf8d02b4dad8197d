// The days of a season: opening night to the last Sunday, days off, All-Star weekend, cup final, play-in.
// Does not deal with who plays whom.
import {addDays, nthWeekday, weekday} from './calendar.ts';

export interface SeasonDates {
  readonly preseason: readonly string[];
  readonly regular: readonly string[];
  readonly allStar: string;
  /** The cup is played since 2023. */
  readonly cupFinal: string | undefined;
  readonly playIn: readonly [string, string, string];
  readonly playoffs: string;
}

/** Days off of seasons gone by, where they differ from the rule below. */
const knownDaysOff: Readonly<Record<number, string>> = {
  2021: '2021-11-25 2021-12-24 2022-02-18 2022-02-19 2022-02-20 2022-02-21 2022-02-22 2022-02-23 2022-04-04',
  2022: '2022-11-08 2022-11-24 2022-12-24 2023-02-17 2023-02-18 2023-02-19 2023-02-20 2023-02-21 2023-02-22 2023-04-03',
  2023: `2023-11-07 2023-11-23 2023-12-03 2023-12-10 2023-12-24 2024-02-16 2024-02-17 2024-02-18 2024-02-19
    2024-02-20 2024-02-21 2024-04-08 2024-04-13`,
  2024: '2024-11-05 2024-11-28 2024-12-18 2024-12-24 2025-02-14 2025-02-15 2025-02-16 2025-02-17 2025-02-18 2025-04-12',
  2025: '2025-11-27 2025-12-24 2026-02-13 2026-02-14 2026-02-15 2026-02-16 2026-02-17 2026-02-18 2026-04-11',
};

const knownCupFinals: Readonly<Record<number, string>> = {
  2023: '2023-12-09',
  2024: '2024-12-17',
  2025: '2025-12-16',
};

/** Opening night is the first Tuesday from October 18 on; the last day is the Sunday 173 days later. */
export function seasonDates(startYear: number): SeasonDates {
  const eighteenth = `${startYear}-10-18`;
  const opening = addDays(eighteenth, (2 - weekday(eighteenth) + 7) % 7);
  const last = addDays(opening, 173);
  const cupFinal =
    startYear < 2023 ? undefined : (knownCupFinals[startYear] ?? nthWeekday(startYear, 12, 2, 3));
  const off = new Set([...daysOff(startYear, last), cupFinal]);
  return {
    preseason: range(addDays(opening, -16), 13),
    regular: range(opening, 174).filter(date => !off.has(date)),
    allStar: nthWeekday(startYear + 1, 2, 0, 3),
    cupFinal,
    playIn: [addDays(last, 2), addDays(last, 3), addDays(last, 5)],
    playoffs: addDays(last, 6),
  };
}

function daysOff(startYear: number, last: string): string[] {
  const known = knownDaysOff[startYear];
  if (known !== undefined) return known.split(/\s+/);
  const thanksgiving = nthWeekday(startYear, 11, 4, 4);
  const breakStart = addDays(nthWeekday(startYear + 1, 2, 0, 3), -2);
  return [thanksgiving, `${startYear}-12-24`, ...range(breakStart, 6), addDays(last, -6), addDays(last, -1)];
}

function range(from: string, days: number): string[] {
  return Array.from({length: days}, (_, index) => addDays(from, index));
}
