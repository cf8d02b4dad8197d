/**
 * What is declared: assets, edges, and the keys that partitions lie along.
 * It does not deal with states.
 */
import {z} from '@hono/zod-openapi';
import {count} from './common.ts';

export const edge = z
  .object({
    asset: z.string(),
    name: z.string(),
    /** Empty: the same key. */
    window: z.string(),
    required: z.boolean(),
    atLeast: z.number().nullable(),
    tracks: z.boolean(),
  })
  .openapi('Edge');
export type EdgeBody = z.infer<typeof edge>;

export const declaredAsset = z
  .object({
    asset: z.string(),
    group: z.string(),
    kind: z.string(),
    partitionedBy: z.enum(['date', 'season', 'all']),
    /** Name of its axis. */
    axis: z.string(),
    partitions: count,
    description: z.string().nullable(),
    owner: z.string().nullable(),
    tags: z.array(z.string()),
    upstream: z.array(edge),
  })
  .openapi('DeclaredAsset');
export type DeclaredAssetBody = z.infer<typeof declaredAsset>;

const mistake = z
  .object({
    severity: z.string(),
    code: z.string(),
    message: z.string(),
    file: z.string(),
    line: count,
    column: count,
  })
  .openapi('Mistake');

export const pipeline = z
  .object({
    version: z.literal(1),
    pipeline: z.string(),
    target: z.string(),
    engine: z.string(),
    timezone: z.string().nullable(),
    /** Of the ledger that was read. */
    sequence: count,
    now: z.number(),
    isReadOnly: z.boolean(),
    /** Whether who reads it has logged in, and may log out. */
    hasLogin: z.boolean(),
    /** Who is written down where nobody else is named. */
    user: z.string().nullable(),
    /** Groups in the order of their first asset; assets upstream first. */
    groups: z.array(z.string()),
    assets: z.array(declaredAsset),
    /** Of the manifest as it lies there now; what is shown is the last one without any. */
    mistakes: z.array(mistake),
  })
  .openapi('Pipeline');
export type PipelineBody = z.infer<typeof pipeline>;

export const axis = z
  .object({
    axis: z.string(),
    kind: z.enum(['date', 'season', 'all']),
    /** In order; the place of a key is its ordinal. */
    keys: z.array(z.string()),
    /** Ordinals are half-open: [from, to). */
    seasons: z.array(z.object({season: z.string(), from: count, to: count})),
  })
  .openapi('Axis');
export type AxisBody = z.infer<typeof axis>;
export const axes = z.object({axes: z.array(axis)}).openapi('Axes');
