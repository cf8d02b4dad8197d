/**
 * What a pass of healing made and left, as text and as JSON.
 * It does not deal with what it may make (planner/healing.ts).
 */

import {ageText, counted, number} from '../planner/amount.ts';
import type {HealingChoice, LeftAlone, LeftCause} from '../planner/healing.ts';
import {groupBy} from '../report/group.ts';
import type {Head} from '../report/head.ts';
import {wrap} from '../report/text.ts';
import type {OutcomeCounts} from '../runner/event.ts';
import type {Pass} from './healing-record.ts';

export interface HealView {
  readonly head: Head;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly isDry: boolean;
  readonly isQuiet: boolean;
  /** What would be made, by asset. */
  readonly only: HealingChoice['only'];
  /** How many are made in any case, and only if what they read changes or fails. */
  readonly making: number;
  readonly following: number;
  readonly runs: readonly string[];
  readonly outcomes: OutcomeCounts;
  readonly left: readonly LeftAlone[];
}

const SAID: Readonly<Record<LeftCause, string>> = {
  'too-old': "older than 'auto_within': for 'gameplan materialize'",
  'tried-just-now': 'failed within the last hour: for a later pass',
  parked: "parked; 'gameplan gaps --by cause' says why",
  waiting: 'waiting for what is not there',
  'over-budget': 'left for the next pass',
  'site-budget': 'beyond what their site may be asked today',
};
const CAUSES = Object.keys(SAID) as readonly LeftCause[]; // its own keys

/** Ends with a line break. */
export function printHeal(view: HealView, width: number): string {
  const left = groupBy(view.left, ({cause}) => cause);
  const lines = CAUSES.flatMap(cause => {
    const own = left.get(cause) ?? [];
    return own.length === 0
      ? []
      : [`${counted(own.length, 'partition')} ${SAID[cause]}${oldestText(own, view.now)}.`];
  });
  return [
    ...wrap(headLine(view), width),
    ...(view.isDry ? plannedLines(view) : []),
    ...lines.flatMap(line => wrap(line, width)),
  ]
    .map(line => `${line}\n`)
    .join('');
}

function headLine({isDry, isQuiet, making, following, outcomes}: HealView): string {
  const more = following === 0 ? '' : `, up to ${number(following)} more if what they read changes or fails`;
  if (isQuiet) return `Quiet hours: nothing is made. ${counted(making, 'partition')} would be${more}.`;
  if (isDry) return `Would make ${counted(making, 'partition')}${more}. Nothing was made.`;
  if (outcomes.requested === 0) return 'Nothing to heal.';
  const {succeeded, unchanged, failed, quarantined, skipped, cancelled} = outcomes;
  const told = [
    `${number(succeeded)} filled`,
    `${number(unchanged + outcomes['not-needed'])} unchanged or not needed`,
    `${number(failed + quarantined)} failed`,
    ...(skipped === 0 ? [] : [`${number(skipped)} skipped`]),
    ...(cancelled === 0 ? [] : [`${number(cancelled)} cancelled`]),
  ];
  return `Healed: ${told.join(', ')}.`;
}

/** An asset a line, with its first and last key. */
function plannedLines({only}: HealView): readonly string[] {
  return [...only].map(([asset, keys]) => {
    const sorted = [...keys].toSorted();
    const [first = '', last = first] = [sorted[0], sorted.at(-1)];
    return `  ${asset} ${number(keys.size)}: ${first === last ? first : `${first} … ${last}`}`;
  });
}

function oldestText(left: readonly LeftAlone[], now: number): string {
  const oldest = oldestOf(left);
  if (oldest === undefined) return '';
  const since = oldest.since === undefined ? '' : `, ${ageText(Math.max(0, now - oldest.since))}`;
  return left.length === 1 ? ` (${oldest.ref}${since})` : ` (the oldest: ${oldest.ref}${since})`;
}

function oldestOf(left: readonly LeftAlone[]): LeftAlone | undefined {
  return left.reduce<LeftAlone | undefined>(
    (oldest, each) =>
      oldest === undefined ||
      (each.since ?? Number.POSITIVE_INFINITY) < (oldest.since ?? Number.POSITIVE_INFINITY)
        ? each
        : oldest,
    undefined,
  );
}

/** Version 1; additive changes only. */
export function healJson(view: HealView, pass: Pass | undefined): object {
  const {head, now, isDry, isQuiet, only, making, following, runs, outcomes, left} = view;
  const {succeeded, unchanged, failed, quarantined, skipped, cancelled} = outcomes;
  const grouped = groupBy(left, ({cause}) => cause);
  return {
    version: 1,
    pipeline: head.pipeline,
    target: head.target,
    now: new Date(now).toISOString(),
    dryRun: isDry,
    quiet: isQuiet,
    planned: {
      making,
      following,
      partitions: [...only].flatMap(([asset, keys]) => [...keys].map(key => `${asset}@${key}`)),
    },
    pass: pass === undefined ? null : passJson(pass),
    runs,
    filled: succeeded,
    unchanged: unchanged + outcomes['not-needed'],
    failed: failed + quarantined,
    skipped,
    cancelled,
    left: Object.fromEntries(CAUSES.map(cause => [cause, leftJson(grouped.get(cause) ?? [])])),
  };
}

function passJson({id, trigger, startedAt, endedAt, outcome}: Pass): object {
  return {
    id,
    trigger,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    outcome,
  };
}

function leftJson(left: readonly LeftAlone[]): object {
  const oldest = oldestOf(left);
  return {
    count: left.length,
    oldest:
      oldest === undefined
        ? null
        : {
            partition: oldest.ref,
            since: oldest.since === undefined ? null : new Date(oldest.since).toISOString(),
          },
    partitions: left.map(({ref}) => ref),
  };
}
