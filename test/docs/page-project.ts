/**
 * The projects that the commands of a page run in, by the name that the page gives: `<!-- project: league -->`.
 * It does not deal with what is typed there. A page that needs another project adds a line to PROJECTS.
 */
import {spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {startGoogle} from '../kit/google.ts';

const root = path.join(import.meta.dirname, '..', '..');

export interface PageProject {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends what was started for it; its folder goes with the others. */
  close(): Promise<void>;
}

/** By name, with what a reader of a page needs to know of it. `folder` is there and empty. */
const PROJECTS: Readonly<Record<string, (folder: string) => Promise<PageProject>>> = {
  /** An empty folder. */
  empty: folder => Promise.resolve(alone(folder)),
  /** As `gameplan init` writes it; nothing is made yet. */
  new: async folder => alone(gameplan(folder, 'init', '.')),
  /** As `gameplan init` writes it, and filled: the night whose file is not there, and what hangs on it, are gaps. */
  league: async folder => alone(filled(folder)),
  /** The same without a gap. */
  whole: async folder => alone(gameplan(withLateFile(filled(folder)), 'materialize')),
  /** As `league`, with a second target `prod` in BigQuery and Cloud Storage, which the test servers stand in for. */
  bigquery: async folder => await withGoogle(filled(folder)),
};

/** One for the pages of a test file: what many pages begin with is made once. */
const made = new Map<string, string>();

export async function openProject(name: string): Promise<PageProject & {readonly tools: string}> {
  const open = PROJECTS[name];
  if (open === undefined)
    throw new Error(`No project is named '${name}'; there are ${Object.keys(PROJECTS).join(', ')}.`);
  const base = mkdtempSync(path.join(tmpdir(), 'gameplan-docs-'));
  const folder = path.join(base, 'league');
  mkdirSync(folder);
  const project = await open(folder);
  const close = async () => {
    await project.close();
    rmSync(base, {recursive: true, force: true});
  };
  return {...project, close, tools: path.join(base, 'tools')};
}

export function forgetProjects(): void {
  for (const folder of made.values()) rmSync(folder, {recursive: true, force: true});
  made.clear();
}

function alone(folder: string): PageProject {
  return {folder, env: {}, close: () => Promise.resolve()};
}

function filled(folder: string): string {
  const first = made.get('filled') ?? mkdtempSync(path.join(tmpdir(), 'gameplan-docs-'));
  if (!made.has('filled')) {
    made.set('filled', first);
    gameplan(gameplan(first, 'init', '.'), 'materialize');
  }
  cpSync(first, folder, {recursive: true});
  return folder;
}

function withLateFile(folder: string): string {
  const night = path.join(folder, 'data', 'results', '2024-11-14');
  mkdirSync(night);
  cpSync(path.join(folder, 'late', '2024-11-14.csv'), path.join(night, 'scores.csv'));
  return folder;
}

const PROD = `  prod:
    warehouse:
      engine: bigquery
      project: '\${GCP_PROJECT}'
      location: us-west2
      dataset_prefix: league_
      endpoint: '\${BIGQUERY_ENDPOINT:-}'
    store: {kind: gcs, bucket: '\${GCS_BUCKET}', endpoint: '\${GCS_ENDPOINT:-}'}
`;

async function withGoogle(folder: string): Promise<PageProject> {
  const google = await startGoogle();
  await putNights(folder, google.storage.url);
  const manifest = path.join(folder, 'pipeline.yaml');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, text.replace(/^defaults:/m, `${PROD}\n$&`));
  const env = {
    GCP_PROJECT: 'league',
    GCS_BUCKET: 'objects',
    BIGQUERY_ENDPOINT: google.bigquery.url,
    GCS_ENDPOINT: google.storage.url,
  };
  return {folder, env, close: () => google.close()};
}

/** The files of the nights lie in the bucket as well, as if who writes them wrote there. */
async function putNights(folder: string, url: string): Promise<void> {
  const data = path.join(folder, 'data');
  for (const name of readdirSync(data, {recursive: true, encoding: 'utf8'})) {
    if (!name.endsWith('.csv')) continue;
    const place = encodeURIComponent(name.replaceAll(path.sep, '/'));
    const {status} = await fetch(`${url}/upload/storage/v1/b/objects/o?uploadType=media&name=${place}`, {
      method: 'POST',
      body: readFileSync(path.join(data, name)),
    });
    if (status !== 200) throw new Error(`The bucket answered ${status} to '${name}'.`);
  }
}

/** Half an hour before pages begin, unless they say otherwise: it is made once for many. */
const MADE_AT = '2024-12-13T08:30:00Z';

/** Ends with 1 where a night's file is not there. */
function gameplan(folder: string, ...args: readonly string[]): string {
  const ahead = Date.parse(MADE_AT) - Date.now();
  const clock = `data:text/javascript,const now = Date.now; Date.now = () => now() + ${ahead};`;
  const program = path.join(root, 'bin', 'gameplan.js');
  const {status, stderr, stdout} = spawnSync(process.execPath, ['--import', clock, program, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0 && args[0] !== 'materialize') throw new Error(stderr + stdout);
  return folder;
}
