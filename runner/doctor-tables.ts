/**
 * Tables of a target in BigQuery that are there already: whether they are what the assets declare, may be read and
 * written, and live as long as the pipeline goes back. It does not deal with their rows.
 */
import PQueue from 'p-queue';
import type {Asset, BigqueryWarehouse} from '../planner/pipeline.ts';
import type {Asker} from './bigquery-asker.ts';
import {referenceOf, tableText} from './bigquery-name.ts';
import type {TableReference} from './bigquery-rest.ts';
import {isReadable, refuseOther, shapeOf, type TableResource, Tables} from './bigquery-tables.ts';
import type {Examined} from './doctor.ts';
import {oldestDate, tooShort} from './doctor-range.ts';
import {type Finding, finding} from './finding.ts';
import {isTable, tableOf} from './workshop.ts';

const AT_ONCE = 8;

interface About {
  readonly warehouse: BigqueryWarehouse;
  readonly asker: Asker;
}

/** One finding for each table that is not as it should be, and one for all others. */
export async function* examineTables(
  examined: Pick<Examined, 'pipeline' | 'now'>,
  about: About,
): AsyncGenerator<Finding> {
  const queue = new PQueue({concurrency: AT_ONCE});
  const assets = [...examined.pipeline.assets.values()].filter(
    asset => isTable(asset) || asset.making.kind === 'external-table',
  );
  const found = await Promise.all(
    assets.map(asset =>
      queue.add(() => finding('table', asset.name, () => examineTable(asset, examined, about))),
    ),
  );
  const [fine, others] = [
    found.filter(each => each.verdict === 'ok'),
    found.filter(each => each.verdict !== 'ok'),
  ];
  yield* others;
  const there = fine.filter(({says}) => says === AS_DECLARED).length;
  if (fine.length > 0) {
    const says = `${there} as declared, ${fine.length - there} not there yet`;
    yield {check: 'table', of: others.length === 0 ? '' : 'others', verdict: 'ok', says};
  }
}

const AS_DECLARED = 'is as declared';

type Found = Omit<Finding, 'check' | 'of'>;

async function examineTable(
  asset: Asset,
  {pipeline, now}: Pick<Examined, 'pipeline' | 'now'>,
  {warehouse, asker}: About,
): Promise<Found> {
  const spec = tableOf(asset);
  const reference = referenceOf(warehouse, spec);
  const there = await new Tables(asker, warehouse).find(reference);
  if (asset.making.kind === 'external-table') return examineExternal(reference, there, spec);
  if (there === undefined) return {verdict: 'ok', says: 'is not there yet'};
  refuseOther(spec, there);
  const short = tooShort(there.timePartitioning?.expirationMs, oldestDate(asset, pipeline), now());
  if (short !== undefined) {
    return {verdict: 'fail', says: short, mend: "Take its 'partition_expiration_days' away."};
  }
  if (there.streamingBuffer !== undefined && there.streamingBuffer !== null) {
    return {
      verdict: 'warn',
      says: `'${tableText(reference)}' has rows in its streaming buffer, which cannot be replaced for up to 90 minutes`,
      mend: 'Stop what streams into it.',
    };
  }
  return (await refusedRows(asker, reference)) ?? {verdict: 'ok', says: AS_DECLARED};
}

function examineExternal(
  reference: TableReference,
  there: TableResource | undefined,
  spec: ReturnType<typeof tableOf>,
): Found {
  const name = `'${tableText(reference)}'`;
  if (there === undefined) {
    return {verdict: 'fail', says: `${name} is not there`, mend: "Mend the asset's 'external'."};
  }
  if (isReadable(shapeOf(there), spec)) return {verdict: 'ok', says: AS_DECLARED};
  return {
    verdict: 'fail',
    says: `${name} has not the columns that are declared`,
    mend: "Mend 'columns' of the asset.",
  };
}

const NEEDED = ['bigquery.tables.getData', 'bigquery.tables.updateData', 'bigquery.tables.update'];

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/tables/testIamPermissions */
async function refusedRows(asker: Asker, {datasetId, tableId}: TableReference): Promise<Found | undefined> {
  const path = `/datasets/${datasetId}/tables/${tableId}:testIamPermissions`;
  const body = {permissions: NEEDED};
  const {permissions = []} = await asker.ask<{permissions?: readonly string[]}>({method: 'POST', path, body});
  const lacking = NEEDED.filter(each => !permissions.includes(each));
  if (lacking.length === 0) return undefined;
  return {
    verdict: 'fail',
    says: `lacks ${lacking.join(', ')} on '${datasetId}.${tableId}'`,
    mend: 'Grant the account roles/bigquery.dataEditor on the dataset.',
  };
}
