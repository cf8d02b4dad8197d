/**
 * The shape of a target in `pipeline.yaml`: warehouse, store, ledger and what it overrides.
 * It does not deal with what the values mean (manifest-target.ts, manifest-place.ts).
 */
import * as z from 'zod';
import {SIZE_HINT} from './duration.ts';
import {alerts} from './schema-alerts.ts';
import {count, date, file, object, percentage, text} from './schema-shape.ts';

const credentials = object({
  service_account: text(
    'The key file of a service account; the file itself stays out of the repository.',
  ).optional(),
  default: z
    .literal(true)
    .meta({description: "The application default credentials of the machine, as without 'credentials'."})
    .optional(),
  impersonate: text('The e-mail address of a service account that does the work.').optional(),
});

const endpoint = text("Where the service answers; empty: Google's own address.");

const duckdb = object({
  engine: z.literal('duckdb'),
  path: text('The database file.').optional(),
  memory_limit: text(`The most memory the engine takes: ${SIZE_HINT}.`).optional(),
});

const bigquery = object({
  engine: z.literal('bigquery'),
  project: text('The project that holds the datasets and pays for the jobs.'),
  location: text('Where the datasets lie, such as us-west2 or EU.'),
  dataset_prefix: text(
    "Comes before each schema's name: with league_ the table raw.games lies in league_raw.",
  ).optional(),
  max_bytes_billed: text(`The most that one job may bill: ${SIZE_HINT}.`).optional(),
  max_bytes_billed_per_run: text(`The most that one run may bill: ${SIZE_HINT}.`).optional(),
  price_per_tib: z.number().min(0).meta({description: 'USD for a TiB billed; 6.25 by default.'}).optional(),
  endpoint: endpoint.optional(),
  credentials: credentials.optional(),
});

const folder = object({kind: z.literal('folder'), path: text('The folder of the objects.').optional()});

const gcs = object({
  kind: z.literal('gcs'),
  bucket: text('The name of the bucket, without gs://.'),
  prefix: text('Comes before the name of every object, such as league/.').optional(),
  endpoint: endpoint.optional(),
  credentials: credentials.meta({description: "Left out: the warehouse's."}).optional(),
});

export const siteShape = {
  url: text('Where requests go; their paths are added to it, and its own parameters go with every request.'),
  headers: z
    .record(z.string(), z.string())
    .meta({description: 'Sent with every request. Secrets only through environment variables.'})
    .optional(),
  concurrency: count('Requests at once.', 1).optional(),
  per_minute: z.union([count('Requests a minute.', 1), z.literal('none')]).optional(),
  per_day: z
    .union([
      count('Requests a day.', 1),
      z.literal('none'),
      object({
        requests: count('Requests a day.', 1).optional(),
        credits: count('Credits a day, where requests cost different amounts.', 1).optional(),
        resets: text("When a day begins, such as '00:00 UTC' or '03:00 America/New_York'.").optional(),
        keep: percentage('The share that is left to dates from yesterday on').optional(),
        cost_header: text('The header of an answer that says what its request cost.').optional(),
      }),
    ])
    .meta({description: 'What it may be asked within a day, by all processes together.'})
    .optional(),
  proxy: text(
    'Through which proxy it is asked, as http://HOST:PORT; empty: through none. A password only through a variable.',
  ).optional(),
};

export const target = object({
  warehouse: z.discriminatedUnion('engine', [duckdb, bigquery]).optional(),
  store: z.discriminatedUnion('kind', [folder, gcs]).optional(),
  ledger: text(
    "The ledger's file; or, so that several machines share it, the URL of a PostgreSQL database, with its password in an environment variable. '?schema=NAME' where several pipelines use one database.",
  ).optional(),
  known_gaps: file('The accepted gaps of this target').optional(),
  start: date("In place of the manifest's start").optional(),
  end: date("In place of the manifest's end").optional(),
  sites: z
    .record(z.string(), object({...siteShape, url: siteShape.url.optional()}))
    .meta({description: 'What differs for this target.'})
    .optional(),
  alerts: alerts.optional(),
});

export type RawTarget = z.infer<typeof target>;
export type RawWarehouse = NonNullable<RawTarget['warehouse']>;
export type RawStore = NonNullable<RawTarget['store']>;
export type RawCredentials = z.infer<typeof credentials>;
