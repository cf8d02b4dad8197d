/**
 * A ledger in which all that is due is there and up to date: what a change is held against where nothing has been
 * made yet. It does not deal with a ledger that holds something.
 */
import {type ClassifyInput, classify} from './classify.ts';
import {digestsOf} from './digest.ts';
import type {AssetFrame} from './frame.ts';
import {words} from './hash.ts';
import {
  type AssetRecord,
  type LedgerSnapshot,
  NO_LEASES,
  PLAIN_TRUST,
  type Trust,
  type Words,
} from './ledger.ts';
import type {Asset, AssetName} from './pipeline.ts';
import {CODE} from './state.ts';

/** The calendars stay those of the ledger: with none known, no date is due. */
export function allDueLedger(input: ClassifyInput): LedgerSnapshot {
  const {sequence, calendars} = input.ledger;
  const due = classify(input);
  const holding = (records: ReadonlyMap<AssetName, AssetRecord>): LedgerSnapshot => ({
    sequence,
    calendars,
    leases: NO_LEASES,
    spending: [],
    assets: [...records.keys()],
    find: asset => records.get(asset),
  });
  const made = new Map(
    [...due.assets].map(([name, asset]) => [name, recordOf(asset, words(asset.keys.length))]),
  );
  // What each reads is known once all that is due counts as published.
  const read = classify({...input, ledger: holding(made)});
  return holding(
    new Map(
      [...read.assets].map(([name, asset]) => {
        const digest = digestsOf(
          asset,
          asset.keys.map((_, ordinal) => ordinal),
        );
        const before = due.assets.get(name) ?? asset;
        return [name, recordOf(before, digest)];
      }),
    ),
  );
}

/** Of a cascade its best source counts as used. */
function trustOf({cascade}: Asset): Trust {
  const [best] = cascade?.sources ?? [];
  if (best === undefined) return PLAIN_TRUST;
  return {...PLAIN_TRUST, sources: [{name: best.name, games: 'all'}], depth: 1, ceiling: best.quality};
}

/** Of an asset of which nothing is published: what is missing counts as published once, with no games counted. */
function recordOf({keys, fingerprint, state, asset}: AssetFrame, digest: Words): AssetRecord {
  const count = keys.length;
  const published = Uint8Array.from(state, code => (code === CODE.missing ? 1 : 0));
  return {
    count,
    keys,
    days: undefined,
    publishedCount: published.reduce((sum, each) => sum + each, 0),
    hasCoverage: false,
    published,
    version: words(count),
    digest,
    fingerprint: new Uint32Array(count),
    fingerprints: [fingerprint],
    changedAt: new Float64Array(count),
    arrivedAt: new Float64Array(count),
    lostAt: new Float64Array(count),
    readAt: new Float64Array(count),
    entry: words(count),
    rows: new Float64Array(count),
    expected: new Int32Array(count).fill(-1),
    found: new Int32Array(count).fill(-1),
    absent: new Map(),
    trust: new Uint32Array(count),
    trusts: [trustOf(asset)],
    publishedAt: new Float64Array(count),
    durationMs: new Float64Array(count),
    triedAt: new Float64Array(count),
    outcome: new Uint8Array(count),
    failures: new Uint32Array(count),
    triedFingerprint: new Uint32Array(count),
    triedDigest: words(count),
    errors: new Map(),
  };
}
