import {readFileSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {HttpReceiver, MailReceiver, PASSWORD} from '../kit/receivers.ts';
import {ToyProject} from './command-line.ts';

const HOUR = 3_600_000;
const SLACK = '/services/T0/B0/s3cr3t-slack';
const TOKEN = 'tok-91827364';

const ALERTS = `alerts:
  slack: '\${SLACK_WEBHOOK}'
  email: {smtp: '\${SMTP_URL}', from: 'Toy <toy@example.com>', to: [ops@example.com, bo@example.com]}
  webhook: {url: '\${HOOK_URL}/hook', headers: {authorization: 'Bearer \${HOOK_TOKEN}'}}
  page: https://plan.example.com/
assets:
`;

let project: ToyProject;
let http: HttpReceiver;
let mail: MailReceiver;
beforeEach(async () => {
  project = new ToyProject();
  http = new HttpReceiver();
  mail = new MailReceiver();
  const url = await http.open();
  project.declare('assets:\n', ALERTS);
  project.env = {
    SLACK_WEBHOOK: `${url}${SLACK}`,
    SMTP_URL: await mail.open(),
    HOOK_URL: url,
    HOOK_TOKEN: TOKEN,
  };
});
afterEach(async () => {
  http.close();
  await mail.close();
  project.remove();
});

const later = (hours: number): void => {
  project.clockMs += hours * HOUR;
};
const slack = () => http.at(SLACK).map(({text}) => JSON.parse(text));
const hooks = () => http.at('/hook').map(({text}) => JSON.parse(text));
const alerts = async () => JSON.parse((await project.run('alerts', '--json')).out);

/** A run of one asset alone. */
const failing = () => project.run('materialize', 'raw.points');

/** All that the first asset lacks is signed off. */
const KNOWN = `- {asset: raw.points, keys: [2024-01-15, 2024-01-16, 2024-01-18], reason: x, accepted_by: a@b.c, accepted_on: 2024-01-31}
- {asset: stats.running, keys: [2024-01-15, 2024-01-16, 2024-01-18], reason: x, accepted_by: a@b.c, accepted_on: 2024-01-31}
`;

/** Nothing that is secret stands in a text. */
function expectHushed(text: string): void {
  for (const secret of [SLACK, PASSWORD, TOKEN]) expect(text).not.toContain(secret);
}

describe('a run that failed', () => {
  beforeEach(() => project.write('fail-2024-01-16', ''));

  test('is told to each receiver at once, and its exit code is its own', async () => {
    const {code, err} = await failing();
    expect(code).toBe(1);
    expect(err).toBe('');
    const [{text, blocks}] = slack();
    expect(text).toBe('toy (local): 1 run failed (1 partition)');
    expect(blocks[1].text.text).toBe(
      ':red_circle: *1 partition failed: the source answered HTTP 503 for 2024-01-16*\n• raw.points, 1 partition: 2024-01-16',
    );
    const marked = blocks.flatMap(
      (each: {text: object; elements?: object[]}) => each.elements ?? [each.text],
    );
    expect(
      marked.slice(1).every((each: {verbatim?: boolean}) => each.verbatim),
      'no links of its own',
    ).toBe(true);
    const [message] = hooks();
    expect(message).toMatchObject({
      version: 1,
      why: 'at-once',
      pipeline: 'toy',
      target: 'local',
      severity: 'critical',
      topics: [{kind: 'run-failed', count: 1, lines: [{about: 'raw.points', keys: '2024-01-16'}]}],
      runs: [{failed: 1}],
      page: 'https://plan.example.com',
    });
    expect(http.at('/hook')[0]?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'idempotency-key': message.id,
    });
    expect(mail.mailed).toHaveLength(1);
    const [{from, to, raw} = {from: '', to: [], raw: ''}] = mail.mailed;
    expect([from, ...to]).toEqual(['toy@example.com', 'ops@example.com', 'bo@example.com']);
    expect(raw).toContain('Subject: [gameplan] toy (local): 1 run failed (1 partition)');
    expect(raw).toContain(`Message-ID: <${message.id}@gameplan>`);
  });

  test('once in four hours for the same cause, and then with all that failed meanwhile', async () => {
    project.declare('assets:\n', `healing: {retry_budget: 9}\n${ALERTS}`);
    await failing();
    project.write('fail-2024-01-18', '');
    for (let i = 0; i < 2; i++) {
      later(1.5);
      await project.run('materialize', 'raw.points', '--force');
    }
    expect(hooks()).toHaveLength(1);
    later(1.1);
    await project.run('alerts', 'send');
    expect(hooks()).toHaveLength(2);
    expect(hooks()[1].topics[0].lines).toEqual([
      {about: 'raw.points', count: 2, keys: '2024-01-16, 2024-01-18'},
    ]);
    expect(hooks()[1].runs).toHaveLength(2);
    expect(slack()).toHaveLength(2);
    expect(mail.mailed).toHaveLength(2);
  });

  test('a receiver that fails stops nothing, is told of, and gets it later; the others have it once', async () => {
    http.status.set(SLACK, 500);
    const {code, err} = await failing();
    expect(code).toBe(1);
    expect(err).toMatch(
      /^warning: An alert could not be sent by slack: HTTP 500: no, \*\*\*\. A later command tries again/,
    );
    expectHushed(err);
    const [{tries, error, waiting}] = (await alerts()).receivers;
    expect([tries, error, waiting]).toEqual([1, 'HTTP 500: no, ***', 1]);
    // Not before its pause is over.
    expect((await project.run('alerts', 'send')).out).toBe('Nothing new is to be told.\n');
    expect(slack()).toHaveLength(1);
    later(0.03);
    expect((await project.run('alerts', 'send')).code).toBe(1);
    expect(slack()).toHaveLength(2);
    later(0.03);
    await project.run('alerts', 'send');
    expect(slack(), 'the pause grows').toHaveLength(2);
    later(0.03);
    http.status.delete(SLACK);
    expect((await project.run('alerts', 'send')).out).toContain('slack: 1 message delivered.');
    expect([hooks().length, mail.mailed.length]).toEqual([1, 1]);
    expect((await alerts()).receivers[0]).toMatchObject({waiting: 0, error: null});
  });

  test('a receiver that does not answer costs a run a few seconds', async () => {
    http.status.set('/hook', 'silent');
    const begun = performance.now();
    const {code, err} = await failing();
    expect(performance.now() - begun).toBeLessThan(8000);
    expect(code).toBe(1);
    expect(err).toContain('An alert could not be sent by webhook: 127.0.0.1:');
    expect(err).toContain('has not answered within');
    expect(slack()).toHaveLength(1);
  });

  test('one that asks for time is given it', async () => {
    http.status.set('/hook', 429);
    http.retryAfter = 3000;
    await failing();
    later(0.5);
    await project.run('alerts', 'send');
    expect(hooks()).toHaveLength(1);
    later(0.4);
    await project.run('alerts', 'send');
    expect(hooks()).toHaveLength(2);
    expect(hooks()[1].id).toBe(hooks()[0].id);
  });

  test('mail that is refused for now, or for its password, comes later', async () => {
    mail.isRefusing = true;
    expect((await failing()).err).toContain('An alert could not be sent by email: ');
    const good = project.env;
    project.env = {...good, SMTP_URL: (good['SMTP_URL'] ?? '').replace(PASSWORD, 'wrong-pass')};
    mail.isRefusing = false;
    later(0.03);
    const refused = await project.run('alerts', 'send');
    expect(refused.out).toContain('email: failed: ');
    expect(refused.out).not.toContain('wrong-pass');
    project.env = good;
    later(0.1);
    await project.run('alerts', 'send');
    expect(mail.mailed).toHaveLength(1);
  });

  test('mail that one address is refused for is not sent to the others again', async () => {
    mail.unknown.add('bo@example.com');
    expect((await failing()).err).toContain(
      'by email: the mail server refused bo@example.com. That one is given up.',
    );
    expect(mail.mailed.map(({to}) => to)).toEqual([['ops@example.com']]);
    expect((await project.run('alerts')).out).toContain('given up after 1 try, the mail server refused');
    later(1);
    await project.run('alerts', 'send');
    expect(mail.mailed).toHaveLength(1);
  });

  test('what a receiver cannot take is given up, and what waits behind it is delivered', async () => {
    http.status.set(SLACK, 400);
    await failing();
    project.write('fail-2024-01-18', '');
    for (let tried = 1; tried < 5; tried++) {
      later(tried);
      await project.run('alerts', 'send');
    }
    expect(slack()).toHaveLength(5);
    http.status.delete(SLACK);
    await project.run('materialize', 'raw.points', '--force');
    expect(slack()).toHaveLength(6);
    expect(slack()[5].text).not.toBe(slack()[0].text);
  });

  test('a variable that is not set stops nothing: its receiver is off, and another machine delivers', async () => {
    const {SLACK_WEBHOOK = '', ...rest} = project.env;
    project.env = rest;
    expect((await project.run('plan')).code).toBe(0);
    expect((await failing()).err).toBe('');
    const {out} = await project.run('alerts');
    expect(out).toContain("is off: the environment variable 'SLACK_WEBHOOK' is not set");
    expect(out).toContain('1 message to be delivered');
    expect((await project.run('doctor')).out).toContain(
      "alerts slack: is off: the environment variable 'SLACK_WEBHOOK'",
    );
    project.env = {...rest, SLACK_WEBHOOK};
    await project.run('alerts', 'send');
    expect(slack()).toHaveLength(1);
  });

  test('a variable that holds no address is named, and what it holds is not shown', async () => {
    project.env = {...project.env, SLACK_WEBHOOK: 'swordfish'};
    const {code, out, err} = await project.run('alerts', 'test', '--to', 'slack');
    expect([code, (out + err).replaceAll(/\s+/g, ' ').trim()]).toEqual([
      1,
      "slack off cannot be reached: its address is no URL such as 'https://hooks.slack.com/…'; look at the variable 'SLACK_WEBHOOK'",
    ]);
  });

  test('an address with a user and a password is told, whatever letters the password has', async () => {
    const {HOOK_URL = '', SMTP_URL = '', ...rest} = project.env;
    const smtp = SMTP_URL.replace(PASSWORD, '50%off-sale');
    project.env = {...rest, HOOK_URL: HOOK_URL.replace('//', '//ada:s3cr%t-word@'), SMTP_URL: smtp};
    project.declare('assets:\n', ALERTS.replace("authorization: 'Bearer ", "x-token: '"));
    http.status.set('/hook', 500);
    const {code, err} = await failing();
    expect(code).toBe(1);
    expect(err).toContain('sent by webhook: HTTP 500: no, /hook ***.');
    expect(err).toContain('sent by email: ');
    expect(err).not.toMatch(/s3cr|50%off/);
    expect(slack()).toHaveLength(1);
    const pair = Buffer.from('ada:s3cr%t-word').toString('base64');
    expect(http.at('/hook')[0]?.headers.authorization).toBe(`Basic ${pair}`);
    expect((await project.run('alerts', 'test', '--to', 'email')).out).not.toContain('50%off');
  });

  test('a secret that a receiver echoes far along is not printed by half, and no long answer is read out', async () => {
    http.status.set('/hook', 500);
    http.preface = 'x'.repeat(183);
    const {err} = await failing();
    expect(err).toContain(`sent by webhook: HTTP 500: ${'x'.repeat(183)}/hook Bearer ***`);
    expect(err).not.toContain('tok-');
    http.preface = 'y'.repeat(5_000_000);
    const {out} = await project.run('alerts', 'test', '--to', 'webhook');
    expect(out.length).toBeLessThan(600);
  });

  test('no secret is printed, and none is in any file of the project', async () => {
    http.status.set(SLACK, 500);
    http.status.set('/hook', 500);
    const {out, err} = await failing();
    expectHushed(out + err);
    for (const args of [['alerts'], ['alerts', '--json'], ['alerts', 'test'], ['doctor'], ['plan', '--json']])
      expectHushed((await project.run(...args)).out);
    for (const name of project.files()) {
      const file = path.join(project.root, name);
      try {
        expectHushed(readFileSync(file, 'latin1'));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EISDIR')) throw error;
      }
    }
  });
});

test('old gaps come with the digest, once, and are told when they are healed', async () => {
  project.declare('assets:\n', `healing: {auto_within: 1 day}\n${ALERTS}`);
  await project.run('alerts', 'send');
  expect(hooks()).toEqual([]);
  expect(
    (await alerts()).open.map(({kind, about, waiting}: Record<string, unknown>) => [kind, about, waiting]),
  ).toEqual([
    ['gap-opened', 'raw.points', 3],
    ['gap-opened', 'stats.running', 3],
    ['gap-opened', 'stats.totals', 3],
  ]);
  later(24);
  await project.run('alerts', 'send');
  later(24);
  await project.run('alerts', 'send');
  expect(hooks().map(({why, title}) => [why, title])).toEqual([['digest', '9 gaps stay open']]);
  await project.run('materialize');
  later(24);
  await project.run('alerts', 'send');
  later(24);
  await project.run('alerts', 'send');
  expect(hooks().map(({title}) => title)).toEqual(['9 gaps stay open', '9 gaps are healed']);
  expect((await project.run('alerts')).out).toContain('Nothing is wrong that is worth telling.');
});

test('passes that cannot do their work are no sign of life', async () => {
  project.declare('assets:\n', `healing: {auto_within: 9999 days}\n${ALERTS}`);
  await project.run('heal');
  expect(hooks()).toEqual([]);
  project.write('assets/totals.sql', 'SELECT game_date, 2::BIGINT + nothing AS total FROM points\n');
  for (let i = 0; i < 4; i++) {
    later(9);
    expect((await project.run('heal')).code).toBe(1);
  }
  expect(hooks().map(({title}) => title)).toEqual(['nothing ran']);
});

test('a clock that was ahead, and was set right, silences nothing', async () => {
  project.write('fail-2024-01-16', '');
  const year = 365 * 24;
  later(year);
  http.status.set('/hook', 500);
  await failing();
  expect([hooks().length, slack().length]).toEqual([1, 1]);
  later(-year);
  http.status.delete('/hook');
  await project.run('alerts', 'send');
  expect(hooks(), 'what was not taken then').toHaveLength(2);
  await project.run('materialize', 'raw.points', '--force');
  expect([hooks().length, slack().length], 'the same cause').toEqual([3, 2]);
  project.declare('assets:\n', `healing: {auto_within: 1 day}\n${ALERTS}`);
  for (let day = 0; day < 3; day++) {
    later(24);
    await project.run('alerts', 'send');
  }
  expect(hooks().filter(({why}) => why === 'digest').length).toBeGreaterThan(0);
});

test('a pass with nothing to make looks again once an hour, or when something was recorded', async () => {
  project.declare('assets:\n', `healing: {auto_within: 1 day}\n${ALERTS}`);
  const found = async () => (await alerts()).open.length;
  await project.run('heal');
  expect(await found()).toBe(3);
  project.write('known-gaps.yaml', KNOWN);
  await project.run('heal');
  expect(await found(), 'the ledger says the same as before').toBe(3);
  later(1.1);
  await project.run('heal');
  expect(await found()).toBe(0);
});

test('what is parked is told with its cause', async () => {
  project.declare('assets:\n', `healing: {retry_budget: 1}\n${ALERTS}`);
  project.write('fail-2024-01-16', '');
  await failing();
  later(24);
  await project.run('alerts', 'send');
  expect(hooks().at(-1).topics).toMatchObject([
    {kind: 'partition-parked', count: 1, cause: 'the source answered HTTP 503 for 2024-01-16'},
  ]);
});

describe('alerts test', () => {
  test('sends a sample to each receiver and prints what it answered', async () => {
    const {code, out} = await project.run('alerts', 'test');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^slack {4}sent {3}HTTP 200: ok\nemail {4}sent {3}250 taken\nwebhook {2}sent {3}HTTP 200: ok\n$/,
    );
    expect(hooks()[0]).toMatchObject({why: 'test', title: 'a test of alerts'});
    expect(mail.mailed[0]?.raw).toContain('a test of alerts');
  });

  test('one receiver alone, and one that refuses ends with 1', async () => {
    http.status.set('/hook', 403);
    const {code, out} = await project.run('alerts', 'test', '--to', 'webhook');
    expect(code).toBe(1);
    expect(out).toBe('webhook  failed HTTP 403: no, /hook Bearer ***\n');
    expect([slack().length, mail.mailed.length]).toEqual([0, 0]);
  });
});

test('where a target switches them off nothing is looked for, and where none are declared they stand in the ledger', async () => {
  project.write('fail-2024-01-16', '');
  project.declare(
    '    ledger: .gameplan/ledger.sqlite\nassets:\n',
    `    ledger: .gameplan/ledger.sqlite\n    alerts: off\n${ALERTS}`,
  );
  await project.run('materialize');
  expect(http.posted).toEqual([]);
  expect((await project.run('alerts')).out).toMatch(/^Alerts of toy \(local\): off by the manifest\n/);
  project.declare('assets:\n', 'assets:\n');
  await project.run('alerts', 'send');
  const {messages, receivers} = await alerts();
  expect(receivers).toEqual([]);
  expect(messages).toMatchObject([{title: '1 run failed (1 partition)', deliveries: []}]);
});
