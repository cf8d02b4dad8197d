/**
 * Reads where a target keeps things: its warehouse, its store and its ledger.
 * It does not deal with what else a target overrides (manifest-target.ts).
 */
import {expand, isHttp, refuseSecretUrl, refuseWrittenKey, type Variables} from './manifest-env.ts';
import {has, keyAt, namesAt, type Path, readSize, report, type Scope} from './manifest-scope.ts';
import type {Credentials, LedgerTarget, StoreTarget, Target, WarehouseTarget} from './pipeline.ts';
import type {RawManifest} from './schema.ts';
import type {RawCredentials, RawStore, RawTarget, RawWarehouse} from './schema-target.ts';

interface PlaceInput {
  readonly scope: Scope;
  readonly raw: RawTarget;
  /** Of the target. */
  readonly base: Path;
  readonly variables: Variables;
}

/** USD for a TiB, as Google lists it. */
const PRICE_PER_TIB = 6.25;

export function readPlaces(
  input: PlaceInput,
  manifest: RawManifest,
): Pick<Target, 'warehouse' | 'store' | 'ledger'> {
  const {scope, raw, base} = input;
  const warehouse = readWarehouse(input, raw.warehouse ?? {engine: 'duckdb'});
  const store = readStore(input, raw.store ?? {kind: 'folder'}, warehouse);
  const isWhole = raw.warehouse !== undefined || !has(scope, [...base, 'warehouse']);
  if (isWhole && warehouse.engine === 'bigquery' && store.kind === 'folder') {
    report(
      scope,
      'store-mismatch',
      keyAt(scope, [...base, ...(has(scope, [...base, 'store']) ? ['store'] : [])]),
      `BigQuery is given rows through a bucket, and this target's store is a folder: write 'store: {kind: gcs, bucket: …}'.`,
      [{message: 'the warehouse is here', at: keyAt(scope, [...base, 'warehouse'])}],
    );
  }
  return {warehouse, store, ledger: readLedgerTarget(input, manifest)};
}

function readWarehouse(input: PlaceInput, raw: RawWarehouse): WarehouseTarget {
  const {scope} = input;
  const base = [...input.base, 'warehouse'];
  if (raw.engine === 'duckdb') {
    return {
      engine: 'duckdb',
      path: textOr(input, [...base, 'path'], raw.path, '.gameplan/warehouse.duckdb'),
      memoryLimit: readMemory(scope, [...base, 'memory_limit'], raw.memory_limit),
    };
  }
  const size = (key: 'max_bytes_billed' | 'max_bytes_billed_per_run') =>
    readSize(scope, [...base, key], raw[key]);
  return {
    engine: 'bigquery',
    project: readMatching(input, [...base, 'project'], raw.project, PROJECT),
    location: readMatching(input, [...base, 'location'], raw.location, LOCATION),
    datasetPrefix: readMatching(input, [...base, 'dataset_prefix'], raw.dataset_prefix ?? '', DATASET_PREFIX),
    maxBytesBilled: size('max_bytes_billed'),
    maxBytesBilledPerRun: size('max_bytes_billed_per_run'),
    pricePerTib: raw.price_per_tib ?? PRICE_PER_TIB,
    endpoint: readEndpoint(input, [...base, 'endpoint'], raw.endpoint),
    credentials: readCredentials(input, [...base, 'credentials'], raw.credentials),
  };
}

function readStore(input: PlaceInput, raw: RawStore, warehouse: WarehouseTarget): StoreTarget {
  const base = [...input.base, 'store'];
  if (raw.kind === 'folder')
    return {kind: 'folder', path: textOr(input, [...base, 'path'], raw.path, '.gameplan/store')};
  const prefix = readMatching(input, [...base, 'prefix'], raw.prefix ?? '', PREFIX);
  return {
    kind: 'gcs',
    bucket: readMatching(input, [...base, 'bucket'], raw.bucket, BUCKET),
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    endpoint: readEndpoint(input, [...base, 'endpoint'], raw.endpoint),
    credentials:
      raw.credentials === undefined && warehouse.engine === 'bigquery'
        ? warehouse.credentials
        : readCredentials(input, [...base, 'credentials'], raw.credentials),
  };
}

/** A notation of Google's, and how a message says it. */
interface Notation {
  readonly pattern: RegExp;
  readonly complaint: string;
}

// https://cloud.google.com/resource-manager/docs/creating-managing-projects: 6 to 30 letters; old ones have a domain.
const PROJECT: Notation = {
  pattern: /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
  complaint: "is no project's ID: it has 6 to 30 small letters, digits and '-', such as 'my-project-1'",
};
const LOCATION: Notation = {
  pattern: /^[A-Za-z]+(?:-[A-Za-z]+[0-9]*)?$/,
  complaint: "is no location: write it as 'us-west2', 'US' or 'EU'",
};
const DATASET_PREFIX: Notation = {
  pattern: /^[A-Za-z0-9_]{0,200}$/,
  complaint: "cannot begin a dataset's name: use letters, digits and '_'",
};
// https://cloud.google.com/storage/docs/buckets#naming
const BUCKET: Notation = {
  pattern: /^(?=.{3,222}$)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])$/,
  complaint:
    "is no bucket's name: it has small letters, digits, '-', '_' and '.', and neither 'gs://' nor folders",
};
const PREFIX: Notation = {
  pattern: /^(?!\/)(?!.*\/\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))[\x20-\x7e]{0,400}$/,
  complaint:
    "is no prefix of objects' names: write it as 'league/', without '//', '..' or a '/' at its start",
};
const ADDRESS: Notation = {
  pattern: /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/,
  complaint:
    "is no e-mail address: write that of the service account, such as 'name@project.iam.gserviceaccount.com'",
};

/** The text with its variables filled in. What a variable holds is not printed. */
function readMatching(input: PlaceInput, path: Path, text: string, {pattern, complaint}: Notation): string {
  const filled = expand(input.scope, path, text, input.variables);
  if (filled === undefined || pattern.test(filled)) return filled ?? '';
  const subject = filled === text ? `'${text}'` : `What '${text}' stands for`;
  report(input.scope, 'bad-value', path, `${subject} ${complaint}.`);
  return '';
}

function readEndpoint(input: PlaceInput, path: Path, text: string | undefined): string | undefined {
  const filled = text === undefined ? undefined : expand(input.scope, path, text, input.variables);
  if (filled === undefined || filled === '') return undefined;
  if (isHttp(filled)) return filled;
  return report(input.scope, 'bad-url', path, "The endpoint is no URL: write it as 'https://example.com'.");
}

function readCredentials(input: PlaceInput, path: Path, raw: RawCredentials | undefined): Credentials {
  const impersonate =
    raw?.impersonate === undefined
      ? undefined
      : readMatching(input, [...path, 'impersonate'], raw.impersonate, ADDRESS);
  if (raw?.service_account === undefined) return {kind: 'default', impersonate};
  if (raw.default !== undefined) {
    report(
      input.scope,
      'misplaced-key',
      keyAt(input.scope, [...path, 'default']),
      "The key file of 'service_account' and the default credentials exclude each other: keep one.",
    );
  }
  const keyFile = textOr(input, [...path, 'service_account'], raw.service_account, '');
  return {kind: 'service-account', keyFile, impersonate};
}

/** As DuckDB takes it, such as `4GiB`. */
function readMemory(scope: Scope, path: Path, value: string | undefined): string | undefined {
  return readSize(scope, path, value) === undefined ? undefined : value?.replaceAll(' ', '');
}

/**
 * A ledger speaks of one warehouse. The first target in DuckDB, and those that share its file, have the project's
 * ledger where they name none; each other one has its own.
 */
function readLedgerTarget(input: PlaceInput, {targets = {}}: RawManifest): LedgerTarget {
  const {scope, raw, base, variables} = input;
  const name = variables.target;
  const first = Object.entries(targets).find(([, each]) => (each.warehouse?.engine ?? 'duckdb') === 'duckdb');
  const isShared =
    raw.warehouse === undefined || (raw.warehouse.engine === 'duckdb' && raw.warehouse.path === undefined);
  const fallback =
    isShared || name === first?.[0] ? '.gameplan/ledger.sqlite' : `.gameplan/${name}/ledger.sqlite`;
  if (raw.ledger === undefined && fallback.includes(name) && !/^\w[\w.-]*$/.test(name)) {
    report(
      scope,
      'bad-name',
      keyAt(scope, base),
      `'${name}' cannot name the folder of the target's ledger: use letters, digits, '_' and '-', or give it a 'ledger'.`,
    );
  }
  const path = [...base, 'ledger'];
  const said = textOr(input, path, raw.ledger, fallback);
  // Any other URL would be the path of a file, whose name may hold a password.
  return /^(postgres(ql)?:|[a-z][a-z0-9+.-]*:\/\/)/i.test(said.trim())
    ? readPostgres(scope, path, said)
    : {kind: 'file', path: said};
}

/** The schema of a ledger that names none. */
const SCHEMA = 'gameplan';

/** What a variable holds is not printed: it may be a password. */
function readPostgres(scope: Scope, path: Path, url: string): LedgerTarget {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isOne =
    parsed !== undefined && /^postgres(ql)?:$/.test(parsed.protocol) && /^\/[^@]+$/.test(parsed.pathname);
  if (!isOne) {
    const form = `write it as 'postgres://user:\${NAME}@host:5432/database', signs such as '/' and '#' of a password as '%2F' and '%23'`;
    report(scope, 'bad-url', path, `This is no URL of a PostgreSQL database: ${form}.`);
  }
  const schema = parsed?.searchParams.get('schema') ?? SCHEMA;
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema) || schema.startsWith('pg_')) {
    const rule = "small letters, digits and '_', at most 41 of them, and not 'pg_' at its start";
    report(scope, 'bad-name', path, `The schema after '?schema=' cannot be one: use ${rule}.`);
  }
  // As the variables gave it, so that what is kept of the pipeline holds the variable's name instead.
  return {kind: 'postgres', url, schema};
}

function textOr(input: PlaceInput, path: Path, value: string | undefined, fallback: string): string {
  return value === undefined ? fallback : (expand(input.scope, path, value, input.variables) ?? fallback);
}

/** In every target: a secret in the file is one whether or not it is used. */
export function refuseSecretsOfPlaces(scope: Scope, manifest: RawManifest): void {
  for (const name of namesAt(scope, ['targets'])) {
    const ledger = manifest.targets?.[name]?.ledger;
    if (ledger !== undefined) refuseSecretUrl(scope, ['targets', name, 'ledger'], ledger);
    for (const place of ['warehouse', 'store'] as const) {
      const said = manifest.targets?.[name]?.[place];
      if (said === undefined || !('credentials' in said || 'endpoint' in said)) continue;
      const base = ['targets', name, place];
      if (said.endpoint !== undefined) refuseSecretUrl(scope, [...base, 'endpoint'], said.endpoint);
      const key = said.credentials?.service_account;
      if (key !== undefined) refuseWrittenKey(scope, [...base, 'credentials', 'service_account'], key);
    }
  }
}
