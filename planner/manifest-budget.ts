/**
 * Reads what a site may be asked within a day.
 * It does not deal with what is left of it (site-budget.ts).
 */
import {isTimezone} from './day.ts';
import {parseTimeOfDay, TIME_HINT} from './duration.ts';
import {keyAt, namesAt, type Path, readPercentage, report, type Scope} from './manifest-scope.ts';
import type {DayBudget} from './pipeline.ts';
import type {RawSite} from './schema.ts';
import {didYouMean} from './suggest.ts';

/** The share that is left to what is of now where nothing is said. */
const KEPT = 0.25;

export function readDayBudget(scope: Scope, path: Path, raw: RawSite['per_day']): DayBudget | undefined {
  if (raw === undefined || raw === 'none') return undefined;
  const plain = {resetsAt: 0, timezone: 'UTC', kept: KEPT, costHeader: undefined};
  if (typeof raw === 'number') return {unit: 'requests', amount: raw, ...plain};
  const {requests, credits, resets, keep, cost_header: costHeader} = raw;
  const said = namesAt(scope, path).filter(name => name === 'requests' || name === 'credits');
  const amount = credits ?? requests;
  if (said.length !== 1) {
    const problem = "A day's budget counts either 'requests' or 'credits'";
    return report(scope, 'bad-value', keyAt(scope, path), `${problem}: write one, such as 'credits: 500'.`);
  }
  if (amount === undefined) return undefined;
  if (costHeader !== undefined && requests !== undefined) {
    const problem = "'cost_header' says what a request cost, and this budget counts requests, one each";
    report(scope, 'misplaced-key', keyAt(scope, [...path, 'cost_header']), `${problem}: count 'credits'.`);
  }
  return {
    unit: credits === undefined ? 'requests' : 'credits',
    amount,
    ...readReset(scope, [...path, 'resets'], resets),
    kept: readPercentage(scope, [...path, 'keep'], keep) ?? KEPT,
    costHeader: costHeader?.toLowerCase(),
  };
}

/** A time of day and, after a space, a zone. */
function readReset(
  scope: Scope,
  path: Path,
  text: string | undefined,
): Pick<DayBudget, 'resetsAt' | 'timezone'> {
  if (text === undefined) return {resetsAt: 0, timezone: 'UTC'};
  const [time = '', timezone = 'UTC'] = text.trim().split(/\s+/);
  const resetsAt = parseTimeOfDay(time);
  if (resetsAt === undefined)
    report(scope, 'bad-time', path, `'${time}' is no time of day: write ${TIME_HINT}, such as '00:00 UTC'.`);
  if (!isTimezone(timezone)) {
    const guess = didYouMean(timezone, Intl.supportedValuesOf('timeZone'));
    report(
      scope,
      'bad-timezone',
      path,
      `'${timezone}' is no time zone.${guess || " Write one such as 'UTC'."}`,
    );
  }
  return {resetsAt: resetsAt ?? 0, timezone};
}
