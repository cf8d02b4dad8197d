/**
 * What a new process finds in the project of fault-project.ts: rows and objects by partition, states, and where ledger
 * and receipts do not say the same.
 * It does not judge what it finds (fault-trial.ts).
 */
import {classify} from '../../planner/classify.ts';
import {fingerprintOf} from '../../planner/fingerprint.ts';
import {planPipeline} from '../../planner/make-plan.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import type {PartitionRef} from '../../planner/reason.ts';
import {settleIntents} from '../../runner/settle.ts';
import {readStandings} from '../../runner/standing.ts';
import type {Store} from '../../runner/store.ts';
import {verifyData} from '../../runner/verify-data.ts';
import {verifyLedger} from '../../runner/verify-ledger.ts';
import type {Value, Warehouse} from '../../runner/warehouse.ts';
import {exportPlace, FETCHES, KEYS, TABLES} from './fault-project.ts';
import type {Plot} from './ground.ts';
import type {Project} from './project.ts';

type Target = Awaited<ReturnType<Project['open']>>;

/** The rows of a partition in their order by all columns, or its objects by name. */
export type Held = readonly (readonly Value[])[];

export interface Seen {
  /** By `asset@key`, of what holds anything. */
  readonly held: ReadonlyMap<string, Held>;
  readonly states: ReadonlyMap<string, string>;
}

/** What is there and, once it is settled as every start does, where ledger and receipts differ, and the records. */
export interface Examined {
  readonly seen: Seen;
  readonly differences: readonly string[];
  readonly records: Records;
}

export async function examine(project: Project, plot: Plot): Promise<Examined> {
  return await using(project, async target => {
    const held = new Map<string, Held>();
    await lookAtTables(await target.warehouse(), plot, held);
    await lookAtObjects(target.store(), held);
    const seen = {held, states: statesOf(target, project.now)};
    await settleIntents(target.ledger, target);
    const open = target.ledger.openIntents().map(({id}) => `intent ${id} is open after settling`);
    return {
      seen,
      differences: [...open, ...(await differences(target, project.now))],
      records: recordsOf(target),
    };
  });
}

async function using<T>(project: Project, use: (target: Target) => Promise<T>): Promise<T> {
  const target = await project.open();
  try {
    return await use(target);
  } finally {
    await target.close();
  }
}

function statesOf({pipeline, sources, ledger}: Target, now: number): ReadonlyMap<string, string> {
  const request = {...WHOLE_REQUEST, all: true, selection: undefined};
  const plan = planPipeline({pipeline, sources, ledger: ledger.snapshot(), now, request});
  return new Map(plan.partitions.map(({asset, key, state}) => [`${asset}@${key}`, state]));
}

async function lookAtTables(warehouse: Warehouse, plot: Plot, held: Map<string, Held>): Promise<void> {
  const {absent} = await warehouse.recall(undefined, Object.keys(TABLES));
  for (const [asset, column] of Object.entries(TABLES)) {
    if (absent.includes(asset)) continue;
    const {columns, rows} = await warehouse.read(`SELECT * FROM ${plot.table(asset)}`);
    const place = columns.indexOf(column ?? '');
    // The name of each value tells a column that a table has by now from one that it lacks.
    for (const [key, own] of Map.groupBy(rows, row => (place < 0 ? 'all' : String(row[place]))))
      held.set(
        `${asset}@${key}`,
        own
          .map(row => row.flatMap((value, i) => (value === null ? [] : [columns[i] ?? '', value])))
          .toSorted(byValues),
      );
  }
}

/** By all columns but doubles, whose last digits differ from run to run: the others are a key. */
function byValues(one: readonly Value[], other: readonly Value[]): number {
  const [text, beside] = [one, other].map(row => row.filter(value => typeof value !== 'number').join());
  return (text ?? '') < (beside ?? '') ? -1 : 1;
}

async function lookAtObjects(store: Store, held: Map<string, Held>): Promise<void> {
  for (const [asset, folder] of Object.entries(FETCHES)) {
    for (const key of KEYS) {
      const generation = await store.findGeneration(`${folder}/${key}/`);
      if (generation === undefined) continue;
      const {objects, id} = generation;
      const texts = objects.map(async ({name}) => [
        name,
        await readText(store, `${folder}/${key}/`, id, name),
      ]);
      held.set(`${asset}@${key}`, await Promise.all(texts));
    }
  }
  for (const key of KEYS) {
    const bytes = await store.find(exportPlace(key));
    if (bytes !== undefined) held.set(`exports.form@${key}`, [[new TextDecoder().decode(bytes)]]);
  }
}

async function readText(store: Store, path: string, id: string, name: string): Promise<string> {
  return await store.read(path, id, name).then(
    bytes => new TextDecoder().decode(bytes),
    (error: unknown) => `unreadable: ${error instanceof Error ? error.message : String(error)}`,
  );
}

/** Ledger against receipts, and receipts against the data itself. */
async function differences(
  {ledger, pipeline, sources, ...target}: Target,
  now: number,
): Promise<readonly string[]> {
  const [warehouse, store] = [await target.warehouse(), target.store()];
  const known = [...pipeline.assets.values()].map(asset => fingerprintOf(asset, sources));
  const standings = await readStandings({warehouse, store, known});
  const isMeant = (): boolean => true;
  const told = verifyLedger({snapshot: ledger.snapshot(), standings, atWork: new Set(), isMeant});
  const frame = classify({pipeline, sources, ledger: ledger.snapshot(), now});
  const data = await verifyData({pipeline, warehouse, store, standings, isMeant, frame, readsAll: false});
  return [
    ...[...told.differences, ...data.differences].map(each => JSON.stringify(each)),
    ...data.damaged.map(path => `${path} is damaged`),
  ];
}

/** What the ledger holds of runs. */
export interface Records {
  /** `asset@key` of every attempt that published rows or objects, by run; one that stands twice is there twice. */
  readonly made: ReadonlyMap<string, readonly PartitionRef[]>;
  /** `asset@key source outcome`, sorted. */
  readonly tries: readonly string[];
}

function recordsOf({ledger}: Target): Records {
  const made = new Map<string, readonly PartitionRef[]>();
  for (const {id} of ledger.runs(100)) {
    const attempts = ledger.findRun(id)?.attempts ?? [];
    const own = attempts.filter(({outcome, version}) => outcome === 'succeeded' && version !== undefined);
    const refs = own.map(({asset, key}): PartitionRef => `${asset}@${key}`);
    made.set(id, refs);
  }
  const tries = KEYS.flatMap(key =>
    ledger
      .tries({asset: 'raw.box', key}, 100)
      .map(({run, source, outcome}) => `${run} raw.box@${key} ${source} ${outcome}`),
  );
  return {made, tries};
}

/** The same rows, doubles within 1e-9 relative. */
export function isSame(one: Held | undefined, other: Held | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.length !== other.length) return false;
  return one.every((row, i) => {
    const beside = other[i] ?? [];
    return row.length === beside.length && row.every((value, j) => isSameValue(value, beside[j] ?? null));
  });
}

function isSameValue(one: Value, other: Value): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return one === other;
  return one === other || Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other));
}
