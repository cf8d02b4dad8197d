/**
 * Reads what `gameplan heal` may do by itself: how old, how many, and when not.
 * It does not deal with what that means for a partition (healing.ts).
 */

import {cronTrouble} from './cron.ts';
import {parseTimeOfDay, TIME_HINT} from './duration.ts';
import {fillIn, isHttp, refuseSecretUrl} from './manifest-env.ts';
import {type Path, readDuration, report, type Scope} from './manifest-scope.ts';
import type {Healing} from './pipeline.ts';
import type {RawManifest} from './schema.ts';

/** Of a manifest that says nothing. */
const DEFAULTS: Healing = {
  autoWithin: 30 * 86_400_000,
  retryBudget: 3,
  atMost: 200,
  quiet: undefined,
  schedule: '15 * * * *',
  ping: undefined,
};

export function readHealing(scope: Scope, {healing: raw}: RawManifest): Healing {
  if (raw === undefined) return DEFAULTS;
  return {
    autoWithin: readDuration(scope, ['healing', 'auto_within'], raw.auto_within) ?? DEFAULTS.autoWithin,
    retryBudget: raw.retry_budget ?? DEFAULTS.retryBudget,
    atMost: readAtMost(scope, ['healing', 'at_most'], raw.at_most) ?? DEFAULTS.atMost,
    quiet: readQuiet(scope, ['healing', 'quiet'], raw.quiet),
    schedule: readSchedule(scope, ['healing', 'schedule'], raw.schedule) ?? DEFAULTS.schedule,
    ping: readPing(scope, ['healing', 'ping'], raw.ping),
  };
}

/** `200` or `200 partitions`. */
function readAtMost(scope: Scope, path: Path, value: number | string | undefined): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  const [, count] = /^([1-9]\d{0,8}) ?partitions?$/.exec(value.trim()) ?? [];
  if (count !== undefined) return Number(count);
  return report(scope, 'bad-value', path, `'${value}' is no number of partitions: write '200 partitions'.`);
}

function readQuiet(scope: Scope, path: Path, text: string | undefined): Healing['quiet'] {
  if (text === undefined) return undefined;
  const [from, to, ...rest] = text.split('-').map(parseTimeOfDay);
  if (from === undefined || to === undefined || rest.length > 0) {
    return report(
      scope,
      'bad-value',
      path,
      `'${text}' are no quiet hours: write two times with a dash between, such as '17:00-23:30' (${TIME_HINT}).`,
    );
  }
  if (from !== to) return {from, to};
  return report(
    scope,
    'bad-range',
    path,
    `'${text}' begins and ends at the same time: exchange one of them.`,
  );
}

function readSchedule(scope: Scope, path: Path, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const trouble = cronTrouble(text, {withSeconds: true});
  return trouble === undefined ? text : report(scope, 'bad-value', path, `'${text}' ${trouble}.`);
}

/** With variables it is known only where it is used. */
function readPing(scope: Scope, path: Path, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  refuseSecretUrl(scope, path, text);
  const isWhole = fillIn(text, {}) === text;
  if (!isWhole || isHttp(text)) return text;
  return report(
    scope,
    'bad-value',
    path,
    `'${text}' is no URL: write it whole, such as 'https://hc-ping.com/…', or as \${NAME}.`,
  );
}
