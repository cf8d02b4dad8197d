import {generateKeyPairSync} from 'node:crypto';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import type {Credentials} from '../../planner/pipeline.ts';
import {requestError} from '../../runner/bigquery-error.ts';
import {credentialsProblem, googleAuth, isGoogles} from '../../runner/google-auth.ts';

const SECRET = 'hunter2-do-not-print';
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'auth-'));
  vi.stubEnv('HOME', root);
  vi.stubEnv('CLOUDSDK_CONFIG', undefined);
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined);
  // Nobody waits for a metadata server here.
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'p');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, {recursive: true});
});

function key(about: Record<string, unknown> = {}): string {
  const {privateKey} = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: {type: 'spki', format: 'pem'},
    privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
  });
  return JSON.stringify({
    type: 'service_account',
    client_email: 'loader@p.iam.gserviceaccount.com',
    private_key: privateKey,
    ...about,
  });
}

async function problem(credentials: Credentials): Promise<string> {
  const error = await googleAuth(credentials, {endpoint: undefined, root}).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const text = String(credentialsProblem(error));
  expect(`${text} ${String(error instanceof Error ? error.cause : '')}`).not.toContain(SECRET);
  return text.replaceAll(root, 'ROOT');
}

const byKey: Credentials = {kind: 'service-account', keyFile: 'key.json', impersonate: undefined};
const byDefault: Credentials = {kind: 'default', impersonate: undefined};

describe('a service account', () => {
  test('signs with its key', async () => {
    writeFileSync(join(root, 'key.json'), key());
    const client = await googleAuth(byKey, {endpoint: undefined, root});
    expect(client).toMatchObject({email: 'loader@p.iam.gserviceaccount.com'});
  });

  const bad: readonly [name: string, text: string | undefined, said: string][] = [
    [
      'that is not there',
      undefined,
      "The key file 'ROOT/key.json' does not exist. Mend the path or put it there.",
    ],
    [
      'that is no JSON',
      `{"private_key": ${SECRET}`,
      "The key file 'ROOT/key.json' is not JSON. Download the account's key anew, as JSON.",
    ],
    [
      'that is JSON of no object',
      '7',
      "The key file 'ROOT/key.json' is not JSON. Download the account's key anew, as JSON.",
    ],
    [
      'of a user',
      JSON.stringify({type: 'authorized_user', refresh_token: SECRET}),
      "The key file 'ROOT/key.json' is of the type 'authorized_user' and not a service account's. Download the account's key anew, as JSON. Leave 'service_account' out for application default credentials.",
    ],
    [
      'without its key',
      JSON.stringify({type: 'service_account', client_email: 'a@b'}),
      "The key file 'ROOT/key.json' has no 'private_key'. Download the account's key anew, as JSON.",
    ],
    [
      'with a broken key',
      JSON.stringify({type: 'service_account', client_email: 'a@b', private_key: SECRET}),
      "The key file 'ROOT/key.json' holds a 'private_key' that is none. Download the account's key anew, as JSON.",
    ],
  ];
  for (const [name, text, said] of bad) {
    test(`with a file ${name} says so`, async () => {
      if (text !== undefined) writeFileSync(join(root, 'key.json'), text);
      expect(await problem(byKey)).toBe(said);
    });
  }
});

describe('application default credentials', () => {
  test('that are nowhere say how to make them', async () => {
    expect(await problem(byDefault)).toBe(
      "No Google credentials were found: neither GOOGLE_APPLICATION_CREDENTIALS, nor those of gcloud, nor a metadata server. Make them with 'gcloud auth application-default login', or name a service account's key file under 'credentials:' of the target.",
    );
  });

  test('of a file that is not there or no JSON name the variable', async () => {
    const path = join(root, 'adc.json');
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path);
    expect(await problem(byDefault)).toMatch(
      /^The file of GOOGLE_APPLICATION_CREDENTIALS 'ROOT\/adc.json' does not exist\./,
    );
    writeFileSync(path, `not ${SECRET}`);
    expect(await problem(byDefault)).toMatch(/'ROOT\/adc.json' is not JSON\./);
    writeFileSync(path, JSON.stringify({type: 'nonsense', refresh_token: SECRET}));
    expect(await problem(byDefault)).toMatch(/^The file of GOOGLE_APPLICATION_CREDENTIALS .* cannot be used/);
  });

  test('of a file are taken', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(root, 'adc.json'));
    writeFileSync(join(root, 'adc.json'), key());
    expect(await googleAuth(byDefault, {endpoint: undefined, root})).toMatchObject({
      email: 'loader@p.iam.gserviceaccount.com',
    });
  });
});

describe('acting as another account', () => {
  test('asks for a token of that account', async () => {
    writeFileSync(join(root, 'key.json'), key());
    const client = await googleAuth(
      {...byKey, impersonate: 'writer@p.iam.gserviceaccount.com'},
      {endpoint: undefined, root},
    );
    expect(Reflect.get(client, 'targetPrincipal')).toBe('writer@p.iam.gserviceaccount.com');
  });

  test('of no e-mail is refused', async () => {
    writeFileSync(join(root, 'key.json'), key());
    expect(await problem({...byKey, impersonate: 'writer'})).toMatch(
      /^'impersonate' is 'writer'\. Write the service account's e-mail/,
    );
  });
});

describe('what a token was refused with', () => {
  test('a missing permission to act as another', () => {
    const error = new Error(
      "PERMISSION_DENIED: unable to impersonate: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
    );
    const told = requestError(error, {project: 'p', location: 'US', endpoint: 'x'});
    expect(told.kind).toBe('credentials');
    expect(told.message).toBe(
      "The credentials may not act as the account of 'impersonate' (Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)). Grant them roles/iam.serviceAccountTokenCreator on that account, and see that it exists.",
    );
  });

  test('no network on the way to act as another', () => {
    const error = new Error(
      'unable to impersonate: Error: request to https://oauth2.googleapis.com/token failed, reason: getaddrinfo ENOTFOUND oauth2.googleapis.com',
    );
    expect(credentialsProblem(error)).toBe(
      'Google could not be asked for a token (request to https://oauth2.googleapis.com/token failed, reason: getaddrinfo ENOTFOUND oauth2.googleapis.com). See whether the network is there, and run again.',
    );
  });

  test('revoked credentials of one who acts as another', () => {
    expect(credentialsProblem(new Error('unable to impersonate: Error: invalid_grant'))).toMatch(
      /^Google does not accept the credentials any more/,
    );
  });

  test('revoked credentials', () => {
    // https://developers.google.com/identity/protocols/oauth2/web-server#exchange-errors-invalid-grant
    const error = Object.assign(new Error('invalid_grant'), {
      response: {data: {error: 'invalid_grant', error_description: 'Token has been expired or revoked.'}},
      config: {headers: {authorization: SECRET}},
    });
    const told = requestError(error, {project: 'p', location: 'US', endpoint: 'x'});
    expect(told.kind).toBe('credentials');
    expect(told.message).toMatch(
      /^Google does not accept the credentials any more \(invalid_grant: Token has been expired or revoked\): they were revoked/,
    );
    expect(told.message).not.toContain(SECRET);
  });
});

describe('an endpoint', () => {
  test('of a test server is asked with a token that is no secret', async () => {
    writeFileSync(join(root, 'key.json'), key());
    for (const credentials of [byKey, byDefault]) {
      const client = await googleAuth(credentials, {endpoint: 'http://127.0.0.1:9', root});
      expect(await client.getAccessToken()).toMatchObject({token: 'test-token'});
    }
    vi.stubEnv('GAMEPLAN_TEST_TOKEN', 'mine');
    const client = await googleAuth(byDefault, {endpoint: 'http://127.0.0.1:9', root});
    expect(await client.getAccessToken()).toMatchObject({token: 'mine'});
  });

  test("is Google's own only by its name and over TLS", () => {
    expect(
      [undefined, '', 'https://bigquery.googleapis.com', 'https://bigquery-x.p.googleapis.com'].every(
        isGoogles,
      ),
    ).toBe(true);
    expect(
      [
        'http://bigquery.googleapis.com',
        'https://googleapis.com.evil.example',
        'https://evilgoogleapis.com',
        'nonsense',
      ].some(isGoogles),
    ).toBe(false);
  });
});
