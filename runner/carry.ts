/**
 * The other side of a copy: rows, objects and facts of partitions as another target holds them, in place of what would
 * make them. Nothing is given of what that target's own ledger does not speak of.
 * It does not decide what is carried (planner/carry.ts), nor judge or publish it (make-table.ts, make-files.ts).
 */
import {createHash} from 'node:crypto';
import {digestAt, digestToDepth} from '../planner/digest.ts';
import {type AssetFrame, type Frame, frameOf, keyAt, stateAt} from '../planner/frame.ts';
import type {Fingerprint, Trust} from '../planner/ledger.ts';
import type {Asset, AssetName} from '../planner/pipeline.ts';
import {otherInputs} from '../planner/same-inputs.ts';
import {sentence} from '../planner/sentence.ts';
import type {Row} from './asset.ts';
import {rowAt} from './ledger-columns.ts';
import type {CarriedTimes, PartitionRow} from './ledger-row.ts';
import type {Draft, Generation, Store} from './store.ts';
import type {TableSpec, Warehouse} from './warehouse.ts';

/** What the other target knows of a partition. */
export interface CarriedFacts {
  readonly times: CarriedTimes;
  readonly trust: Trust;
  readonly rows: number;
  /** Absent games; undefined where none are counted. */
  readonly absent: readonly string[] | undefined;
  /** What of it is stale there: it is recorded as it was made, so that it is stale here too. */
  readonly stale: {readonly fingerprint: Fingerprint | undefined; readonly digest: string | undefined};
}

export interface CarrierOptions {
  /** The other target's name. */
  readonly name: string;
  readonly frame: Frame;
  warehouse(): Promise<Warehouse>;
  store(): Store;
}

export class Carrier {
  readonly #options: CarrierOptions;

  constructor(options: CarrierOptions) {
    this.#options = options;
  }

  factsOf(name: AssetName, key: string): CarriedFacts {
    const {asset, ordinal, row} = this.#find(name, key);
    const isStale = stateAt(asset, ordinal) === 'stale';
    return {
      times: {publishedAt: row.publishedAt, madeAt: row.triedAt},
      trust: row.trust,
      rows: row.rows,
      absent: row.expected < 0 ? undefined : row.absent,
      stale: isStale ? staleParts(asset, ordinal, row) : {fingerprint: undefined, digest: undefined},
    };
  }

  /** By key: why it may not be carried now, where an input here is not what it was made from. */
  refusals(asset: AssetFrame, ordinals: readonly number[]): ReadonlyMap<string, string> {
    const {name, frame} = this.#options;
    const source = frameOf(frame, asset.asset.name);
    const pairs = ordinals.map(ordinal => ({
      ordinal,
      from: source.ordinalOf.get(keyAt(asset, ordinal)) ?? -1,
    }));
    // What this run has brought is of the source.
    const found = otherInputs({source, asset, isCarried: ({made}, i) => made.has(i)}, pairs);
    return new Map(
      found.flatMap((reason, i) =>
        reason === undefined
          ? []
          : [
              [
                keyAt(asset, ordinals[i] ?? -1),
                `It was made in '${name}' from other inputs: ${sentence(reason)}. Materialize it here.`,
              ] as const,
            ],
      ),
    );
  }

  /** Published rows of these partitions, a page at a time. */
  async *rows(
    table: TableSpec,
    keys: readonly string[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly Row[]> {
    if (keys.length === 0) return;
    yield* (await this.#options.warehouse()).rows({table, keys}, signal);
  }

  /** Of these partitions, those whose rows are not those that the other target's ledger speaks of, and why. */
  async odd(
    table: TableSpec,
    name: AssetName,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const held = await (await this.#options.warehouse()).versions({table, keys});
    return new Map(
      keys.flatMap(key => {
        const {row} = this.#find(name, key);
        const found = held?.partitions.get(key);
        const isSame = found === undefined ? row.rows === 0 : found.version === row.version;
        return isSame ? [] : [[key, this.#oddText(`${name}@${key}`)] as const];
      }),
    );
  }

  /** Puts the objects of the newest generation, byte for byte. Throws where they are not those of the ledger there. */
  async put(name: AssetName, key: string, place: string, draft: Draft): Promise<void> {
    const store = this.#options.store();
    const generation = await store.findGeneration(place);
    const {row} = this.#find(name, key);
    if (generation?.version !== row.version) throw new Error(this.#oddText(`${name}@${key}`));
    for (const object of generation.objects) {
      const bytes = await store.read(place, generation.id, object.name);
      if (sha256(bytes) !== object.sha256) throw new Error(this.#oddText(`${name}@${key}`));
      await draft.put(object.name, bytes);
    }
    refuseOther(generation, draft);
  }

  /** The bytes of an export. Throws where they are not those of the ledger there. */
  async exported(name: AssetName, key: string, place: string): Promise<Uint8Array> {
    const bytes = await this.#options.store().find(place);
    const {row} = this.#find(name, key);
    if (bytes === undefined || sha256(bytes).slice(0, 16) !== row.version)
      throw new Error(this.#oddText(`${name}@${key}`));
    return bytes;
  }

  #oddText(ref: string): string {
    const {name} = this.#options;
    return `What lies in '${name}' of ${ref} is not what its ledger speaks of; 'gameplan verify --data --target ${name}' says what it is.`;
  }

  #find(name: AssetName, key: string): {asset: AssetFrame; ordinal: number; row: PartitionRow} {
    const asset = frameOf(this.#options.frame, name);
    const ordinal = asset.ordinalOf.get(key) ?? -1;
    const at = asset.row[ordinal] ?? -1;
    if (asset.record === undefined || at < 0)
      throw new Error(`Internal error: ${name}@${key} is not recorded where it is carried from`);
    return {asset, ordinal, row: rowAt(asset.record, at)};
  }
}

function staleParts(
  asset: AssetFrame,
  ordinal: number,
  {fingerprint, digest, trust}: PartitionRow,
): CarriedFacts['stale'] {
  const isCut = asset.asset.cascade !== undefined;
  const today = isCut ? digestToDepth(asset, ordinal, trust.depth) : digestAt(asset, ordinal);
  return {
    fingerprint: fingerprint.hash === asset.fingerprint.hash ? undefined : fingerprint,
    digest: digest === today ? undefined : digest,
  };
}

/** Whether no source had anything of a cascade's partition: its rows only stand in for what is missing. */
export function isStandIn({cascade}: Asset, {sources}: Trust): boolean {
  return cascade !== undefined && sources.length === 0;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function refuseOther(generation: Generation, draft: Draft): void {
  const hashes = new Map(draft.objects.map(({name, sha256: hash}) => [name, hash]));
  const isSame = generation.objects.every(({name, sha256: hash}) => hashes.get(name) === hash);
  if (!isSame || draft.version() !== generation.version)
    throw new Error('Internal error: the objects changed while they were carried');
}
