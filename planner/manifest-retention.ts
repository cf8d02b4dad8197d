/**
 * Reads how long what no plan needs is kept. It does not deal with what that is (runner/clean.ts).
 */
import {readDuration, type Scope} from './manifest-scope.ts';
import type {Retention} from './pipeline.ts';
import type {RawManifest} from './schema.ts';

const DAY_MS = 86_400_000;

/** Of a manifest that says nothing. */
const DEFAULTS = {staging: 7 * DAY_MS, quarantine: 90 * DAY_MS};

export function readRetention(scope: Scope, {retention: raw}: RawManifest): Retention {
  const read = (key: 'staging' | 'quarantine' | 'history'): number | undefined =>
    readDuration(scope, ['retention', key], raw?.[key]);
  return {
    staging: read('staging') ?? DEFAULTS.staging,
    quarantine: read('quarantine') ?? DEFAULTS.quarantine,
    generations: raw?.generations,
    history: read('history'),
  };
}
