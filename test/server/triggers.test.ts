import {createSign, generateKeyPairSync} from 'node:crypto';
import {setTimeout as delay} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {type Certificates, pushJudge} from '../../runner/push-token.ts';
import {Passes} from '../../server/passes.ts';
import {type TriggerOptions, triggerRoutes} from '../../server/triggers.ts';
import {HOST, PORT, TOKEN} from './safe-app.ts';
import {Served, until} from './served.ts';

const TRIGGER = 'only-ever-look-now';
/** As Pub/Sub pushes what Cloud Storage tells it. */
const PUSHED = {
  message: {
    attributes: {eventType: 'OBJECT_FINALIZE', bucketId: 'rows', objectId: 'x.json'},
    data: Buffer.from('{}').toString('base64'),
    messageId: '136969346945',
    publishTime: '2024-02-01T12:00:00Z',
  },
  subscription: 'projects/p/subscriptions/s',
};

interface Post {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

function triggers(options: Partial<TriggerOptions> = {}) {
  const asked: string[] = [];
  const routes = triggerRoutes({
    host: '127.0.0.1',
    port: () => PORT,
    token: TOKEN,
    triggerToken: TRIGGER,
    isPusher: undefined,
    isReadOnly: false,
    now: () => 0,
    ask: ({trigger}) => {
      asked.push(trigger);
      return 'started';
    },
    ...options,
  });
  const post = async (address: string, {headers = {}, body}: Post = {}) =>
    await routes.request(address, {
      method: 'POST',
      headers: {host: HOST, ...headers},
      ...(body === undefined ? {} : {body: typeof body === 'string' ? body : JSON.stringify(body)}),
    });
  return {asked, post, routes};
}

const bearer = (token: string) => ({authorization: `Bearer ${token}`});

describe('POST /api/heal', () => {
  test('is answered at once to who has the token, with a body or none', async () => {
    const {post, asked} = triggers();
    const answers = [
      await post('/api/heal', {headers: bearer(TOKEN)}),
      await post('/api/heal', {headers: bearer(TRIGGER), body: {by: 'bo'}}),
      await post('/api/heal', {headers: {'x-gameplan-token': TRIGGER}}),
      await post(`/api/heal?token=${TRIGGER}`),
    ];
    expect(answers.map(({status}) => status)).toEqual([202, 202, 202, 202]);
    expect(await answers[0]?.json()).toEqual({pass: 'started'});
    expect(asked).toEqual(['request', 'request', 'request', 'request']);
  });

  test('is refused to everybody else', async () => {
    const {post, asked, routes} = triggers();
    const statuses = [
      await post('/api/heal'),
      await post('/api/heal', {headers: bearer('wrong')}),
      // The token of the page in a URL would stand in logs.
      await post(`/api/heal?token=${TOKEN}`),
      await post('/api/heal', {headers: {...bearer(TOKEN), host: 'evil.example'}}),
      await post('/api/heal', {headers: {...bearer(TOKEN), origin: 'https://evil.example'}}),
      await post('/api/heal', {headers: {...bearer(TOKEN), 'sec-fetch-site': 'cross-site'}}),
      await routes.request('/api/heal', {headers: {host: HOST}}),
      await triggers({isReadOnly: true}).post('/api/heal', {headers: bearer(TOKEN)}),
    ].map(({status}) => status);
    expect(statuses).toEqual([401, 401, 401, 421, 403, 403, 405, 403]);
    expect(asked).toEqual([]);
  });

  test('of a body that is none is refused with what to send', async () => {
    const {post} = triggers();
    for (const body of ['{', '[]', 'null', {force: true}, {by: 1}]) {
      const answer = await post('/api/heal', {headers: bearer(TOKEN), body});
      expect([answer.status, await answer.json()]).toEqual([
        400,
        {error: 'Send nothing, or JSON such as {"by": "ada"}.'},
      ]);
    }
    const long = await post('/api/heal', {headers: bearer(TOKEN), body: ' '.repeat(2 ** 20 + 1)});
    expect(long.status).toBe(413);
  });

  test('needs no token where only this machine can ask, and another site cannot', async () => {
    const open = triggers({token: undefined, triggerToken: undefined});
    expect((await open.post('/api/heal')).status).toBe(202);
    expect((await open.post('/api/heal', {headers: {origin: 'http://evil.example'}})).status).toBe(403);
  });

  test('is closed for a while to who guesses', async () => {
    const {post} = triggers();
    for (let tries = 0; tries < 5; tries++) await post('/api/heal', {headers: bearer('wrong')});
    const answer = await post('/api/heal', {headers: bearer(TOKEN)});
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '30']);
  });
});

describe('a message that is pushed', () => {
  const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
  const AUDIENCE = 'https://gameplan.example/api/notify';
  const EMAIL = 'push@p.iam.gserviceaccount.com';
  const certificates = async (): Promise<Certificates> => ({
    one: publicKey.export({type: 'spki', format: 'pem'}).toString(),
  });
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  function signed(claims: object): string {
    const now = Math.floor(Date.now() / 1000);
    const body = `${part({alg: 'RS256', kid: 'one', typ: 'JWT'})}.${part({
      iss: 'https://accounts.google.com',
      aud: AUDIENCE,
      sub: '1',
      email: EMAIL,
      email_verified: true,
      iat: now,
      exp: now + 3600,
      ...claims,
    })}`;
    return `${body}.${createSign('RSA-SHA256').update(body).sign(privateKey, 'base64url')}`;
  }

  const pushed = (token: string) =>
    triggers({isPusher: pushJudge({audience: AUDIENCE, email: EMAIL}, certificates)}).post('/api/notify', {
      headers: bearer(token),
      body: PUSHED,
    });

  test('is taken from the account that may push, and from no other', async () => {
    expect((await pushed(signed({}))).status).toBe(202);
    const past = Math.floor(Date.now() / 1000) - 7200;
    const wrong = [
      signed({aud: 'https://other.example'}),
      signed({email: 'somebody@else.example'}),
      signed({email_verified: false}),
      signed({iss: 'https://evil.example'}),
      signed({iat: past, exp: past + 60}),
      `${signed({}).slice(0, -8)}AAAAAAAA`,
      'no-token',
    ];
    for (const token of wrong) expect((await pushed(token)).status, token).toBe(401);
  });

  test('may come with the token that opens the triggers, as Eventarc sends it, or whole', async () => {
    const {post, asked} = triggers();
    const at = `/api/notify?token=${TRIGGER}`;
    const object = {bucket: 'rows', name: 'x.json'};
    const answers = [
      await post(at, {body: PUSHED}),
      await post(at, {
        body: object,
        headers: {'ce-id': '1', 'ce-type': 'google.cloud.storage.object.v1.finalized'},
      }),
      await post(at, {body: {specversion: '1.0', id: '1', type: 'x', source: 'y', data: object}}),
    ];
    expect(answers.map(({status}) => status)).toEqual([202, 202, 202]);
    expect(asked).toEqual(['notification', 'notification', 'notification']);
  });

  test('that is none is refused, and nothing begins', async () => {
    const {post, asked} = triggers();
    for (const body of ['', '{', '[]', '"x"', {}, {message: {}}, {message: {messageId: 7}}])
      expect((await post(`/api/notify?token=${TRIGGER}`, {body})).status).toBe(400);
    expect(asked).toEqual([]);
  });
});

describe('a storm', () => {
  let served: Served;
  beforeEach(() => {
    served = new Served();
  });
  afterEach(() => served.remove());

  test('of a thousand messages comes to two passes', async () => {
    const passes = new Passes({
      start: served.work.startPass.bind(served.work),
      tell: () => undefined,
      paceMs: 100,
    });
    const {post} = triggers({ask: asked => passes.ask(asked)});
    const began = performance.now();
    const answers = await Promise.all(
      Array.from({length: 1000}, () => post(`/api/notify?token=${TRIGGER}`, {body: PUSHED})),
    );
    const each = (performance.now() - began) / 1000;
    const said = await Promise.all(answers.map(answer => answer.json() as Promise<{pass: string}>));
    expect(said.filter(({pass}) => pass === 'started')).toHaveLength(1);
    expect(said.filter(({pass}) => pass === 'waiting')).toHaveLength(999);
    expect(each).toBeLessThan(20);
    const ends = () =>
      served.ledger(ledger => ledger.passes(9).map(({trigger, end}) => [trigger, end?.outcome]));
    await until(
      () => ends().length === 2 && ends().every(([, outcome]) => outcome !== undefined),
      'two passes',
    );
    await delay(300);
    expect(ends()).toEqual([
      ['notification', 'nothing'],
      ['notification', 'nothing'],
    ]);
  });

  test('that goes on is answered by a pass every so often', async () => {
    let started = 0;
    const child = {
      begun: new Promise<never>(() => undefined),
      ended: Promise.resolve({end: 0, out: '', err: '', runs: []}),
      interrupt: () => undefined,
      kill: () => undefined,
    };
    const passes = new Passes({
      start: () => {
        started++;
        return child;
      },
      tell: () => undefined,
      paceMs: 150,
    });
    for (let i = 0; i < 20; i++) {
      passes.ask({trigger: 'notification', by: undefined});
      await delay(20);
    }
    expect(started).toBeGreaterThan(1);
    expect(started).toBeLessThanOrEqual(5);
    await passes.stop({graceMs: 0, now: AbortSignal.abort()});
  });
});
