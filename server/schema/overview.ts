/**
 * How the pipeline is: its gaps, its runs, its quality and the last thirty days.
 * It does not deal with single partitions (strips).
 */
import {z} from '@hono/zod-openapi';
import {PASS_TRIGGERS} from '../../runner/ledger-pass.ts';
import {count, outcome, said, states, tiers} from './common.ts';
import {runLine} from './run.ts';

export const assetStatus = z
  .object({
    asset: z.string(),
    group: z.string(),
    states,
    /** Undefined where it counts no games. */
    games: z.object({held: count, expected: count}).optional(),
    quality: tiers,
    seasons: z.record(z.string(), states),
  })
  .openapi('AssetStatus');
export type AssetStatusBody = z.infer<typeof assetStatus>;

/** Open gaps of one cause. */
const gapCause = z
  .object({
    cause: said,
    count,
    assets: z.array(z.string()),
    /** Of the oldest; null where not known. */
    since: z.number().nullable(),
    /** Of the first asset. */
    ranges: z.string(),
  })
  .openapi('GapCause');

export const overview = z
  .object({
    sequence: count,
    now: z.number(),
    states,
    assets: z.array(assetStatus),
    openGaps: count,
    acceptedGaps: count,
    causes: z.array(gapCause),
    /** What the next run would do, by action. */
    planned: z.object({run: count, 'run-if': count, wait: count, skip: count, drop: count}),
    atWork: z.array(runLine),
    lastRuns: z.array(runLine),
    quality: tiers,
    /** Attempts by day of the pipeline's zone, 30 of them, oldest first. */
    trend: z.array(z.object({date: z.string(), outcomes: z.record(outcome, count)})),
  })
  .openapi('Overview');
export type OverviewBody = z.infer<typeof overview>;

/** What the next pass of healing makes; the most first. */
export const heals = z
  .object({
    /** Within the hours in which nothing heals. */
    isQuiet: z.boolean(),
    assets: z.array(z.object({asset: z.string(), count})),
    /** Of what is left as it is, by why. */
    left: z.array(z.object({text: z.string(), count})),
    /** Null where none ever was. `endedAt` is null of one that is at work, or died. */
    lastPass: z
      .object({
        startedAt: z.number(),
        endedAt: z.number().nullable(),
        /** What came of it, in a few words. */
        text: z.string(),
        trigger: z.enum(PASS_TRIGGERS),
        by: z.string().nullable(),
      })
      .nullable(),
    /** When a server heals next; null where none does on a schedule. */
    nextAt: z.number().nullable(),
  })
  .openapi('Heals');
export type HealsBody = z.infer<typeof heals>;
