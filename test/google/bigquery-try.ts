/**
 * What tests of the server do again and again: start one with a client, run a job to its end, look at its error.
 * It does not deal with what jobs do.
 */
import type {BigQuery} from '@google-cloud/bigquery';
import {clientOf} from './bigquery-client.ts';
import type {JobConfiguration} from './bigquery-job.ts';
import {type BigqueryServer, type BigqueryServerOptions, startBigqueryServer} from './bigquery-server.ts';

export const LOCATION = 'us-west2';

export interface Trial {
  readonly server: BigqueryServer;
  readonly client: BigQuery;
  /** Inserts a job and waits for its end. */
  readonly job: (configuration: JobConfiguration, jobId?: string) => Promise<Ended>;
  readonly query: (query: string, more?: Partial<NonNullable<JobConfiguration['query']>>) => Promise<Ended>;
  /** The rows of a query that succeeds. */
  readonly rows: (query: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Makes `nba.games`, partitioned by day, with two rows of 2024-01-15 and one of 2024-01-16. */
  readonly games: (more?: object) => Promise<void>;
}

/** A job that is done, as the client reports it. */
export interface Ended {
  readonly id: string;
  readonly error: {readonly reason: string; readonly message: string} | undefined;
  readonly statistics: NonNullable<Metadata['statistics']>;
}

interface Metadata {
  readonly jobReference: {readonly jobId: string};
  readonly status: {
    readonly state: string;
    readonly errorResult?: {readonly reason: string; readonly message: string};
  };
  readonly statistics: Readonly<Record<string, unknown>> & {
    readonly query?: Readonly<Record<string, unknown>>;
    readonly load?: Readonly<Record<string, unknown>>;
  };
}

export const GAMES = {
  schema: {
    fields: [
      {name: 'game_date', type: 'DATE'},
      {name: 'game_id', type: 'STRING'},
      {name: 'points', type: 'INT64'},
    ],
  },
  timePartitioning: {type: 'DAY', field: 'game_date'},
};

export async function startTrial(options: Partial<BigqueryServerOptions> = {}): Promise<Trial> {
  const server = await startBigqueryServer({project: 'league', ...options});
  const client = clientOf(server, 'league');
  await client.createDataset('nba', {location: LOCATION});
  const job: Trial['job'] = async (configuration, jobId) => {
    // The client's own type of a configuration asks for writable lists.
    const options = {configuration, location: LOCATION, ...(jobId === undefined ? {} : {jobId})} as object;
    const [started] = await client.createJob(options);
    for (;;) {
      const [metadata] = await started.getMetadata();
      // The client leaves it untyped.
      const {status, statistics, jobReference} = metadata as Metadata;
      if (status.state === 'DONE') return {id: jobReference.jobId, error: status.errorResult, statistics};
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  };
  const query: Trial['query'] = (text, more) => job({query: {query: text, useLegacySql: false, ...more}});
  return {
    server,
    client,
    job,
    query,
    rows: async text => (await client.query({query: text, location: LOCATION}))[0],
    games: async (more = {}) => {
      await client.dataset('nba').createTable('games', {...GAMES, ...more});
      await query(
        "INSERT INTO nba.games VALUES ('2024-01-15', 'a', 100), ('2024-01-15', 'b', 90), ('2024-01-16', 'c', 80)",
      );
    },
  };
}
