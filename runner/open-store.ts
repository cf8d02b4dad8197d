/**
 * The one way to a target's store, whatever it is.
 */
import {resolve} from 'node:path';
import type {Pipeline} from '../planner/pipeline.ts';
import {unreachable} from '../planner/unreachable.ts';
import {openFolderStore} from './folder-store.ts';
import {type Store, StoreError} from './store.ts';

export interface StoreOptions {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly pipeline: Pipeline;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Connects to nothing yet. Throws a `StoreError`. */
export function openStore({root, pipeline, now}: StoreOptions): Store {
  const {name, store} = pipeline.target;
  switch (store.kind) {
    case 'folder':
      return openFolderStore(resolve(root, store.path), {now});
    case 'gcs':
      throw new StoreError(
        'other',
        `Cloud Storage is not built in yet, and target '${name}' needs it: choose another with --target.`,
      );
    default:
      return unreachable(store);
  }
}
