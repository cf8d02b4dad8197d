/** Outcomes as the ledger's tests write them. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {type AssetRecord, type Fingerprint, type LedgerSnapshot, PLAIN_TRUST} from '../../planner/ledger.ts';
import type {AssetName} from '../../planner/pipeline.ts';
import type {FailedOutcome, PublishedOutcome, UntriedOutcome} from '../../runner/ledger-row.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gameplan-'));
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

export const asset = (name: string): AssetName => name as AssetName; // a test's own name

export function fingerprint(text: string): Fingerprint {
  return {hash: text.padEnd(64, '0'), parts: {query: text}};
}

export function hex(value: number): string {
  return value.toString(16).padStart(16, '0');
}

const attempt = {asset: 'raw.games', key: '2024-01-15', startedAt: 1000, durationMs: 5, reasons: []};
const inputs = {fingerprint: fingerprint('f1'), digest: hex(0xd1), readAt: 0, entry: null};

/** What is tried is what is made from, unless a case says otherwise. */
function triedWith<About extends {digest?: string; triedDigest?: string}>(about: About) {
  return {triedDigest: about.triedDigest ?? about.digest ?? inputs.digest};
}

export function succeeded(about: Partial<PublishedOutcome> = {}): PublishedOutcome {
  return {
    ...attempt,
    ...inputs,
    ...triedWith(about),
    endedAt: 2000,
    outcome: 'succeeded',
    error: null,
    version: hex(0xa1),
    rows: 10,
    expected: null,
    found: null,
    absent: [],
    trust: PLAIN_TRUST,
    ...about,
  };
}

export function failed(about: Partial<FailedOutcome> = {}): FailedOutcome {
  const tried = triedWith(about);
  return {...attempt, ...inputs, ...tried, endedAt: 2000, outcome: 'failed', error: 'HTTP 500', ...about};
}

export function untried(about: Partial<UntriedOutcome> = {}): UntriedOutcome {
  return {...attempt, endedAt: 2000, outcome: 'skipped', error: null, ...about};
}

/** One row of a record, spelled out. */
export function rowOf(record: AssetRecord | undefined, key: string) {
  const row = record?.keys.indexOf(key) ?? -1;
  if (record === undefined || row < 0) return undefined;
  const word = ({hi, lo}: {hi: Uint32Array; lo: Uint32Array}) =>
    (hi[row] ?? 0).toString(16).padStart(8, '0') + (lo[row] ?? 0).toString(16).padStart(8, '0');
  return {
    published: record.published[row],
    version: word(record.version),
    digest: word(record.digest),
    fingerprint: record.fingerprints[record.fingerprint[row] ?? -1],
    changedAt: record.changedAt[row],
    arrivedAt: record.arrivedAt[row],
    lostAt: record.lostAt[row],
    readAt: record.readAt[row],
    entry: word(record.entry),
    rows: record.rows[row],
    expected: record.expected[row],
    found: record.found[row],
    absent: record.absent.get(row),
    trust: record.trusts[record.trust[row] ?? -1],
    publishedAt: record.publishedAt[row],
    durationMs: record.durationMs[row],
    triedAt: record.triedAt[row],
    outcome: record.outcome[row],
    failures: record.failures[row],
    triedFingerprint: record.fingerprints[record.triedFingerprint[row] ?? -1],
    triedDigest: word(record.triedDigest),
    error: record.errors.get(row),
  };
}

/** All that a snapshot says, in an order that does not depend on how it was built. */
export function spelledOut(snapshot: LedgerSnapshot) {
  const assets = snapshot.assets.map(name => {
    const record = snapshot.find(name);
    const keys = [...(record?.keys ?? [])].sort();
    return [name, keys.map(key => [key, rowOf(record, key)])] as const;
  });
  return {sequence: snapshot.sequence, calendars: [...snapshot.calendars.values()], assets};
}
