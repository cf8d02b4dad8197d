/**
 * Reads how an asset's table is laid out where the engine lets one choose: partitions of the table, clustering, limits.
 * It does not deal with the logical key (manifest-partition.ts), which this never changes.
 */
import type {MakingKind} from './manifest-edge.ts';
import {at, hintAt, keyAt, type Path, readSize, report, type Scope} from './manifest-scope.ts';
import type {Column, Partitioning, Physical} from './pipeline.ts';
import type {RawAsset} from './schema.ts';

interface PhysicalInput {
  readonly raw: RawAsset;
  readonly kind: MakingKind;
  readonly partitioning: Partitioning;
  readonly columns: readonly Column[];
}

type RawPhysical = NonNullable<RawAsset['bigquery']>;

// https://cloud.google.com/bigquery/docs/clustered-tables#limitations
const MOST_CLUSTERED = 4;

export function readPhysical(scope: Scope, base: Path, input: PhysicalInput): Physical {
  const {raw, kind, partitioning} = input;
  const said: RawPhysical = raw.bigquery ?? {};
  const path = [...base, 'bigquery'];
  const isDates = partitioning.kind === 'date';
  if (raw.bigquery !== undefined && (kind === 'files' || kind === 'export')) {
    report(
      scope,
      'misplaced-key',
      keyAt(scope, path),
      `'bigquery' says how a table is laid out, and '${base.at(-1)}' has none: remove it.`,
    );
  } else judgeGrain(scope, path, said, partitioning);
  return {
    grain: said.grain ?? (isDates ? 'day' : 'none'),
    cluster: readCluster(scope, [...path, 'cluster'], said, input),
    requirePartitionFilter: said.require_partition_filter ?? false,
    maxBytesBilled: readSize(scope, [...path, 'max_bytes_billed'], said.max_bytes_billed),
  };
}

function judgeGrain(
  scope: Scope,
  path: Path,
  {grain, require_partition_filter: isFiltered}: RawPhysical,
  {kind}: Partitioning,
): void {
  if (grain !== undefined && grain !== 'none' && kind !== 'date') {
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...path, 'grain']),
      `A table is parted by ${grain} along its dates, and this asset is partitioned by '${kind}': remove 'grain', and cluster by a column instead.`,
    );
  }
  if (isFiltered === true && (kind !== 'date' || grain === 'none')) {
    report(
      scope,
      'misplaced-key',
      keyAt(scope, [...path, 'require_partition_filter']),
      "The table has no partitions that a query could be asked to filter by: remove 'require_partition_filter'.",
    );
  }
}

function readCluster(
  scope: Scope,
  path: Path,
  {cluster = []}: RawPhysical,
  {columns}: PhysicalInput,
): readonly string[] {
  const owner = path.slice(0, -2);
  for (const [index, name] of cluster.entries()) {
    const place = [...path, index];
    const column = columns.find(each => each.name === name);
    if (cluster.indexOf(name) < index) {
      report(scope, 'duplicate-name', place, `'${name}' stands here twice: remove one.`);
    } else if (column === undefined && columns.length > 0) {
      const guess = hintAt(scope, [...owner, 'columns'], name);
      report(scope, 'unknown-column', place, `The table has no column '${name}'.${guess}`);
    } else if (column?.type === 'float64') {
      report(
        scope,
        'bad-value',
        place,
        `'${name}' is of type float64, and BigQuery clusters by no such column: take another.`,
      );
    }
  }
  if (cluster.length > MOST_CLUSTERED) {
    report(
      scope,
      'bad-value',
      at(scope, path),
      `BigQuery clusters by at most ${MOST_CLUSTERED} columns, and these are ${cluster.length}: keep those that queries filter by most.`,
    );
  }
  return cluster;
}
