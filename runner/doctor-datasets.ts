/**
 * Datasets of a target in BigQuery: where they lie, what may be made in them, how long it lives. A probe is made in
 * each and dropped at once. It does not deal with the tables that are there (doctor-tables.ts).
 */
import {randomBytes} from 'node:crypto';
import type {BigqueryWarehouse, Pipeline} from '../planner/pipeline.ts';
import type {Asker} from './bigquery-asker.ts';
import {OWN, type Place, STAGINGS, tableOf} from './bigquery-name.ts';
import {Tables} from './bigquery-tables.ts';
import type {Examined} from './doctor.ts';
import {daysText, oldestDate, tooShort} from './doctor-range.ts';
import {type Finding, finding} from './finding.ts';
import {isTable} from './workshop.ts';

const DAY = 24 * 60 * 60 * 1000;
const HOUR = 60 * 60 * 1000;

/** What is read of https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets */
interface Dataset {
  readonly location?: string;
  readonly defaultTableExpirationMs?: string;
  readonly defaultPartitionExpirationMs?: string;
}

interface Needed {
  readonly id: string;
  /** The first date of all that lies there. */
  readonly oldest: string | undefined;
  /** Tables there are meant to vanish. */
  readonly isStaging: boolean;
}

export async function* examineDatasets(
  {pipeline, now}: Pick<Examined, 'pipeline' | 'now'>,
  {warehouse, asker}: {readonly warehouse: BigqueryWarehouse; readonly asker: Asker},
): AsyncGenerator<Finding> {
  const tables = new Tables(asker, warehouse);
  const absent: string[] = [];
  for (const needed of neededDatasets(pipeline, warehouse)) {
    const found = await finding('dataset', needed.id, async () => {
      const dataset: Dataset | undefined = await tables.findDataset(needed.id);
      if (dataset === undefined) {
        absent.push(needed.id);
        return {verdict: 'ok', says: 'is not there yet; the first run makes it'};
      }
      return (
        problemOf(dataset, {needed, warehouse, now: now()}) ?? (await probeTable(asker, warehouse, needed.id))
      );
    });
    yield found;
  }
  if (absent.length > 0) yield await probeDataset(asker, warehouse);
}

/** Of assets, of our own tables, of stagings. */
function neededDatasets(pipeline: Pipeline, place: Place): readonly Needed[] {
  const oldest = new Map<string, string | undefined>();
  for (const asset of pipeline.assets.values()) {
    if (!isTable(asset)) continue;
    const id = tableOf(place, asset.name).datasetId;
    const own = oldestDate(asset, pipeline);
    const known = oldest.get(id);
    oldest.set(id, known === undefined || (own !== undefined && own < known) ? own : known);
  }
  const {datasetPrefix} = place;
  return [
    ...[...oldest].map(([id, date]) => ({id, oldest: date, isStaging: false})),
    {id: `${datasetPrefix}${OWN}`, oldest: undefined, isStaging: false},
    {id: `${datasetPrefix}${STAGINGS}`, oldest: undefined, isStaging: true},
  ];
}

type Found = Omit<Finding, 'check' | 'of'>;

function problemOf(
  {location = '', defaultTableExpirationMs, defaultPartitionExpirationMs}: Dataset,
  {
    needed,
    warehouse,
    now,
  }: {readonly needed: Needed; readonly warehouse: BigqueryWarehouse; readonly now: number},
): Found | undefined {
  if (location.toLowerCase() !== warehouse.location.toLowerCase()) {
    return {
      verdict: 'fail',
      says: `lies in ${location}, and the target says ${warehouse.location}`,
      mend: `Set the target's 'location' to ${location}, or give it another 'dataset_prefix'.`,
    };
  }
  if (!needed.isStaging && defaultTableExpirationMs !== undefined) {
    const life = daysText(Number(defaultTableExpirationMs) / DAY);
    return {
      verdict: 'fail',
      says: `new tables are deleted after ${life} (default table expiration)`,
      mend: `Take it away: bq update --default_table_expiration 0 ${warehouse.project}:${needed.id}`,
    };
  }
  const short = tooShort(defaultPartitionExpirationMs, needed.oldest, now);
  if (short === undefined) return undefined;
  return {
    verdict: 'fail',
    says: `${short} (default partition expiration)`,
    mend: `Take it away: bq update --default_partition_expiration 0 ${warehouse.project}:${needed.id}`,
  };
}

function probeName(): string {
  return `gameplan_doctor_${randomBytes(6).toString('hex')}`;
}

async function probeTable(
  asker: Asker,
  {project, location}: BigqueryWarehouse,
  datasetId: string,
): Promise<Found> {
  const tableId = probeName();
  const path = `/datasets/${datasetId}/tables`;
  const body = {
    tableReference: {projectId: project, datasetId, tableId},
    schema: {fields: [{name: 'probe', type: 'INT64'}]},
    // Should the deletion get lost.
    expirationTime: String(Date.now() + HOUR),
  };
  await asker.ask({method: 'POST', path, body});
  await asker.ask({method: 'DELETE', path: `${path}/${tableId}`});
  return {verdict: 'ok', says: `lies in ${location}; a table was made and dropped`};
}

/** Whether those that are not there may be made. */
async function probeDataset(
  asker: Asker,
  {project, location, datasetPrefix}: BigqueryWarehouse,
): Promise<Finding> {
  return await finding('dataset', `${datasetPrefix}*`, async () => {
    const datasetId = `${datasetPrefix}${probeName()}`;
    const datasetReference = {projectId: project, datasetId};
    await asker.ask({method: 'POST', path: '/datasets', body: {datasetReference, location}});
    await asker.ask({method: 'DELETE', path: `/datasets/${datasetId}`});
    return {verdict: 'ok', says: `may be made in ${location}: one was made and dropped`};
  });
}
