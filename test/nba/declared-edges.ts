/**
 * Who reads what, as the shipped manifest's own text says it. A second reading, by nothing but the YAML: it knows what the
 * manifest uses and throws at the rest. It does not deal with which keys a window holds (expected-readers.ts).
 */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {parse} from 'yaml';

export interface DeclaredEdge {
  readonly upstream: string;
  /** As it is written; undefined for the same key, or the season that holds it. */
  readonly window: string | undefined;
  readonly isThroughToday: boolean;
  readonly crossesSeasons: boolean;
  readonly isRequired: boolean;
}

export interface DeclaredAsset {
  readonly slicedBy: 'game_date' | 'season' | 'all';
  /** First days of a season that it has not. */
  readonly skipsDays: number;
  readonly start: string;
  readonly isProtected: boolean;
  /** Without references that are read as they stand, and of sources the first alone: others stand in for it. */
  readonly edges: readonly DeclaredEdge[];
}

interface LongEdge {
  readonly asset: string;
  readonly window?: string;
  readonly through?: string;
  readonly crosses_seasons?: boolean;
  readonly required?: boolean;
  readonly tracks?: boolean;
}

type Upstream = string | Readonly<Record<string, string | LongEdge>>;

interface Written {
  readonly partition_by?: DeclaredAsset['slicedBy'];
  readonly skip_first?: string;
  readonly start?: string;
  readonly protect?: boolean | object;
  readonly upstream?: Upstream;
  readonly sources?: readonly {readonly upstream: Upstream}[];
}

export const declaredAssets: ReadonlyMap<string, DeclaredAsset> = readAssets();

function readAssets(): ReadonlyMap<string, DeclaredAsset> {
  const text = readFileSync(path.join(import.meta.dirname, '..', '..', 'pipeline.yaml'), 'utf8');
  // the product's own reader judges its shape
  const {assets} = parse(text) as {readonly assets: Readonly<Record<string, Written>>};
  return new Map(Object.entries(assets).map(([name, written]) => [name, assetOf(written)]));
}

function assetOf({partition_by, skip_first, start, protect, upstream, sources}: Written): DeclaredAsset {
  const [first] = sources ?? [];
  return {
    slicedBy: partition_by ?? 'game_date',
    skipsDays: skip_first === undefined ? 0 : Number(/^(\d+) days$/.exec(skip_first)?.[1]),
    start: start ?? '',
    isProtected: protect !== undefined && protect !== false,
    edges: [...edgesOf(upstream), ...edgesOf(first?.upstream)],
  };
}

function edgesOf(upstream: Upstream | undefined): readonly DeclaredEdge[] {
  if (upstream === undefined) return [];
  const written = typeof upstream === 'string' ? [upstream] : Object.values(upstream);
  return written
    .map(each => (typeof each === 'string' ? {asset: each} : each))
    .filter(({tracks}: Partial<LongEdge>) => tracks !== false)
    .map(({asset, window, through, crosses_seasons, required}: LongEdge) => ({
      upstream: asset,
      window,
      isThroughToday: through === 'today',
      crossesSeasons: crosses_seasons ?? false,
      isRequired: required ?? true,
    }));
}
