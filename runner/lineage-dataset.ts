/**
 * An asset as a dataset of OpenLineage: its namespace and name as the specification has them for each kind of place,
 * and the columns that it declares. https://openlineage.io/docs/spec/naming
 */
import {resolve} from 'node:path';
import type {Asset} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import {referenceOf} from './bigquery-name.ts';
import type {LineageDataset, LineageOptions} from './lineage-event.ts';
import {facetOf} from './lineage-facet.ts';
import {tablePlace} from './table-key.ts';
import {tableOf} from './workshop.ts';

export function datasetOf(options: LineageOptions, asset: Asset): LineageDataset {
  const {version} = options;
  const fields = asset.columns.map(({name, type, description}) => ({
    name,
    type,
    ...(description === undefined ? {} : {description}),
  }));
  return {
    ...placeOf(options, asset),
    facets: {
      ...(fields.length === 0 ? {} : {schema: facetOf('SchemaDatasetFacet', version, {fields})}),
      ...(asset.description === undefined
        ? {}
        : {
            documentation: facetOf('DocumentationDatasetFacet', version, {description: asset.description}),
          }),
    },
  };
}

type NamedPlace = Pick<LineageDataset, 'namespace' | 'name'>;

function placeOf(options: LineageOptions, asset: Asset): NamedPlace {
  const {making} = asset;
  switch (making.kind) {
    case 'files':
    case 'export':
    case 'external-objects':
      return objectsAt(options, making.path);
    case 'external-table':
      return tableAt(options, asset, making.table);
    case 'rows':
    case 'sources':
    case 'sql':
      return tableAt(options, asset, asset.name);
    default:
      return unreachable(making);
  }
}

/** A file of DuckDB is its own data source, whose host is this machine. */
function tableAt({root, pipeline}: LineageOptions, asset: Asset, name: string): NamedPlace {
  const {warehouse} = pipeline.target;
  if (warehouse.engine === 'bigquery') {
    const {projectId, datasetId, tableId} = referenceOf(warehouse, tableOf(asset));
    return {namespace: 'bigquery', name: `${projectId}.${datasetId}.${tableId}`};
  }
  const {schema, table} = tablePlace(name);
  const file = warehouse.path === ':memory:' ? warehouse.path : resolve(root, warehouse.path);
  return {namespace: `duckdb://${file}`, name: `${schema}.${table}`};
}

/** Up to what differs between partitions. */
function objectsAt({root, pipeline}: LineageOptions, path: string): NamedPlace {
  const folder = path.split('{')[0]?.replace(/[^/]*$/, '') ?? '';
  const bare = (folder === '' ? path : folder).replace(/\/$/, '');
  const {store} = pipeline.target;
  if (store.kind === 'gcs') return {namespace: `gs://${store.bucket}`, name: `${store.prefix}${bare}`};
  return {namespace: 'file', name: resolve(root, store.path, bare)};
}
