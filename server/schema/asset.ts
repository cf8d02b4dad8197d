/**
 * One asset: how it is declared, and how its partitions were made over time.
 * It does not deal with one partition.
 */
import {z} from '@hono/zod-openapi';
import {count, outcome, states, tiers} from './common.ts';
import {declaredAsset, edge} from './pipeline.ts';

export const assetPage = declaredAsset
  .extend({
    sequence: count,
    /** Its query or code, with its place; null where it has none. */
    source: z
      .object({file: z.string(), language: z.enum(['sql', 'typescript']), text: z.string()})
      .nullable(),
    columns: z.array(z.object({name: z.string(), type: z.string(), description: z.string().nullable()})),
    key: z.array(z.string()),
    /** Edges of those that read it. */
    downstream: z.array(edge),
    checks: z.array(
      z.object({
        name: z.string(),
        severity: z.enum(['error', 'warn']),
        /** The newest events in which it did not hold. */
        failures: z.array(z.object({at: z.number(), key: z.string(), text: z.string()})),
      }),
    ),
    /** Facts of its declaration that have a name and a value, such as due, refresh, gate, covers. */
    facts: z.array(z.object({name: z.string(), value: z.string()})),
    fingerprint: z.string(),
    states,
    games: z.object({held: count, expected: count}).optional(),
    quality: tiers,
    /** Published keys that are no partitions any more. */
    orphans: z.array(z.string()),
    /** Attempts, the newest first, at most 200. */
    attempts: z.array(
      z.object({
        run: z.string(),
        key: z.string(),
        at: z.number(),
        outcome,
        durationMs: z.number(),
        rows: count.nullable(),
      }),
    ),
  })
  .openapi('Asset');
export type AssetPageBody = z.infer<typeof assetPage>;

/** By ordinal of the asset's axis, from `from` on; null where nothing is published. */
export const series = z
  .object({
    asset: z.string(),
    from: count,
    score: z.array(z.number().nullable()),
    found: z.array(z.number().nullable()),
    expected: z.array(z.number().nullable()),
    rows: z.array(z.number().nullable()),
    durationMs: z.array(z.number().nullable()),
    publishedAt: z.array(z.number().nullable()),
    /** Names; `source` is an index into them, -1 where none is written down, -2 where several were used. */
    sources: z.array(z.string()),
    source: z.array(z.int()),
  })
  .openapi('Series');
export type SeriesBody = z.infer<typeof series>;

export const sample = z
  .object({columns: z.array(z.string()), rows: z.array(z.array(z.unknown()))})
  .openapi('Sample');
export type SampleBody = z.infer<typeof sample>;
