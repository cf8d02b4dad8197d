/**
 * Who we are for Google: application default credentials, a service account's key file, or one that acts as another.
 * It does not deal with what an account may do (bigquery-error.ts names the missing permission), nor with requests.
 */
import {createPrivateKey} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import type {AuthClient} from 'google-auth-library';
import type {Credentials} from '../planner/pipeline.ts';

const SCOPES = ['https://www.googleapis.com/auth/cloud-platform'];

/** No credentials, or such as cannot be used. `message` has cause and mend, and no secret. */
class CredentialsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CredentialsError';
  }
}

/**
 * A client that signs requests. Real credentials go to Google's own hosts alone: any other endpoint gets the token of
 * GAMEPLAN_TEST_TOKEN or a dummy, and nobody looks for a metadata server.
 */
export async function googleAuth(
  credentials: Credentials,
  {endpoint, root}: {readonly endpoint: string | undefined /** Of the project. */; readonly root: string},
): Promise<AuthClient> {
  if (!isGoogles(endpoint)) return testClient();
  const source =
    credentials.kind === 'service-account'
      ? await keyClient(resolve(root, credentials.keyFile))
      : await defaultClient();
  const {impersonate} = credentials;
  return impersonate === undefined ? source : await actingAs(impersonate, source);
}

/** Whether an endpoint is Google's own; no endpoint at all means that it is. */
export function isGoogles(endpoint: string | undefined): boolean {
  if (endpoint === undefined || endpoint === '') return true;
  if (!URL.canParse(endpoint)) return false;
  const {hostname, protocol} = new URL(endpoint);
  return protocol === 'https:' && /(^|\.)googleapis\.com$/.test(hostname);
}

async function testClient(): Promise<AuthClient> {
  const {OAuth2Client} = await import('google-auth-library');
  const client = new OAuth2Client();
  client.setCredentials({
    access_token: process.env['GAMEPLAN_TEST_TOKEN'] ?? 'test-token',
    expiry_date: Number.MAX_SAFE_INTEGER,
  });
  return client;
}

async function defaultClient(): Promise<AuthClient> {
  const file = defaultFile();
  if (file !== undefined) readKey(file.path, file.what);
  const {GoogleAuth} = await import('google-auth-library');
  try {
    return await new GoogleAuth({scopes: SCOPES}).getClient();
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    if (said.includes('Could not load the default credentials')) throw new CredentialsError(NONE_FOUND);
    throw new CredentialsError(
      `${file?.what ?? 'The application default credentials'} cannot be used (${said.split('\n')[0]}). ${MAKE_THEM}`,
    );
  }
}

const MAKE_THEM =
  "Make them with 'gcloud auth application-default login', or name a service account's key file under 'credentials:' of the target.";

const NONE_FOUND = `No Google credentials were found: neither GOOGLE_APPLICATION_CREDENTIALS, nor those of gcloud, nor a metadata server. ${MAKE_THEM}`;

/** The file that application default credentials come from, where there is one. */
function defaultFile(): {readonly path: string; readonly what: string} | undefined {
  const named = process.env['GOOGLE_APPLICATION_CREDENTIALS'];
  if (named !== undefined && named !== '') {
    return {path: named, what: `The file of GOOGLE_APPLICATION_CREDENTIALS '${named}'`};
  }
  const home = process.env['HOME'];
  const folder =
    process.env['CLOUDSDK_CONFIG'] ?? (home === undefined ? undefined : join(home, '.config/gcloud'));
  if (folder === undefined) return undefined;
  const path = join(folder, 'application_default_credentials.json');
  return existsSync(path) ? {path, what: `The credentials of gcloud '${path}'`} : undefined;
}

async function keyClient(path: string): Promise<AuthClient> {
  const what = `The key file '${path}'`;
  const key = readKey(path, what);
  const field = (name: string): string => {
    const value = key.get(name);
    if (typeof value === 'string' && value !== '') return value;
    throw new CredentialsError(`${what} has no '${name}'. ${NEW_KEY}`);
  };
  const type = key.get('type');
  if (type !== 'service_account') {
    const is = typeof type === 'string' ? `of the type '${type}'` : 'of no type';
    throw new CredentialsError(
      `${what} is ${is} and not a service account's. ${NEW_KEY} Leave 'service_account' out for application default credentials.`,
    );
  }
  const secret = field('private_key');
  try {
    createPrivateKey(secret);
  } catch {
    throw new CredentialsError(`${what} holds a 'private_key' that is none. ${NEW_KEY}`);
  }
  const {JWT} = await import('google-auth-library');
  return new JWT({email: field('client_email'), key: secret, scopes: SCOPES});
}

const NEW_KEY = "Download the account's key anew, as JSON.";

/** What a JSON file of credentials says. Errors of the parser quote the text, which is secret: they are not passed on. */
function readKey(path: string, what: string): ReadonlyMap<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT')
      throw new CredentialsError(`${what} does not exist. Mend the path or put it there.`);
    throw new CredentialsError(`${what} cannot be read (${code}). Let this user read it.`);
  }
  const parsed = parseJson(text);
  if (typeof parsed !== 'object' || parsed === null) {
    throw new CredentialsError(`${what} is not JSON. ${NEW_KEY}`);
  }
  return new Map(Object.entries(parsed));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function actingAs(account: string, sourceClient: AuthClient): Promise<AuthClient> {
  if (!/^[^@\s/]+@[^@\s/]+$/.test(account)) {
    throw new CredentialsError(
      `'impersonate' is '${account}'. Write the service account's e-mail, such as 'loader@my-project.iam.gserviceaccount.com'.`,
    );
  }
  const {Impersonated} = await import('google-auth-library');
  const {warn} = console;
  // It warns of URLs in files that it is given here none of.
  Object.assign(console, {warn: () => undefined});
  try {
    return new Impersonated({sourceClient, targetPrincipal: account, targetScopes: SCOPES, lifetime: 3600});
  } finally {
    Object.assign(console, {warn});
  }
}

/** What an error says of the credentials themselves, met when a token was asked for; undefined where it is of something else. */
export function credentialsProblem(error: unknown): string | undefined {
  if (error instanceof CredentialsError) return error.message;
  if (!(error instanceof Error)) return undefined;
  const said = answerOfToken(error);
  const {message} = error;
  if (
    /invalid_grant|invalid_rapt|invalid_client|unauthorized_client|deleted_client/.test(`${said} ${message}`)
  ) {
    return `Google does not accept the credentials any more (${withoutStop(said === '' ? message : said)}): they were revoked, have expired or belong to a deleted account. ${MAKE_THEM}`;
  }
  if (!message.includes('unable to impersonate')) return undefined;
  const why = withoutStop(message.replace(/.*unable to impersonate: (Error: )?/s, '').split('\n')[0] ?? '');
  if (/\bE[A-Z]{4,}\b|socket hang up|network timeout/.test(why)) {
    return `Google could not be asked for a token (${why}). See whether the network is there, and run again.`;
  }
  return `The credentials may not act as the account of 'impersonate' (${why}). Grant them roles/iam.serviceAccountTokenCreator on that account, and see that it exists.`;
}

/** What the token server answered: the name of the error and its description. */
function answerOfToken(error: Error): string {
  const response: unknown = Reflect.get(error, 'response');
  if (typeof response !== 'object' || response === null) return '';
  const body: unknown = Reflect.get(response, 'data');
  if (typeof body !== 'object' || body === null) return '';
  return ['error', 'error_description']
    .map(name => Reflect.get(body, name) as unknown)
    .filter(value => typeof value === 'string')
    .join(': ');
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '');
}
