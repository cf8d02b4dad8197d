/**
 * What several answers have in common. Times are milliseconds since 1970 unless they are texts.
 * It does not deal with how an answer is found.
 */
import {z} from '@hono/zod-openapi';
import {OUTCOMES} from '../../planner/ledger.ts';
import {ACTIONS, STATES} from '../../planner/state.ts';
import {TIERS} from '../../planner/tier.ts';

export const state = z.enum(STATES);
export const action = z.enum(ACTIONS);
export const outcome = z.enum(OUTCOMES);
export const count = z.int().min(0);
export const states = z.record(state, count);
export const tiers = z.record(z.enum(TIERS), count);

/** A reason, note or cause as the command line says it. */
export const said = z.object({kind: z.string(), text: z.string()}).openapi('Said');
export type Said = z.infer<typeof said>;

export const counts = z
  .object({requested: count})
  .extend(
    Object.fromEntries(OUTCOMES.map(each => [each, count])) as Record<
      (typeof OUTCOMES)[number],
      typeof count
    >,
  )
  .openapi('OutcomeCounts');
export type Counts = z.infer<typeof counts>;

/** Why a request was refused; `details` is the longer text that a terminal would show. */
export const refusal = z.object({error: z.string(), details: z.string().optional()}).openapi('Refusal');
export type RefusalBody = z.infer<typeof refusal>;

/** Which of a long list: the first `offset` are left out. */
export const page = z.object({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
