/**
 * Compares what the ledger says of partitions with what their last receipts say. Both are given; nothing is changed.
 * It does not deal with the data that receipts speak of (verify-data.ts).
 */
import type {Meant} from '../planner/asked.ts';
import {hexAt} from '../planner/hash.ts';
import type {AssetRecord, LedgerSnapshot} from '../planner/ledger.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {isPublished, type Standing, type Standings} from './standing.ts';
import type {LastReceipt} from './warehouse.ts';

/** What a partition is published as, for comparing. */
export interface PublishedAs {
  readonly version: string;
  /** SHA-256 as hex. */
  readonly fingerprint: string;
  readonly digest: string;
  readonly rows: number;
  /** Games; -1 where none are counted. */
  readonly expected: number;
  readonly found: number;
}

export interface Difference {
  readonly asset: string;
  readonly key: string;
  /** What differs: `published` where one of both says that it is not. */
  readonly parts: readonly ('published' | keyof PublishedAs)[];
  /** Undefined: not published. */
  readonly ledger: PublishedAs | undefined;
  readonly receipt: PublishedAs | undefined;
  /** Undefined: there is none. */
  readonly last: Pick<LastReceipt, 'kind' | 'run' | 'at'> | undefined;
}

export interface Verified {
  /** Partitions that the ledger and the receipts tell alike, among them those that both call withdrawn. */
  readonly agree: number;
  /** By asset, then key. */
  readonly differences: readonly Difference[];
  /** Partitions of open intents: a run is at work, or was killed and the next one settles them. */
  readonly open: readonly {readonly asset: string; readonly key: string}[];
}

export function verifyLedger({
  snapshot,
  standings,
  atWork,
  isMeant,
}: {
  readonly snapshot: LedgerSnapshot;
  readonly standings: Standings;
  /** As `asset@key`: what a run is making, or was when it was killed. */
  readonly atWork: ReadonlySet<string>;
  readonly isMeant: Meant;
}): Verified {
  const differences: Difference[] = [];
  const open: {asset: string; key: string}[] = [];
  let agree = 0;
  const names = [...new Set([...snapshot.assets, ...standings.assets.keys()])].sort();
  for (const asset of names) {
    const record = snapshot.find(asset as AssetName); // a name that the ledger may not know
    const rowOf = new Map(record?.keys.map((key, row) => [key, row]));
    const standing = standings.assets.get(asset) ?? new Map<string, Standing>();
    for (const key of [...new Set([...rowOf.keys(), ...standing.keys()])].sort()) {
      const last = standing.get(key);
      const row = rowOf.get(key);
      const ledger = record === undefined || row === undefined ? undefined : recordedAs(record, row);
      // What was only tried has no receipt.
      if (!isMeant(asset, key) || (last === undefined && ledger === undefined)) continue;
      if (atWork.has(`${asset}@${key}`)) {
        open.push({asset, key});
        continue;
      }
      const receipt = last !== undefined && isPublished(last) ? toldAs(last.receipt) : undefined;
      const parts = partsThatDiffer(ledger, receipt);
      if (parts.length === 0) agree++;
      else differences.push({asset, key, parts, ledger, receipt, last: last?.receipt});
    }
  }
  return {agree, differences, open};
}

/** Undefined: not published. */
function recordedAs(record: AssetRecord, row: number): PublishedAs | undefined {
  if (record.published[row] !== 1) return undefined;
  return {
    version: hexAt(record.version, row),
    fingerprint: record.fingerprints[record.fingerprint[row] ?? 0]?.hash ?? '',
    digest: hexAt(record.digest, row),
    rows: record.rows[row] ?? 0,
    expected: record.expected[row] ?? -1,
    found: record.found[row] ?? -1,
  };
}

function toldAs({version, fingerprint, digest, rows, expected, found}: LastReceipt): PublishedAs {
  return {version, fingerprint, digest, rows, expected: expected ?? -1, found: found ?? -1};
}

const PARTS = ['version', 'rows', 'expected', 'found', 'fingerprint', 'digest'] as const;

function partsThatDiffer(
  ledger: PublishedAs | undefined,
  receipt: PublishedAs | undefined,
): Difference['parts'] {
  if (ledger === undefined && receipt === undefined) return [];
  if (ledger === undefined || receipt === undefined) return ['published'];
  return PARTS.filter(part => ledger[part] !== receipt[part]);
}
