/** What every store must do, whatever it is. */
import {createHash} from 'node:crypto';
import {expect, test} from 'vitest';
import type {Draft, Generation, Store} from '../../runner/store.ts';
import {StoreError} from '../../runner/store.ts';

export const receipt: Omit<Generation, 'id' | 'objects' | 'version'> = {
  asset: 'landing.games',
  key: '2024-01-15',
  intent: 'i1',
  run: 'r1',
  fingerprint: 'f1',
  digest: '0000000000000001',
  expected: 2,
  found: 1,
  absent: ['g2'],
  at: 1_700_000_000_000,
};

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const path = 'nba-com/games/2024-01-15/';

async function filled(store: Store, objects: Readonly<Record<string, string>>): Promise<Draft> {
  const draft = await store.draft(path);
  for (const [name, value] of Object.entries(objects)) await draft.put(name, text(value));
  return draft;
}

/** `open` gives an empty store that `reopen` opens again, as another process would. `now` is its clock. */
export function storeCases(open: (now: () => number) => {store: Store; reopen: () => Store}): void {
  const clock = () => 1_700_000_000_000;

  test('what was committed is found and read by another process', async () => {
    const {store, reopen} = open(clock);
    const draft = await filled(store, {'b.json': '{"b":1}', 'games/a.json': '{"a":1}'});
    const generation = await draft.commit(receipt);
    expect(generation).toMatchObject({
      ...receipt,
      id: draft.id,
      objects: [{name: 'b.json', size: 7}, {name: 'games/a.json'}],
    });
    const other = reopen();
    expect(await other.findGeneration(path)).toEqual(generation);
    expect(Buffer.from(await other.read(path, generation.id, 'games/a.json')).toString()).toBe('{"a":1}');
  });

  test('a path without a committed generation has none', async () => {
    const {store, reopen} = open(clock);
    expect(await store.findGeneration(path)).toBeUndefined();
    const draft = await filled(store, {'a.json': '1'});
    expect(await reopen().findGeneration(path)).toBeUndefined();
    await expect(reopen().read(path, draft.id, 'a.json')).rejects.toThrow(StoreError);
  });

  test('the newest committed generation is found, and the older one stays', async () => {
    const {store} = open(clock);
    const first = await (await filled(store, {'a.json': '1'})).commit(receipt);
    const second = await (await filled(store, {'a.json': '2'})).commit(receipt);
    await filled(store, {'a.json': 'left behind'});
    expect((await store.findGeneration(path))?.id).toBe(second.id);
    expect(Buffer.from(await store.read(path, first.id, 'a.json')).toString()).toBe('1');
  });

  test('a generation sorts after those before it although the clock was set back', async () => {
    let now = 1_700_000_000_000;
    const {store, reopen} = open(() => now);
    const ids: string[] = [];
    for (const step of [0, 0, -86_400_000, 5_000]) {
      now += step;
      ids.push((await (await filled(reopen(), {'a.json': '1'})).commit(receipt)).id);
    }
    expect([...ids].sort()).toEqual(ids);
    expect((await store.findGeneration(path))?.id).toBe(ids.at(-1));
  });

  test('drafts of one partition do not see each other', async () => {
    const {store} = open(clock);
    const drafts = await Promise.all(['1', '2', '3'].map(value => filled(store, {'a.json': value})));
    const committed = await Promise.all(drafts.map(draft => draft.commit(receipt)));
    expect(new Set(committed.map(each => each.id)).size).toBe(3);
    const [first] = committed;
    expect(Buffer.from(await store.read(path, first?.id ?? '', 'a.json')).toString()).toBe('1');
  });

  test('a put that nobody waited for belongs to the generation', async () => {
    const {store} = open(clock);
    const draft = await store.draft(path);
    void draft.put('a.json', text('1'));
    void draft.put('b.json', text('2'));
    expect((await draft.commit(receipt)).objects.map(object => object.name)).toEqual(['a.json', 'b.json']);
  });

  test('a generation whose put failed is not committed', async () => {
    const {store} = open(clock);
    const draft = await filled(store, {'a.json': '1'});
    void draft.put('a.json', text('2')).catch(() => undefined);
    await expect(draft.commit(receipt)).rejects.toMatchObject({kind: 'name'});
    expect(await store.findGeneration(path)).toBeUndefined();
  });

  test('a discarded draft leaves nothing', async () => {
    const {store} = open(clock);
    const draft = await filled(store, {'a.json': '1'});
    await draft.discard();
    expect(await store.findGeneration(path)).toBeUndefined();
    await expect(draft.put('b.json', text('2'))).rejects.toThrow('Internal error');
  });

  test('the version depends on names and bytes and not on their order', async () => {
    const {store} = open(clock);
    const version = async (objects: Record<string, string>) => (await filled(store, objects)).version();
    const one = await version({a: '1', b: '2'});
    expect(one).toMatch(/^[0-9a-f]{16}$/);
    expect(await version({b: '2', a: '1'})).toBe(one);
    const others = [{a: '2', b: '1'}, {a: '1', c: '2'}, {a: '1'}, {}, {a: '1', b: '2', c: ''}];
    const versions = await Promise.all(others.map(version));
    expect(new Set([one, ...versions]).size).toBe(others.length + 1);
  });

  test('a listing holds the newest committed generation of every folder, and objects at fixed places', async () => {
    const {store, reopen} = open(clock);
    expect(await store.list('')).toEqual({generations: [], objects: [], damaged: []});
    await (await filled(store, {'a.json': '1'})).commit(receipt);
    const newest = await (await filled(store, {'deep/a.json': '2'})).commit(receipt);
    await filled(store, {'a.json': 'left behind'});
    const other = await store.draft('nba-com/games/2024-01-16/');
    await other.put('a.json', text('3'));
    await other.discard();
    await store.replace('api/v1/performance.json', text('{}'));
    await store.replace(`${path}receipt.json`, text('{}'));
    expect(await reopen().list('')).toEqual({
      generations: [{path, generation: newest}],
      objects: ['api/v1/performance.json', `${path}receipt.json`],
      damaged: [],
    });
    expect((await reopen().list('api/')).objects).toEqual(['api/v1/performance.json']);
    expect((await reopen().list('nba-com/')).generations).toEqual([{path, generation: newest}]);
    await expect(store.list('../')).rejects.toMatchObject({kind: 'name'});
  });

  test('what anybody put below folders is seen with its bytes, and nothing that belongs to a generation', async () => {
    const {store, reopen} = open(clock);
    await (await filled(store, {'a.json': '1'})).commit(receipt);
    await store.replace(`${path}own.json`, text('22'));
    await store.replace('old/2024-01-16/deep/b.json', text('333'));
    await store.replace('old/2024-01-16/a.json', text('1'));
    await store.replace('old/2024-01-17/a.json', text('1'));
    const look = (): ReturnType<Store['look']> => reopen().look([path, 'old/2024-01-15/', 'old/2024-01-16/']);
    const seen = await look();
    const told = [...seen].map(([folder, all]) => [folder, ...all.map(({name, size}) => [name, size])]);
    expect(told).toEqual([
      [path, ['own.json', 2]],
      ['old/2024-01-16/', ['a.json', 1], ['deep/b.json', 3]],
    ]);
    expect(await look()).toEqual(seen);
    await store.replace('old/2024-01-16/a.json', text('2'));
    const [a, b] = (await look()).get('old/2024-01-16/') ?? [];
    const [was, same] = seen.get('old/2024-01-16/') ?? [];
    expect(a?.version).not.toBe(was?.version);
    expect(b).toEqual(same);
  });

  test('a replaced object is whole', async () => {
    const {store} = open(clock);
    await store.replace('api/v1/performance.json', text('{"long": "before"}'));
    await store.replace('api/v1/performance.json', text('{}'));
    const found = await store.find('api/v1/performance.json');
    expect(Buffer.from(found ?? text('nothing')).toString()).toBe('{}');
    expect(await store.find('api/v1/other.json')).toBeUndefined();
    await expect(store.replace('../performance.json', text('{}'))).rejects.toMatchObject({kind: 'name'});
  });

  test('an object of megabytes comes out as it went in, also one that is not full to the last byte', async () => {
    const {store, reopen} = open(clock);
    const sizes = [1 << 20, 3_000_001, 0];
    const draft = await store.draft(path);
    const bytesOf = (size: number) => Buffer.alloc(size, `${size} points `);
    await Promise.all(sizes.map(size => draft.put(`${size}.bin`, bytesOf(size))));
    const {id, objects} = await draft.commit(receipt);
    expect(objects.map(({size}) => size).sort()).toEqual(sizes.toSorted());
    for (const size of sizes) {
      const found = Buffer.from(await reopen().read(path, id, `${size}.bin`));
      expect(found.equals(bytesOf(size))).toBe(true);
    }
    await store.replace('export/large.bin', bytesOf(3_000_001));
    expect((await reopen().find('export/large.bin'))?.byteLength).toBe(3_000_001);
  });

  test('bytes that are changed after they were put are stored as they were put', async () => {
    const {store} = open(clock);
    const draft = await store.draft(path);
    const bytes = text('as put');
    const putting = draft.put('a', bytes);
    await putting;
    bytes.fill(0);
    const {id} = await draft.commit(receipt);
    expect(Buffer.from(await store.read(path, id, 'a')).toString()).toBe('as put');
  });

  test('another process goes on beside what one left behind', async () => {
    const {store, reopen} = open(clock);
    const left = await filled(store, {'a.json': 'left behind'});
    const other = await reopen().draft(path);
    expect(other.id > left.id).toBe(true);
    await other.put('a.json', text('whole'));
    const {id} = await other.commit(receipt);
    expect((await reopen().findGeneration(path))?.id).toBe(id);
    // The one that was left is older, whenever it is committed.
    await left.commit(receipt);
    expect((await reopen().findGeneration(path))?.id).toBe(id);
  });

  test('a commit that the guard refuses leaves nothing committed, and a replaced object as it was', async () => {
    const {store, reopen} = open(clock);
    const refuse = async (): Promise<void> => {
      throw new Error('the lease is gone');
    };
    const draft = await filled(store, {'a.json': '1'});
    await expect(draft.commit(receipt, refuse)).rejects.toThrow('the lease is gone');
    expect(await reopen().findGeneration(path)).toBeUndefined();
    await store.replace('a.json', text('before'));
    await expect(store.replace('a.json', text('after'), refuse)).rejects.toThrow('the lease is gone');
    expect(Buffer.from((await store.find('a.json')) ?? []).toString()).toBe('before');
  });

  test('leftovers are what was never committed before a time, and fetches beyond those that are kept', async () => {
    let now = clock();
    const {store, reopen} = open(() => now);
    const ids: string[] = [];
    for (const value of ['1', '22', '333', '4444']) {
      ids.push((await (await filled(store, {a: value})).commit(receipt)).id);
      now += 1_000;
    }
    const old = await filled(store, {a: 'never', 'deep/b': 'committed'});
    now += 10_000;
    await filled(store, {a: 'still at work'});
    await store.replace(`${path}receipt.json`, text('{}'));
    const other = reopen();
    const before = now - 5_000;
    expect(await other.leftovers({before, keep: undefined})).toEqual([
      {kind: 'staging', path: `${path}${old.id}/`, bytes: 14},
    ]);
    const all = await other.leftovers({before, keep: 2});
    const paths = all.filter(({kind}) => kind === 'generation').map(each => each.path);
    expect(paths.sort()).toEqual([`${path}${ids[0]}/`, `${path}${ids[1]}/`]);
    expect((await other.leftovers({before, keep: 0})).filter(({kind}) => kind === 'generation')).toHaveLength(
      3,
    );
    await other.remove(all);
    await other.remove(all);
    expect(await reopen().leftovers({before, keep: 2})).toEqual([]);
    expect((await reopen().findGeneration(path))?.id).toBe(ids[3]);
    expect(Buffer.from(await reopen().read(path, ids[2] ?? '', 'a')).toString()).toBe('333');
    await expect(reopen().read(path, ids[0] ?? '', 'a')).rejects.toMatchObject({kind: 'damaged'});
  });

  test('dropping takes the generations of one folder, or one object, and nothing beside them', async () => {
    const {store, reopen} = open(clock);
    for (const value of ['1', '2']) await (await filled(store, {'deep/a': value})).commit(receipt);
    await store.replace(`${path}receipt.json`, text('{}'));
    await store.replace('nba-com/games/2024-01-15b', text('beside'));
    const beside = await store.draft('nba-com/games/2024-01-15/other/');
    await beside.put('a', text('1'));
    await beside.commit(receipt);
    await store.drop(path);
    await store.drop(path);
    expect(await reopen().findGeneration(path)).toBeUndefined();
    expect((await reopen().list('')).generations.map(each => each.path)).toEqual([
      'nba-com/games/2024-01-15/other/',
    ]);
    await store.drop(`${path}receipt.json`);
    await store.drop(`${path}receipt.json`);
    expect(await reopen().find(`${path}receipt.json`)).toBeUndefined();
  });

  test('an object that lies at its own place is read there, held to its bytes, and stays when all else goes', async () => {
    const {store, reopen} = open(clock);
    await store.replace('old/2024-01-15/a.json', text('1'));
    const draft = await filled(store, {'b.json': '2'});
    const sha256 = createHash('sha256').update('1').digest('hex');
    draft.refer({name: 'a.json', size: 1, sha256, place: 'old/2024-01-15/a.json'});
    const {id, objects} = await draft.commit(receipt);
    expect(objects.map(({name}) => name)).toEqual(['a.json', 'b.json']);
    expect(Buffer.from(await reopen().read(path, id, 'a.json')).toString()).toBe('1');
    await store.replace('old/2024-01-15/a.json', text('2'));
    await expect(reopen().read(path, id, 'a.json')).rejects.toMatchObject({kind: 'damaged'});
    await store.drop(path);
    expect(await reopen().find('old/2024-01-15/a.json')).toEqual(expect.anything());
  });

  test('many dates are listed whole, and only those below the prefix', async () => {
    const {store, reopen} = open(clock);
    const dates = Array.from(
      {length: 25},
      (_, i) => `nba-com/games/2024-01-${String(i + 1).padStart(2, '0')}/`,
    );
    for (const date of dates) {
      const draft = await store.draft(date);
      await draft.put('a', text(date));
      await draft.commit({...receipt, key: date});
    }
    await store.replace('nba-com/games-old/a', text('1'));
    const {generations, objects} = await reopen().list('nba-com/games/');
    expect(generations.map(each => each.path)).toEqual(dates);
    expect(generations.map(each => each.generation.key)).toEqual(dates);
    expect(objects).toEqual([]);
  });

  const outside = [
    '../a',
    'a/../../b',
    '/etc/passwd',
    'a//b',
    '',
    '.',
    './a',
    'a\u0000b',
    'a\\..\\b',
    'a\nb',
    'x'.repeat(300),
  ];
  test.each(outside)('the name %j is refused everywhere', async name => {
    const {store} = open(clock);
    const draft = await store.draft(path);
    await expect(draft.put(name, text('1'))).rejects.toMatchObject({kind: 'name'});
    await expect(store.draft(name)).rejects.toMatchObject({kind: 'name'});
    await expect(store.find(name)).rejects.toMatchObject({kind: 'name'});
    await expect(store.findGeneration(name)).rejects.toMatchObject({kind: 'name'});
    await expect(store.read(name, draft.id, 'a')).rejects.toMatchObject({kind: 'name'});
    await expect(store.read(path, draft.id, name)).rejects.toMatchObject({kind: 'name'});
    await expect(store.read(path, `${name}/..`, 'a')).rejects.toMatchObject({kind: 'name'});
  });

  test('the manifest has a name of its own', async () => {
    const {store} = open(clock);
    await expect((await store.draft(path)).put('manifest.json', text('{}'))).rejects.toMatchObject({
      kind: 'name',
    });
  });
}
