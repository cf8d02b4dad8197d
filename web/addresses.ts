/** Addresses of the page's own places. It does not deal with those of the API (api.ts). */
import {pathOf} from './api.ts';

export function assetAddress(asset: string, selected = ''): string {
  return `${pathOf('assets', asset)}${asQuery({selected})}`;
}

/** Of the asset, where all of `ASSET@RANGE` is selected. */
export function partitionsAddress(partitions: string): string {
  const [asset = '', range] = partitions.split('@');
  return assetAddress(asset, range);
}

export function partitionAddress(asset: string, key: string): string {
  return pathOf('assets', asset, key);
}

/** `select` as the command line takes it, `keys` as a selection is written. */
export function planAddress(asked: {
  readonly select: string;
  readonly keys?: string;
  readonly force?: boolean;
}): string {
  const {select, keys = '', force = false} = asked;
  return `/plan${asQuery({select, keys, force: force ? 'true' : ''})}`;
}

export function runAddress(run: string): string {
  return pathOf('runs', run);
}

/** The graph with all that a partition is made of. */
export function coneAddress(asset: string, key: string): string {
  return `/graph${asQuery({partition: `${asset}@${key}`})}`;
}

function asQuery(values: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString();
  return query === '' ? '' : `?${query}`;
}
