/**
 * Runs: their lines, what became of them, and their attempts.
 * It does not deal with plans.
 */
import {z} from '@hono/zod-openapi';
import {count, counts, outcome} from './common.ts';

export const runLine = z
  .object({
    id: z.string(),
    kind: z.enum(['run', 'copy', 'forget', 'mark', 'adopt']),
    command: z.string(),
    startedAt: z.number(),
    endedAt: z.number().nullable(),
    /** `dead`: its process ended without a word. */
    status: z.enum(['running', 'succeeded', 'failed', 'interrupted', 'dead']),
    /** So far, while it runs. */
    counts,
    by: z.string().nullable(),
    why: z.string().nullable(),
  })
  .openapi('RunLine');
export type RunLineBody = z.infer<typeof runLine>;

export const runs = z.object({runs: z.array(runLine), hasMore: z.boolean()}).openapi('Runs');

/** Alike failures together. */
export const failure = z
  .object({cause: z.string(), outcome, count, assets: z.array(z.string()), first: z.array(z.string())})
  .openapi('Failure');
export type FailureBody = z.infer<typeof failure>;

export const run = runLine
  .extend({
    assets: z.array(
      z.object({asset: z.string(), counts, durationMs: z.number(), bytesBilled: z.number().nullable()}),
    ),
    failures: z.array(failure),
    /** Partitions a second over the last half minute, and milliseconds that are left; null where not known. */
    rate: z.number().nullable(),
    etaMs: z.number().nullable(),
    /** Who asked it to end, and when: the second time, what was at work was cancelled. */
    asked: z.array(
      z.object({at: z.number(), times: z.union([z.literal(1), z.literal(2)]), by: z.string().nullable()}),
    ),
    /** What a process that this page started wrote before it ended badly. */
    crash: z.string().nullable(),
  })
  .openapi('Run');
export type RunBody = z.infer<typeof run>;

/** `asked`: the how manyth asking it is meant to be, so that one pressed twice is not taken for two. */
export const cancellation = z
  .strictObject({
    asked: z.union([z.literal(1), z.literal(2)]).default(1),
    by: z.string().trim().min(1).max(100).optional(),
  })
  .openapi('Cancellation');

/** How often a run was asked to end: a second time, what is at work is cancelled. */
export const cancelling = z
  .object({run: z.string(), asked: z.union([z.literal(1), z.literal(2)])})
  .openapi('Cancelling');

export const attempt = z
  .object({
    asset: z.string(),
    key: z.string(),
    outcome,
    startedAt: z.number(),
    endedAt: z.number(),
    durationMs: z.number(),
    rows: count.nullable(),
    retries: count,
    error: z.string().nullable(),
    reasons: z.array(z.string()),
  })
  .openapi('Attempt');
export type AttemptBody = z.infer<typeof attempt>;
export const attempts = z.object({total: count, attempts: z.array(attempt)}).openapi('Attempts');

/** Attempts as columns, for drawing: `asset` is an index into `assets`, `outcome` one into `outcomes`. */
export const timeline = z
  .object({
    assets: z.array(z.string()),
    outcomes: z.array(outcome),
    asset: z.array(count),
    outcome: z.array(count),
    startedAt: z.array(z.number()),
    endedAt: z.array(z.number()),
  })
  .openapi('Timeline');
export type TimelineBody = z.infer<typeof timeline>;
