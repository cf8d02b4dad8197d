/**
 * What a target takes of the disk. It does not deal with what of it may go (commands/clean.ts).
 */
import {opendirSync, statSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {bytesText} from '../planner/amount.ts';
import {ledgerPlace} from '../runner/ledger-place.ts';
import {warehouseFile} from '../runner/open-warehouse.ts';
import type {Declared} from './project-ledger.ts';

/** Bytes; undefined for what is not on this disk. */
export interface Sizes {
  readonly ledger: number | undefined;
  readonly warehouse: number | undefined;
  /** Of a large store only so many of its files are looked at: then it is at least that. */
  readonly store: FolderSize | undefined;
}

interface FolderSize {
  readonly bytes: number;
  readonly isWhole: boolean;
}

/** More would be felt by whoever only asks where things stand. */
const MOST_ENTRIES = 2_000;

export function readSizes(project: Declared): Sizes {
  const {store} = project.pipeline.target;
  const file = warehouseFile(project);
  const ledger = ledgerPlace(project);
  return {
    ledger: ledger.kind === 'file' ? fileBytes(ledger.path, '-wal') : undefined,
    warehouse: file === undefined ? undefined : fileBytes(file, '.wal'),
    store: store.kind === 'folder' ? folderBytes(resolve(project.root, store.path)) : undefined,
  };
}

export function sizesText({ledger, warehouse, store}: Sizes): string {
  const parts = [
    ...(ledger === undefined ? [] : [`ledger ${bytesText(ledger)}`]),
    ...(warehouse === undefined ? [] : [`warehouse ${bytesText(warehouse)}`]),
    ...(store === undefined ? [] : [`store ${store.isWhole ? '' : 'at least '}${bytesText(store.bytes)}`]),
  ];
  return parts.length === 0 ? '' : `On disk: ${parts.join(', ')}.`;
}

function fileBytes(path: string, log: string): number {
  const size = (file: string): number => statSync(file, {throwIfNoEntry: false})?.size ?? 0;
  return size(path) + size(`${path}${log}`);
}

/** Files may come and go meanwhile: a run may be at work. */
function folderBytes(root: string): FolderSize {
  let [bytes, left] = [0, MOST_ENTRIES];
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (statSync(folder, {throwIfNoEntry: false})?.isDirectory() !== true) continue;
    const entries = opendirSync(folder);
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        if (left-- === 0) return {bytes, isWhole: false};
        const place = join(folder, entry.name);
        if (entry.isDirectory()) open.push(place);
        else if (entry.isFile()) bytes += statSync(place, {throwIfNoEntry: false})?.size ?? 0;
      }
    } finally {
      entries.closeSync();
    }
  }
  return {bytes, isWhole: true};
}
