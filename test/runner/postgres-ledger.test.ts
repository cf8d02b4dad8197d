/** What a ledger in PostgreSQL does that a file does not: it is elsewhere, and the way there may break. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import type {PostgresLedger} from '../../planner/pipeline.ts';
import {HealingHolder} from '../../runner/healing-holder.ts';
import type {Ledger} from '../../runner/ledger.ts';
import {LedgerError} from '../../runner/ledger-error.ts';
import {openLedger, readLedger} from '../../runner/ledger-open.ts';
import {ownProcess, Watch} from '../../runner/liveness.ts';
import {PostgresDatabase} from '../../runner/postgres-database.ts';
import {PASSWORD, type PostgresServer, testPostgres} from '../kit/postgres.ts';
import {describeWithPostgres} from '../kit/with-postgres.ts';
import {succeeded} from './ledger-cases.ts';

describeWithPostgres('a ledger in PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let count = 0;
  beforeAll(async () => {
    server = await testPostgres();
    url = await server.database();
  });

  const newPlace = (): PostgresLedger => ({kind: 'postgres', url, schema: `here_${++count}`});
  function open(place: PostgresLedger = newPlace(), now = Date.now): Ledger {
    const ledger = openLedger({place, now});
    onTestFinished(() => ledger.close());
    return ledger;
  }
  const record = (ledger: Ledger, key: string): number =>
    ledger.recordOutcomes({run: 'r1', outcomes: [succeeded({key})]});
  const disconnect = (): Promise<unknown> =>
    server.query(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gameplan' AND datname = current_database()",
    );

  function told(action: () => unknown): string {
    try {
      action();
    } catch (error) {
      if (error instanceof LedgerError) return `${error.kind}: ${error.message}`;
      throw error;
    }
    return 'nothing';
  }

  test('a connection that was lost is made anew for the next transaction', async () => {
    const ledger = open();
    record(ledger, '2024-01-15');
    await disconnect();
    record(ledger, '2024-01-16');
    expect(ledger.snapshot().find('raw.games' as never)?.keys).toEqual(['2024-01-15', '2024-01-16']);
  });

  test('who waited for another writer in vain writes once that one has ended', () => {
    const place = newPlace();
    open(place);
    const [first, second] = [new PostgresDatabase(place), new PostgresDatabase(place)];
    onTestFinished(() => {
      for (const each of [first, second]) each.close();
    });
    second.exec("SET lock_timeout = '100ms'");
    first.write(() => {
      first.hold();
      expect(told(() => second.write(() => undefined))).toMatch(/^busy: /);
    });
    expect(told(() => second.write(() => undefined))).toBe('nothing');
  });

  test('what was in the middle when the connection was lost is lost wholly, and told', async () => {
    const place = newPlace();
    const ledger = open(place);
    record(ledger, '2024-01-15');
    const port = new URL(url).port;
    const said = told(() => ledger.whileAlive(cutAll));
    expect(said).toMatch(new RegExp(`^unreachable: The ledger 'postgres://tester@127.0.0.1:${port}/`));
    expect(said).toContain('what was not recorded is made again');
    expect(record(ledger, '2024-01-16')).toBe(2);
  });

  describe('what is sent with the next question', () => {
    function openTable(): PostgresDatabase {
      const place = newPlace();
      open(place);
      const database = new PostgresDatabase(place);
      onTestFinished(() => database.close());
      database.exec('CREATE TABLE numbers (n BIGINT PRIMARY KEY)');
      return database;
    }
    const numbers = (database: PostgresDatabase) =>
      database
        .prepare('SELECT n FROM numbers ORDER BY n')
        .all()
        .map(({n}) => n);

    test('counts what it changed, whenever that is asked', () => {
      const database = openTable();
      const insert = database.prepare('INSERT INTO numbers VALUES (?)');
      const remove = database.prepare('DELETE FROM numbers WHERE n < ?');
      const found = database.write(() => {
        insert.runMany([[1], [2], [3]]);
        const two = remove.run(3);
        const asked = numbers(database);
        const none = remove.run(3);
        return {two: two.changes, asked, none: none.changes};
      });
      expect(found).toEqual({two: 2, asked: [3], none: 0});
    });

    test('is there after a transaction that asks nothing, and is so once', async () => {
      const database = openTable();
      database.prepare('SELECT 1').get();
      await disconnect();
      database.write(() => void database.prepare('INSERT INTO numbers VALUES (?)').run(7));
      expect(numbers(database)).toEqual([7]);
    });

    test('ends the transaction where it fails, and the first failure is told', () => {
      const database = openTable();
      const insert = database.prepare('INSERT INTO numbers VALUES (?)');
      const write = (): void =>
        database.write(() => {
          insert.run(1);
          insert.run(1);
          insert.run(2);
        });
      expect(write).toThrow(/duplicate key/);
      expect(numbers(database)).toEqual([]);
      insert.run(5);
      expect(numbers(database)).toEqual([5]);
    });
  });

  test('sessions of other machines are judged by the clock of the server alone', () => {
    const place = newPlace();
    // Both clocks are wrong, each in its way.
    const one = open(place, () => Date.now() - 7_200_000);
    one.beginSession({run: 'far', ...ownProcess(), host: 'another', command: '', startedAt: 0});
    const other = open(place, () => Date.now() + 7_200_000);
    const [session] = other.otherSessions();
    const watch = new Watch({deadMs: 60_000}, {clock: () => Date.now() + 7_200_000});
    expect(session === undefined || watch.isDead(session)).toBe(false);
    expect(session !== undefined && watch.isDead({...session, silentMs: 61_000})).toBe(true);
  });

  test('the schedule of healing is left to a server of another machine whose clock is wrong', () => {
    const place = newPlace();
    const ledger = open(place, () => Date.now() - 7_200_000);
    const far = {id: 'far', ...ownProcess(), host: 'another'};
    ledger.takeSchedule(far, {seen: undefined, at: Date.now() - 7_200_000, nextAt: 0});
    const holder = new HealingHolder(Date.now);
    expect(holder.hold(ledger, 0)).toBeUndefined();
    expect(ledger.schedule()?.holder?.id).toBe('far');
  });

  test.each([
    [
      'a wrong password',
      {password: 'guessed'},
      /^denied: .* cannot be opened: password auth.*'ledger' names\.$/,
    ],
    ['no such database', {pathname: '/nowhere'}, /^denied: .*"nowhere" does not exist.*createdb/],
    ['no server', {port: '1'}, /^unreachable: .*ECONNREFUSED.*Look whether the server runs/],
    ['no such host', {hostname: 'nowhere.invalid'}, /^unreachable: .*nowhere\.invalid/],
  ] as const)('%s is told with its mend, and without the password', (_, change, expected) => {
    const wrong = new URL(url);
    Object.assign(wrong, change);
    const place: PostgresLedger = {kind: 'postgres', url: wrong.href, schema: 'gameplan'};
    for (const action of [() => open(place), () => readLedger(place, ({assets}) => assets)]) {
      expect(told(action)).toMatch(expected);
      expect(told(action)).not.toMatch(new RegExp(`guessed|${PASSWORD}`));
    }
  });

  test('a schema of another program, and a ledger of a newer version, are refused and left alone', async () => {
    await server.query(url, 'CREATE SCHEMA theirs; CREATE TABLE theirs.tickets (id INT)');
    expect(told(() => open({kind: 'postgres', url, schema: 'theirs'}))).toMatch(
      /^other-program: .*\?schema=NAME/,
    );
    const place = newPlace();
    open(place);
    await server.query(url, `UPDATE ${place.schema}.gameplan_ledger SET version = 99`);
    expect(told(() => open(place))).toMatch(/^newer: .*version 99/);
  });

  test('processes that come to a new one at once make it once, and tell of no older version', async () => {
    const place = newPlace();
    const blocker = new PostgresDatabase(place);
    onTestFinished(() => blocker.close());
    const folder = mkdtempSync(join(tmpdir(), 'gameplan-opening-'));
    onTestFinished(() => rmSync(folder, {recursive: true}));
    const file = join(folder, 'opening.mjs');
    writeFileSync(file, OPENING);
    const children: ChildProcess[] = [];
    const waiting = blocker.prepare(
      "SELECT count(*) AS waiting FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
    );
    // Its lock is held until both have found nothing there and wait for it; then it is given back with nothing written.
    const holding = () =>
      blocker.write(() => {
        for (let i = 0; i < 2; i++) children.push(spawn(process.execPath, [file, JSON.stringify(place)]));
        const until = Date.now() + 30_000;
        while (Number(waiting.get()?.['waiting']) < 2 && Date.now() < until)
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
        throw new Error('given back');
      });
    expect(holding).toThrow('given back');
    const said = await Promise.all(
      children.map(async child => {
        const texts: string[] = [];
        for (const stream of [child.stdout, child.stderr]) stream?.on('data', each => texts.push(`${each}`));
        const [code] = await once(child, 'close');
        return [code, texts.join('')];
      }),
    );
    expect(said).toEqual([
      [0, 'open\n'],
      [0, 'open\n'],
    ]);
  });

  test('reading a ledger that does not exist creates nothing', async () => {
    const place = newPlace();
    expect(readLedger(place, ({assets}) => assets)).toEqual([]);
    expect(await server.query(url, `SELECT to_regnamespace('${place.schema}') AS found`)).toEqual([
      {found: null},
    ]);
  });

  test('a beat over a network that is cut ends soon, and the session lives on when it is back', async () => {
    const place = newPlace();
    const proxy = await startProxy(url);
    onTestFinished(() => void proxy.process.kill('SIGKILL'));
    const ledger = open({...place, url: proxy.url});
    ledger.beginSession({run: 'r1', ...ownProcess(), command: '', startedAt: Date.now()});
    expect(ledger.beat({isWaiting: false})).toMatchObject({asked: 0});
    proxy.process.kill('SIGSTOP');
    const began = performance.now();
    expect(told(() => ledger.beat({isWaiting: false}))).toMatch(/^unreachable: .*no answer within 3 s/);
    expect(performance.now() - began).toBeLessThan(6_000);
    proxy.process.kill('SIGCONT');
    expect(ledger.beat({isWaiting: false})).toMatchObject({asked: 0});
  });

  /** Within this thread, since nothing else gets a turn while a transaction is open. */
  function cutAll(): void {
    const other = new PostgresDatabase({kind: 'postgres', url, schema: 'gameplan'});
    other.exec(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gameplan' AND pid <> pg_backend_pid()",
    );
    other.close();
  }
});

const OPENING = `import {openLedger} from '${new URL('../../runner/ledger-open.ts', import.meta.url).href}';
const warn = text => console.log(text);
openLedger({place: JSON.parse(process.argv[2]), now: Date.now, warn}).close();
console.log('open');
process.exit(0);`;

const PROXY = `import {connect, createServer} from 'node:net';
const server = createServer(client => {
  const there = connect(Number(process.argv[1]), '127.0.0.1');
  client.pipe(there).pipe(client);
  for (const each of [client, there]) each.on('error', () => { client.destroy(); there.destroy(); });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

/** Stands between a client and the server: where its process is stopped, nothing goes either way and nobody is told. */
async function startProxy(url: string): Promise<{readonly url: string; readonly process: ChildProcess}> {
  const address = new URL(url);
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROXY, address.port]);
  const [said] = await once(child.stdout, 'data');
  address.port = String(said).trim();
  return {url: address.href, process: child};
}
