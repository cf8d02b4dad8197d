// Starts and stops a league server on 127.0.0.1.
// Does not deal with requests; see site.ts.
import {createServer} from 'node:http';
import {Faults} from './faults.ts';
import {type League, seasonsBetween} from './game.ts';
import type {News} from './news.ts';
import {withPostponed} from './postponed.ts';
import type {RecordedOptions} from './recorded.ts';
import {missingFiles} from './recorded-files.ts';
import {openSimulated} from './simulated.ts';
import {Site} from './site.ts';

export interface LeagueOptions {
  /** Without it: recorded if `dataDir` holds the recorded games, else simulated. */
  readonly mode?: 'recorded' | 'simulated';
  /** Of simulated seasons and of drawn faults, 1 if not given. */
  readonly seed?: number;
  /** Folder of the recorded games, `../shared/data` if not given. */
  readonly dataDir?: string;
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  /** Without it: 2021-22 to 2025-26. */
  readonly seasons?: readonly string[];
  /** The moment the league lives in, an ISO time; without it every game is final. */
  readonly now?: string;
  /** Recorded only: serve the four player lines of November 2025 as they stood before their correction. */
  readonly early?: boolean;
  readonly log?: (line: string) => void;
}

export interface LeagueServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly mode: 'recorded' | 'simulated';
  readonly faults: Faults;
  /** Requests so far by endpoint. */
  requests(): Readonly<Record<string, number>>;
  /** Moves the league to another moment; undefined is after the last game. Throws if it is no time. */
  setNow(now: string | undefined): void;
  /** Recorded only: false publishes the late corrections, true takes them back. */
  setEarly(early: boolean): void;
  /** Puts a game off: listed as postponed on its day, or moved to another. */
  postpone(game: string, to?: string): void;
  /** From a moment on, the injuries or the lines of a game are others. */
  tell(news: News): void;
  close(): Promise<void>;
}

/** Starts a league server. Throws if the recorded games are asked for and missing, or the port is taken. */
export async function startLeague(options: LeagueOptions = {}): Promise<LeagueServer> {
  const folder = options.dataDir ?? '../shared/data';
  const mode = options.mode ?? (missingFiles(folder).length === 0 ? 'recorded' : 'simulated');
  const seed = options.seed ?? 1;
  const seasons = options.seasons ?? seasonsBetween('2021-22', '2025-26');
  const early = {value: options.early ?? false};
  const isEarly = (): boolean => early.value;
  const source =
    mode === 'recorded' ? await openLeagueOf({folder, seasons, isEarly}) : openSimulated(seed, seasons);
  const faults = new Faults(seed);
  const postponed = new Map<string, string | undefined>();
  const league = withPostponed(source, postponed);
  const site = new Site({league, faults, early, postponed, news: [], log: options.log});
  site.setNow(options.now);
  const server = createServer((request, response) => site.serve(request, response));
  // Longer than clients keep idle connections, so that none is closed under a request.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  if (port === undefined) throw new Error('Internal error: the server listens on no port.');
  return {
    url: `http://127.0.0.1:${port}`,
    mode,
    faults,
    requests: () => site.requests(),
    setNow: now => site.setNow(now),
    setEarly: value => site.setEarly(value),
    postpone: (game, to) => site.postpone(game, to),
    tell: news => site.tell(news),
    close: async () => {
      await new Promise<void>(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await league.close();
    },
  };
}

/** The database is loaded only where recorded games are served. */
async function openLeagueOf(options: RecordedOptions): Promise<League> {
  const missing = missingFiles(options.folder);
  if (missing.length > 0) {
    throw new Error(
      `${options.folder} lacks ${missing.join(', ')}. Give the folder of the recorded games, or ask for simulated ones.`,
    );
  }
  const {openRecorded} = await import('./recorded.ts');
  return openRecorded(options);
}
