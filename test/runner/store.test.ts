import {mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openFolderStore, storeError} from '../../runner/folder-store.ts';
import {temporaryFolder} from './ledger-cases.ts';
import {receipt, storeCases, text} from './store-cases.ts';

describe('a folder', () => {
  storeCases(now => {
    const root = join(temporaryFolder(), 'store');
    return {store: openFolderStore(root, {now}), reopen: () => openFolderStore(root, {now})};
  });
});

const path = 'nba-com/games/2024-01-15/';

async function committed(root: string) {
  const draft = await openFolderStore(root).draft(path);
  await draft.put('a.json', text('{"a":1}'));
  return {generation: await draft.commit(receipt), folder: join(root, path, draft.id)};
}

test('objects lie where the layout says, and the manifest is written last', async () => {
  const root = temporaryFolder();
  const {generation, folder} = await committed(root);
  expect(readdirSync(folder).sort()).toEqual(['a.json', 'manifest.json']);
  expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toEqual(generation);
});

test('asking an empty store creates no folder', async () => {
  const root = join(temporaryFolder(), 'store');
  expect(await openFolderStore(root).findGeneration(path)).toBeUndefined();
  await openFolderStore(root).draft(path);
  expect(statSync(root, {throwIfNoEntry: false})).toBeUndefined();
});

test('changed or lost bytes are named, never given', async () => {
  const root = temporaryFolder();
  const {generation, folder} = await committed(root);
  const read = () => openFolderStore(root).read(path, generation.id, 'a.json');
  writeFileSync(join(folder, 'a.json'), '{"a":2}');
  await expect(read()).rejects.toMatchObject({kind: 'damaged', message: expect.stringContaining('a.json')});
  rmSync(join(folder, 'a.json'));
  await expect(read()).rejects.toMatchObject({kind: 'damaged'});
});

test.each(['{"asset":', '{}', ''])(
  'a manifest that holds %j is an error, not an older generation',
  async wrong => {
    const root = temporaryFolder();
    await committed(root);
    const {folder} = await committed(root);
    writeFileSync(join(folder, 'manifest.json'), wrong);
    await expect(openFolderStore(root).findGeneration(path)).rejects.toMatchObject({kind: 'damaged'});
  },
);

test('a damaged manifest hides no other folder from a listing', async () => {
  const root = temporaryFolder();
  const {folder} = await committed(root);
  const draft = await openFolderStore(root).draft('nba-com/games/2024-01-16/');
  await draft.commit({...receipt, key: '2024-01-16'});
  writeFileSync(join(folder, 'manifest.json'), '{}');
  const {generations, damaged} = await openFolderStore(root).list('');
  expect(generations.map(each => each.path)).toEqual(['nba-com/games/2024-01-16/']);
  expect(damaged).toMatchObject([{path, error: {kind: 'damaged'}}]);
});

test('folders and files of others beside the generations are passed over', async () => {
  const root = temporaryFolder();
  const {generation, folder} = await committed(root);
  mkdirSync(join(folder, '..', 'zzz'));
  writeFileSync(join(folder, '..', 'zzz', 'manifest.json'), '{}');
  writeFileSync(join(folder, '..', '.DS_Store'), '');
  expect((await openFolderStore(root).findGeneration(path))?.id).toBe(generation.id);
});

describe('links that lead out of the store are refused', () => {
  test('a folder on the way', async () => {
    const root = temporaryFolder();
    const elsewhere = temporaryFolder();
    symlinkSync(elsewhere, join(root, 'nba-com'));
    const store = openFolderStore(root);
    await expect((await store.draft(path)).put('a.json', text('1'))).rejects.toMatchObject({kind: 'name'});
    await expect(store.replace('nba-com/a.json', text('1'))).rejects.toMatchObject({kind: 'name'});
  });

  test('an object', async () => {
    const root = temporaryFolder();
    const secret = join(temporaryFolder(), 'secret');
    writeFileSync(secret, '{"a":1}');
    const {generation, folder} = await committed(root);
    rmSync(join(folder, 'a.json'));
    symlinkSync(secret, join(folder, 'a.json'));
    const read = openFolderStore(root).read(path, generation.id, 'a.json');
    await expect(read).rejects.toMatchObject({kind: 'name'});
  });

  test('a root that is itself a link is the store', async () => {
    const root = temporaryFolder();
    const link = join(temporaryFolder(), 'link');
    symlinkSync(root, link);
    const {generation} = await committed(link);
    expect(await openFolderStore(link).findGeneration(path)).toEqual(generation);
  });
});

test('a root that is a file is an error with its path', async () => {
  const root = join(temporaryFolder(), 'store');
  writeFileSync(root, '');
  await expect(openFolderStore(root).replace('a.json', text('1'))).rejects.toMatchObject({
    name: 'StoreError',
    message: expect.stringContaining(root),
  });
});

test('a replaced object leaves no other file beside it, also where it cannot be replaced', async () => {
  const root = temporaryFolder();
  const store = openFolderStore(root);
  await store.replace('a.json', text('1'));
  mkdirSync(join(root, 'taken'));
  writeFileSync(join(root, 'taken', 'file'), '');
  await expect(store.replace('taken', text('1'))).rejects.toMatchObject({name: 'StoreError'});
  expect(readdirSync(root).sort()).toEqual(['a.json', 'taken']);
});

test.runIf(statSync('/dev/full', {throwIfNoEntry: false}))('a full disk is said with its mend', async () => {
  const cause = await writeFile('/dev/full', 'x').catch((error: unknown) => error);
  expect(storeError('store/a.json', cause)).toMatchObject({
    name: 'StoreError',
    kind: 'disk-full',
    message:
      "The store cannot write 'store/a.json': the disk is full. Free some space, then run the command again.",
    cause,
  });
});
