/**
 * Gaps, what was signed off, and the events that led there.
 * It does not deal with how gaps are found.
 */
import {z} from '@hono/zod-openapi';
import {EVENT_SEVERITY, type EventKind, SEVERITIES} from '../../planner/coverage-event.ts';
import {count} from './common.ts';

const EVENT_KINDS = Object.keys(EVENT_SEVERITY) as EventKind[]; // its own keys

export const gapGroup = z
  .object({
    asset: z.string(),
    season: z.string(),
    label: z.string(),
    standing: z.enum(['open', 'accepted']),
    count,
    ranges: z.string(),
    /** All of them, as `ASSET@RANGE`. */
    partitions: z.string(),
    /** The first fifty. */
    keys: z.array(z.string()),
    games: z.object({open: count, accepted: count}).nullable(),
    lacks: z.array(z.string()),
    since: z.number().nullable(),
    cause: z.string(),
    expired: z.string().nullable(),
  })
  .openapi('GapGroup');
export type GapGroupBody = z.infer<typeof gapGroup>;

export const gaps = z
  .object({
    sequence: count,
    now: z.number(),
    open: count,
    accepted: count,
    sections: z.array(z.object({title: z.string(), count, groups: z.array(gapGroup)})),
    /** Signed off, and there after all. */
    voids: z.array(
      z.object({
        asset: z.string(),
        count,
        ranges: z.string(),
        /** All of them, as `ASSET@RANGE`. */
        partitions: z.string(),
        reason: z.string(),
        by: z.string(),
        on: z.string(),
      }),
    ),
    /** The file that acceptances are written to, relative to the project; null where the manifest names none. */
    file: z.string().nullable(),
  })
  .openapi('Gaps');
export type GapsBody = z.infer<typeof gaps>;

/** Partitions of one asset, as `ASSET@RANGE` says them. */
const partitions = z
  .string()
  .max(20_000)
  .regex(/^[A-Za-z_][\w.]*@[\w.,*-]+$/, 'not of the form ASSET@RANGE');
const by = z.string().trim().min(1).max(100).optional();
const reason = z.string().trim().min(1, 'say why, for the record').max(500);

/** Only says what would follow. */
const dryRun = z.boolean().optional();

export const acceptance = z
  .strictObject({
    partitions,
    reason,
    by,
    until: z.iso.date().optional(),
    games: z
      .array(z.string().regex(/^[\w-]+$/))
      .max(100)
      .optional(),
    dryRun,
  })
  .openapi('Acceptance');
export type AcceptanceBody = z.infer<typeof acceptance>;

export const correction = z.strictObject({partitions, reason, by, dryRun}).openapi('Correction');
export type CorrectionBody = z.infer<typeof correction>;

/** Of what needs no reason. */
export const request = z.strictObject({by}).openapi('Request');

/** `run` is null where there was nothing to heal; `text` says so. */
export const healing = z.object({run: z.string().nullable(), text: z.string()}).openapi('Healing');
export type HealingBody = z.infer<typeof healing>;

/** What a command printed that has ended well. */
export const done = z.object({text: z.string()}).openapi('Done');
export type DoneBody = z.infer<typeof done>;

export const event = z
  .object({
    at: z.number(),
    run: z.string().nullable(),
    asset: z.string(),
    key: z.string(),
    game: z.string().nullable(),
    kind: z.enum(EVENT_KINDS),
    severity: z.enum(SEVERITIES),
    source: z.string().nullable(),
    detail: z.string(),
    /** What became of it. */
    resolution: z.string(),
    /** `noted`: there is nothing to resolve. */
    end: z.enum(['open', 'published', 'accepted', 'noted']),
  })
  .openapi('Event');
export type EventBody = z.infer<typeof event>;
export const events = z.object({events: z.array(event), hasMore: z.boolean()}).openapi('Events');
export type EventsBody = z.infer<typeof events>;
