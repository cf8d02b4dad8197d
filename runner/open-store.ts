/**
 * The one way to a target's store, whatever it is.
 */
import {resolve} from 'node:path';
import type {Pipeline} from '../planner/pipeline.ts';
import {openFolderStore} from './folder-store.ts';
import type {Store} from './store.ts';

export interface StoreOptions {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly pipeline: Pipeline;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function openStore({root, pipeline, now}: StoreOptions): Store {
  return openFolderStore(resolve(root, pipeline.target.store.path), {now});
}
