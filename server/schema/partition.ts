/**
 * One partition: all that `gameplan explain` says, and what depends on it.
 * It does not deal with ranges.
 */
import {z} from '@hono/zod-openapi';
import {TRY_OUTCOMES} from '../../planner/coverage-event.ts';
import {action, count, outcome, said, state, states} from './common.ts';
import {attempt} from './run.ts';

export interface InputBody {
  edge: string;
  asset: string;
  window: string;
  count: number;
  /** The first fifty. */
  keys: string[];
  ranges: string;
  /** All of them, as `ASSET@RANGE`. */
  partitions: string;
  states: Partial<Record<z.infer<typeof state>, number>>;
  version: string | null;
  rows: number | null;
  publishedAt: number | null;
  score: number | null;
  /** Null: told above. */
  inputs: InputBody[] | null;
}

const input: z.ZodType<InputBody> = z
  .object({
    edge: z.string(),
    asset: z.string(),
    window: z.string(),
    count,
    keys: z.array(z.string()),
    ranges: z.string(),
    partitions: z.string(),
    states: z.partialRecord(state, count),
    version: z.string().nullable(),
    rows: count.nullable(),
    publishedAt: z.number().nullable(),
    score: z.number().nullable(),
    get inputs() {
      return z.array(input).nullable();
    },
  })
  .openapi('Input');

export const partition = z
  .object({
    sequence: count,
    asset: z.string(),
    key: z.string(),
    state,
    action: action.nullable(),
    /** Who makes it now; null where nobody does. */
    holder: z.string().nullable(),
    reasons: z.array(said),
    /** Of a gap that begins elsewhere: where, and why it is not there. */
    root: z.object({partition: z.string(), cause: z.string()}).nullable(),
    notes: z.array(said),
    kind: z.string(),
    file: z.string().nullable(),
    fingerprint: z.string(),
    digest: z.string(),
    publication: z
      .object({
        version: z.string(),
        rows: count,
        publishedAt: z.number(),
        durationMs: z.number(),
        fingerprint: z.string(),
        digest: z.string(),
        games: z.object({found: count, expected: count, absent: z.array(z.string())}).nullable(),
      })
      .nullable(),
    quality: z
      .object({
        score: z.number().nullable(),
        tier: z.string().nullable(),
        own: z.number().nullable(),
        inputs: z.number(),
        gate: z.number().nullable(),
        issues: z.array(z.string()),
      })
      .nullable(),
    /** What inputs that changed since were when it was made. */
    read: z.array(z.object({partition: z.string(), version: z.string()})),
    /** The newest first. */
    attempts: z.array(attempt.extend({run: z.string()})),
    tries: z.array(
      z.object({
        run: z.string(),
        source: z.string(),
        outcome: z.enum(TRY_OUTCOMES),
        expected: count.nullable(),
        found: count.nullable(),
        detail: z.string().nullable(),
        at: z.number(),
        durationMs: z.number(),
      }),
    ),
    acceptances: z.array(
      z.object({
        by: z.string(),
        on: z.string(),
        reason: z.string(),
        until: z.string().nullable(),
        isExpired: z.boolean(),
        games: z.array(z.string()),
      }),
    ),
    checks: z.array(z.object({name: z.string(), severity: z.enum(['error', 'warn'])})),
    inputs: z.array(input),
    /** What reads it directly. */
    dependents: z.array(
      z.object({asset: z.string(), name: z.string(), count, states, first: z.array(z.string())}),
    ),
    /** What has to happen until it is up to date, in order. */
    steps: z.array(z.string()),
    /** Why it may not be signed off as a known gap, to stand after its name; null where it may. */
    notSignable: z.string().nullable(),
  })
  .openapi('Partition');
export type PartitionBody = z.infer<typeof partition>;

/** Everything that a partition is made of, by asset, itself first; at most 2,000 keys of each. */
export const cone = z
  .object({
    assets: z.array(
      z.object({
        asset: z.string(),
        count,
        partitions: z.array(z.object({key: z.string(), state, version: z.string().nullable()})),
      }),
    ),
  })
  .openapi('Cone');
export type ConeBody = z.infer<typeof cone>;

/** Rows that checks held back; `rows` is what is kept of them. */
export const held = z
  .object({
    violations: z.array(z.string()),
    columns: z.array(z.string()),
    rows: z.array(z.array(z.unknown())),
    outcome: outcome.nullable(),
  })
  .openapi('Held');
export type HeldBody = z.infer<typeof held>;
