/**
 * A run as OpenLineage tells it: an event for each change of the run and of each batch, with what a batch read and
 * wrote as datasets. Specification 2-0-2: https://openlineage.io/docs/spec/object-model
 * It does not send them (lineage-sender.ts).
 */
import {createHash} from 'node:crypto';
import type {Asset, AssetName, Check, Pipeline} from '../planner/pipeline.ts';
import type {Event} from './event.ts';
import {datasetOf} from './lineage-dataset.ts';
import {facetOf, type LineageFacet, ownFacetOf} from './lineage-facet.ts';

type EventType = 'START' | 'RUNNING' | 'COMPLETE' | 'FAIL' | 'ABORT';

export interface LineageEvent {
  readonly eventType: EventType;
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: {readonly runId: string; readonly facets: Facets};
  readonly job: Job & {readonly facets: Facets};
  readonly inputs: readonly LineageDataset[];
  readonly outputs: readonly LineageDataset[];
}

export type Facets = Readonly<Record<string, LineageFacet>>;

export interface LineageDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Facets;
  readonly outputFacets?: Facets;
}

interface Job {
  readonly namespace: string;
  readonly name: string;
}

export interface LineageOptions {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly pipeline: Pipeline;
  /** Of jobs. */
  readonly namespace: string;
  readonly version: string;
}

type Ended = Extract<Event, {kind: 'partition-ended'}>;

interface OpenBatch {
  readonly runId: string;
  readonly asset: Asset;
  /** Those that have not ended. */
  readonly waiting: Set<string>;
  readonly ended: Ended[];
}

const SPEC = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';

/** Reads what a run tells; a reader serves one run. */
export class LineageReader {
  readonly #options: LineageOptions;
  readonly #batches = new Set<OpenBatch>();
  #run = '';
  #count = 0;

  constructor(options: LineageOptions) {
    this.#options = options;
  }

  read(event: Event): readonly LineageEvent[] {
    switch (event.kind) {
      case 'run-started':
        this.#run = event.run;
        return [this.#ofRun('START', event.at)];
      case 'replanned':
        return [this.#ofRun('RUNNING', event.at)];
      case 'batch-started':
        return this.#begin(event);
      case 'partition-ended':
        return this.#end(event);
      case 'run-ended':
        return this.#endRun(event);
      case 'retrying':
      case 'interrupted':
      case 'waiting':
      case 'spreading':
        return [];
    }
  }

  #begin({asset: name, keys, at}: Extract<Event, {kind: 'batch-started'}>): readonly LineageEvent[] {
    const asset = this.#options.pipeline.assets.get(name as AssetName); // only to look it up
    if (asset === undefined) return [];
    // What an earlier batch put back is this one's now.
    const earlier = keys.flatMap(key => this.#leave(asset, key, at));
    const runId = uuidOf(`${this.#options.pipeline.name} ${this.#run} ${++this.#count}`);
    const batch: OpenBatch = {runId, asset, waiting: new Set(keys), ended: []};
    this.#batches.add(batch);
    return [...earlier, this.#ofBatch('START', batch, at)];
  }

  #leave(asset: Asset, key: string, at: number): readonly LineageEvent[] {
    const batch = [...this.#batches].find(each => each.asset === asset && each.waiting.delete(key));
    return batch === undefined ? [] : this.#settle(batch, at);
  }

  #end(event: Ended): readonly LineageEvent[] {
    const batch = [...this.#batches].find(
      ({asset, waiting}) => asset.name === event.asset && waiting.delete(event.key),
    );
    batch?.ended.push(event);
    return batch === undefined ? [] : this.#settle(batch, event.at);
  }

  #settle(batch: OpenBatch, at: number): readonly LineageEvent[] {
    if (batch.waiting.size > 0) return [];
    this.#batches.delete(batch);
    const has = (...outcomes: readonly string[]) =>
      batch.ended.some(({outcome}) => outcomes.includes(outcome));
    const isAborted = batch.ended.length === 0 || has('cancelled');
    return [
      this.#ofBatch(has('failed', 'quarantined') ? 'FAIL' : isAborted ? 'ABORT' : 'COMPLETE', batch, at),
    ];
  }

  #endRun({at, counts}: Extract<Event, {kind: 'run-ended'}>): readonly LineageEvent[] {
    const left = [...this.#batches].map(batch => this.#ofBatch('ABORT', batch, at));
    this.#batches.clear();
    const bad = counts.failed + counts.quarantined;
    const type = bad > 0 ? 'FAIL' : counts.cancelled > 0 ? 'ABORT' : 'COMPLETE';
    const message =
      bad === 0 ? undefined : `${bad} of ${counts.requested} partitions failed or were held back`;
    return [...left, this.#ofRun(type, at, message)];
  }

  #ofRun(eventType: EventType, at: number, error?: string): LineageEvent {
    const {pipeline, version} = this.#options;
    const facets = {
      gameplan_run: ownFacetOf('GameplanRunFacet', version, {run: this.#run, target: pipeline.target.name}),
      ...this.#errorFacet(error),
    };
    return {
      ...this.#head(eventType, at),
      run: {runId: this.#runId(), facets},
      job: {...this.#job(), facets: this.#jobType('RUN')},
      inputs: [],
      outputs: [],
    };
  }

  #ofBatch(eventType: EventType, batch: OpenBatch, at: number): LineageEvent {
    const {asset, runId, ended} = batch;
    const {version} = this.#options;
    const errors = ended.flatMap(({error}) => error ?? []);
    const parent = {run: {runId: this.#runId()}, job: this.#job()};
    const tests = testsOf(asset.checks, ended);
    return {
      ...this.#head(eventType, at),
      run: {
        runId,
        facets: {
          parent: facetOf('ParentRunFacet', version, parent),
          gameplan_run: ownFacetOf('GameplanRunFacet', version, {
            run: this.#run,
            target: this.#options.pipeline.target.name,
          }),
          ...this.#errorFacet(errors[0]),
          ...(tests.length === 0 ? {} : {test: facetOf('TestRunFacet', version, {tests})}),
        },
      },
      job: {
        ...this.#job(asset),
        facets: {
          ...this.#jobType('ASSET'),
          ...(asset.description === undefined
            ? {}
            : {
                documentation: facetOf('DocumentationJobFacet', version, {description: asset.description}),
              }),
        },
      },
      inputs: this.#inputsOf(asset),
      outputs: [this.#outputOf(batch)],
    };
  }

  #inputsOf(asset: Asset): readonly LineageDataset[] {
    const {pipeline} = this.#options;
    const names = new Set(asset.upstream.map(({upstream}) => upstream));
    return [...names].flatMap(name => {
      const upstream = pipeline.assets.get(name);
      return upstream === undefined ? [] : [datasetOf(this.#options, upstream)];
    });
  }

  #outputOf({asset, waiting, ended}: OpenBatch): LineageDataset {
    const {version} = this.#options;
    const made = ended.filter(({published}) => published !== undefined);
    const dataset = datasetOf(this.#options, asset);
    const own = (name: string, content: object) => ownFacetOf(name, version, content);
    const partitions = [
      ...ended.map(({key, outcome, rows}) => ({key, outcome, ...(rows === null ? {} : {rows})})),
      ...[...waiting].map(key => ({key})),
    ];
    const quality = made.map(({key, published, warnings}) => ({
      key,
      score: published?.score ?? 0,
      ...(published?.games === undefined ? {} : {games: published.games}),
      warnings,
    }));
    const sources = made.flatMap(({key, published}) =>
      published === undefined || published.sources.length === 0 ? [] : [{key, sources: published.sources}],
    );
    const rowCount = ended.reduce(
      (sum, {outcome, rows}) => sum + (outcome === 'succeeded' ? (rows ?? 0) : 0),
      0,
    );
    return {
      ...dataset,
      facets: {
        ...dataset.facets,
        gameplan_partitions: own('PartitionsDatasetFacet', {grain: asset.partitioning.kind, partitions}),
        ...(quality.length === 0
          ? {}
          : {gameplan_quality: own('QualityDatasetFacet', {partitions: quality})}),
        ...(sources.length === 0 ? {} : {gameplan_source: own('SourceDatasetFacet', {partitions: sources})}),
      },
      ...(ended.length === 0
        ? {}
        : {
            outputFacets: {
              outputStatistics: facetOf('OutputStatisticsOutputDatasetFacet', version, {rowCount}),
            },
          }),
    };
  }

  #head(eventType: EventType, at: number) {
    const producer = `urn:gameplan:${this.#options.version}`;
    return {eventType, eventTime: new Date(at).toISOString(), producer, schemaURL: SPEC};
  }

  #runId(): string {
    return uuidOf(`${this.#options.pipeline.name} ${this.#run}`);
  }

  /** That of an asset's batches, or of whole runs. */
  #job(asset?: Asset): Job {
    const {namespace, pipeline} = this.#options;
    return {namespace, name: asset === undefined ? pipeline.name : `${pipeline.name}.${asset.name}`};
  }

  #jobType(jobType: 'RUN' | 'ASSET'): Facets {
    const content = {processingType: 'BATCH', integration: 'GAMEPLAN', jobType};
    return {jobType: facetOf('JobTypeJobFacet', this.#options.version, content)};
  }

  #errorFacet(message: string | undefined): Facets {
    if (message === undefined) return {};
    const content = {message, programmingLanguage: 'JavaScript'};
    return {errorMessage: facetOf('ErrorMessageRunFacet', this.#options.version, content)};
  }
}

/** How each check went over the partitions of a batch that were judged: messages of those that did not hold name them. */
function testsOf(checks: readonly Check[], ended: readonly Ended[]): readonly object[] {
  const judged = ended.filter(({outcome, published}) => published !== undefined || outcome === 'quarantined');
  if (judged.length === 0) return [];
  const said = judged.flatMap(({warnings, error}) => [...warnings, error ?? '']).join('\n');
  return checks.map(({name, kind, severity}) => ({
    name,
    type: kind,
    severity,
    status: said.includes(`${name}: `) ? 'fail' : 'pass',
  }));
}

/** The same text, the same id: what sends an event again tells of the same run. Of version 5 in form (RFC 9562). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
