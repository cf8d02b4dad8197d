// Runs a landing and a raw module by hand against a league server, as the runner would.
// Does not deal with staging, checks or the ledger.
import type {Files, Game, Input, Partition, Row, Rows, SiteClient} from '../../runner/asset.ts';
import {createSites} from '../../runner/site.ts';

/** Objects by name, as a landing module put them. */
export type Objects = ReadonlyMap<string, Uint8Array>;

export interface Landed {
  readonly objects: Objects;
  readonly games: readonly string[];
}

const signal = new AbortController().signal;

/** Asks the league through the product's own client, and hands the client over. */
export async function withSite<T>(
  url: string,
  use: (site: SiteClient) => Promise<T>,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const declared = {
    name: 'nba',
    url,
    headers,
    concurrency: 8,
    perMinute: undefined,
    perDay: undefined,
    proxy: undefined,
  };
  const sites = createSites({sites: new Map([['nba', declared]])});
  try {
    return await use(sites.client('nba', {signal, retries: 0, timeoutMs: 30_000, onRetry: () => undefined}));
  } finally {
    await sites.close();
  }
}

/** What `files` puts; `objects` holds it also when it throws. */
export async function land(
  files: Files,
  about: {
    site: SiteClient;
    partition: Partition;
    objects?: Map<string, Uint8Array>;
    inputs?: Readonly<Record<string, Input>>;
    asOf?: string;
  },
): Promise<Landed> {
  const objects = about.objects ?? new Map<string, Uint8Array>();
  const held = await files({
    partition: about.partition,
    site: about.site,
    put: async (name, bytes) => {
      objects.set(name, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
    },
    inputs: about.inputs ?? {},
    asOf: about.asOf ?? `${about.partition.key}T15:00:00.000Z`,
    signal,
  });
  return {objects, games: held?.games ?? []};
}

/** The rows that `rows` makes of the objects of one source, with the league's list of players where it is given. */
export async function rowsOf(
  rows: Rows,
  partition: Partition,
  {objects, source = 'nba', edge = source, players}: Made,
): Promise<readonly Row[]> {
  const list = players === undefined ? {} : {players: inputOf(players, partition.season ?? '')};
  const inputs = {[edge]: inputOf(objects, partition.key), ...list};
  const made = rows({partition, source: edge === 'answers' ? undefined : source, inputs, signal});
  return Symbol.asyncIterator in made ? await Array.fromAsync(made) : await made;
}

interface Made {
  readonly objects: Objects;
  readonly source?: string;
  /** `answers` for an asset without sources. */
  readonly edge?: string;
  readonly players?: Objects;
}

export function inputOf(objects: Objects, key: string): Input {
  return {
    async *objects() {
      for (const [name, bytes] of [...objects].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const text = (): string => new TextDecoder().decode(bytes);
        yield {name, key, bytes, text, json: schema => schema.parse(JSON.parse(text()))};
      }
    },
  };
}

/** A date's partition with its games, each `[id, home, away]`. */
export function dateOf(
  key: string,
  season: string,
  games: readonly (readonly [string, string, string])[],
): Partition {
  return {
    key,
    season,
    games: games.map(([id, home, away]): Game => ({id, teams: [home, away], status: 'final'})),
  };
}

export function seasonOf(season: string): Partition {
  return {key: season, season, games: []};
}
