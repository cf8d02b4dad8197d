/**
 * Which pipeline a warehouse in BigQuery belongs to, as the description of its own dataset says.
 * It does not deal with what is refused to others beside opening it.
 */
import {OWN, type Place} from './bigquery-name.ts';
import type {Tables} from './bigquery-tables.ts';
import {otherOwner} from './ledger-owner.ts';
import {WarehouseError} from './warehouse.ts';

const OWNED_BY = 'Receipts of the gameplan pipeline ';

/** The dataset of gameplan's own tables. */
function ownDataset({datasetPrefix}: Place): string {
  return `${datasetPrefix}${OWN}`;
}

/** Makes the dataset, and makes it the pipeline's where it is nobody's. Throws a `WarehouseError` where it is another's. */
export async function ensureOwner(tables: Tables, place: Place, pipeline: string | undefined): Promise<void> {
  const own = ownDataset(place);
  const dataset = await tables.ensureDataset(own);
  if (pipeline === undefined) return;
  const said = dataset?.description;
  const owner = said?.startsWith(OWNED_BY) === true ? said.slice(OWNED_BY.length) : undefined;
  if (owner === undefined) return await renameOwner(tables, place, pipeline);
  if (owner === pipeline) return;
  const {problem, mend} = otherOwner(owner, pipeline);
  throw new WarehouseError('unreadable', `The dataset '${own}' ${problem}. ${mend}`);
}

export async function renameOwner(tables: Tables, place: Place, pipeline: string): Promise<void> {
  await tables.describeDataset(ownDataset(place), `${OWNED_BY}${pipeline}`);
}
