/**
 * A plan as a page asks for it and shows it.
 * It does not deal with how one is run.
 */
import {z} from '@hono/zod-openapi';
import {action, count, said, state, states} from './common.ts';

const key = z.string().regex(/^(\d{4}-\d{2}-\d{2}|\d{4}-\d{2}|all)$/, 'neither a date nor a season');
const date = z.iso.date();

/** What is asked for: the flags of `gameplan plan`. */
export const question = z
  .strictObject({
    /** Selectors as the command line takes them; empty: every asset. */
    select: z.string().max(2000).default(''),
    from: date.optional(),
    to: date.optional(),
    keys: z.array(key).max(200_000).optional(),
    seasons: z
      .array(z.string().regex(/^\d{4}-\d{2}$/))
      .max(200)
      .optional(),
    /** What failed in the last run alone. */
    failed: z.boolean().default(false),
    missingOnly: z.boolean().default(false),
    force: z.boolean().default(false),
    prune: z.boolean().default(false),
    allowProtected: z.boolean().default(false),
    ignoreGate: z.boolean().default(false),
    limit: z.int().min(1).optional(),
  })
  .openapi('Question');
export type QuestionBody = z.infer<typeof question>;

export const planGroup = z
  .object({
    asset: z.string(),
    label: z.string(),
    state,
    action: action.nullable(),
    count,
    ranges: z.string(),
    first: z.array(z.string()),
    reasons: z.array(said),
    notes: z.array(said),
  })
  .openapi('PlanGroup');
export type PlanGroupBody = z.infer<typeof planGroup>;

export const plan = z
  .object({
    id: z.string(),
    question,
    sequence: count,
    now: z.number(),
    /** False: keys may be added once the calendar's own assets are made. */
    isSettled: z.boolean(),
    actions: z.record(action, count),
    states,
    groups: z.array(planGroup),
    /** Sentences: what is left out, what it takes, and what of a day's quota. */
    leftOut: z.array(z.string()),
    estimate: z.string(),
    jobs: z.array(z.string()),
    /** What forced partitions make stale. */
    follows: z.array(z.string()),
    /** As typed in a terminal. */
    command: z.string(),
  })
  .openapi('Plan');
export type PlanBody = z.infer<typeof plan>;

export const planned = z
  .object({
    total: count,
    partitions: z.array(
      z.object({
        asset: z.string(),
        key: z.string(),
        state,
        action: action.nullable(),
        reasons: z.array(said),
      }),
    ),
  })
  .openapi('PlannedPartitions');
export type PlannedBody = z.infer<typeof planned>;

export const start = z
  .strictObject({
    order: z.enum(['oldest', 'newest']).optional(),
    failFast: z.boolean().optional(),
    bySeason: z.boolean().optional(),
    reason: z.string().max(500).optional(),
    by: z.string().max(100).optional(),
  })
  .openapi('Start');
export type StartBody = z.infer<typeof start>;
