/**
 * Facets of OpenLineage's own, each with the version that is written here, and ours, whose schemas stand in
 * docs/openlineage. It does not deal with what they hold.
 */

export interface LineageFacet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly [name: string]: unknown;
}

/** Of specification 2-0-2. */
const VERSIONS = {
  ParentRunFacet: '1-2-0',
  ErrorMessageRunFacet: '1-0-1',
  TestRunFacet: '1-0-1',
  JobTypeJobFacet: '2-0-4',
  DocumentationJobFacet: '1-1-0',
  SchemaDatasetFacet: '1-2-0',
  DocumentationDatasetFacet: '1-1-0',
  OutputStatisticsOutputDatasetFacet: '1-0-2',
} as const;

export function facetOf(name: keyof typeof VERSIONS, version: string, content: object): LineageFacet {
  const url = `https://openlineage.io/spec/facets/${VERSIONS[name]}/${name}.json#/$defs/${name}`;
  return {_producer: `urn:gameplan:${version}`, _schemaURL: url, ...content};
}

/** One of ours: `urn:gameplan:openlineage:NAME:1-0-0` is the `$id` of docs/openlineage/NAME.json. */
export function ownFacetOf(name: string, version: string, content: object): LineageFacet {
  const url = `urn:gameplan:openlineage:${name}:1-0-0`;
  return {_producer: `urn:gameplan:${version}`, _schemaURL: url, ...content};
}
