/**
 * All that a filled project holds, and how that of another differs: rows of tables, versions of what was fetched, states
 * of partitions. It does not deal with how the projects were filled.
 */
import {hexAt} from '../../planner/hash.ts';
import {differences, type RowValues} from '../../runner/compare-rows.ts';
import {tableOf} from '../../runner/workshop.ts';
import type {ShippedProject} from './shipped-project.ts';

export interface Contents {
  readonly tables: ReadonlyMap<
    string,
    {readonly key: readonly string[]; readonly rows: readonly RowValues[]}
  >;
  /** State and, of what was fetched, the version, by `asset@key`. */
  readonly partitions: ReadonlyMap<string, string>;
  /** How many partitions a plan would run, skip and so on. */
  readonly actions: Readonly<Record<string, number>>;
}

export async function contentsOf(project: ShippedProject): Promise<Contents> {
  const {pipeline} = await project.read();
  const {actions, partitions} = await project.plan({all: true});
  const made = new Set(partitions.flatMap(({asset, state}) => (state === 'fresh' ? [asset] : [])));
  const tables = new Map<string, {key: readonly string[]; rows: readonly RowValues[]}>();
  await project.use(async target => {
    const warehouse = await target.warehouse();
    for (const asset of pipeline.assets.values()) {
      const {name, key, columns} = asset;
      if (key.length === 0 || !made.has(name)) continue;
      const names = columns.map(column => column.name);
      const from = {table: tableOf(asset)};
      const found = await warehouse.select({from, columns: names, where: undefined, keys: 'all'});
      const rows = found.rows.map(row =>
        Object.fromEntries(names.map((column, i) => [column, row[i] ?? null])),
      );
      tables.set(name, {key, rows});
    }
  });
  const versions = await versionsOfObjects(project);
  const told = partitions.map(({asset, key, state}) => {
    const ref = `${asset}@${key}`;
    return [ref, [state, ...(versions.get(ref) ?? [])].join(' ')] as const;
  });
  return {tables, partitions: new Map(told), actions};
}

async function versionsOfObjects(project: ShippedProject): Promise<ReadonlyMap<string, readonly string[]>> {
  return await project.use(({pipeline, ledger}) => {
    const snapshot = ledger.snapshot();
    const found = new Map<string, readonly string[]>();
    for (const {name, making} of pipeline.assets.values()) {
      const record = making.kind === 'files' ? snapshot.find(name) : undefined;
      record?.keys.forEach((key, row) => {
        if (record.published[row] === 1) found.set(`${name}@${key}`, [hexAt(record.version, row)]);
      });
    }
    return Promise.resolve(found);
  });
}

/** One sentence each; doubles may differ by 1e-9 relative. */
export function differencesIn(wanted: Contents, found: Contents): readonly string[] {
  const refs = [...new Set([...wanted.partitions.keys(), ...found.partitions.keys()])];
  const states = refs.flatMap(ref => {
    const [is, should] = [found.partitions.get(ref), wanted.partitions.get(ref)];
    return is === should ? [] : [`${ref} is ${is}, not ${should}`];
  });
  const rows = [...wanted.tables].flatMap(([table, {key, rows: expected}]) =>
    differences(expected, found.tables.get(table)?.rows ?? [], {key, tolerance: 1e-9})
      .slice(0, 5)
      .map(each => `${table}: ${JSON.stringify(each)}`),
  );
  const actions = [found, wanted].map(each => JSON.stringify(each.actions));
  return [
    ...states,
    ...rows,
    ...(actions[0] === actions[1] ? [] : [`actions are ${actions.join(', not ')}`]),
  ];
}
