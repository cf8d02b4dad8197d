/**
 * The one way to a target's store, whatever it is.
 */
import {resolve} from 'node:path';
import type {Pipeline} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import {openFolderStore} from './folder-store.ts';
import {openBucket} from './gcs-client.ts';
import {openGcsStore} from './gcs-store.ts';
import type {Store} from './store.ts';

export interface StoreOptions {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly pipeline: Pipeline;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Connects to nothing yet. */
export function openStore({root, pipeline, now}: StoreOptions): Store {
  const {store} = pipeline.target;
  switch (store.kind) {
    case 'folder':
      return openFolderStore(resolve(root, store.path), {now});
    case 'gcs':
      return openGcsStore(openBucket({...store, root}), {prefix: store.prefix, now});
    default:
      return unreachable(store);
  }
}
