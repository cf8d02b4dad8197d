/** Whole commands over a ledger in PostgreSQL, and what is said where it cannot be had. */
import {readdirSync, readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {PASSWORD, testPostgres} from '../kit/postgres.ts';
import {describeWithPostgres} from '../kit/with-postgres.ts';
import {ToyProject} from './command-line.ts';

let project: ToyProject;
let url: string;

// biome-ignore lint/suspicious/noTemplateCurlyInString: as the manifest has it
const VARIABLE = '${LEDGER_URL}';

describeWithPostgres('a ledger in PostgreSQL', () => {
  beforeEach(async () => {
    url = await (await testPostgres()).database();
    project = new ToyProject();
    project.declare('ledger: .gameplan/ledger.sqlite', `ledger: '${VARIABLE}'`);
    project.env = {LEDGER_URL: url};
  });
  afterEach(() => project.remove());

  test('serves every command as a file does, and its password is nowhere', async () => {
    const said: string[] = [];
    const run = async (...args: readonly string[]): Promise<string> => {
      const {code, out, err} = await project.run(...args);
      said.push(out, err);
      expect(err, args.join(' ')).not.toMatch(/error/i);
      return `${code} ${out}`;
    };
    expect(await run('status')).toMatch(/missing/);
    expect(await run('plan')).toMatch(/9 to materialize/);
    project.write('fail-2024-01-16', '');
    expect((await project.run('materialize')).code).toBe(1);
    expect(await run('gaps')).toMatch(/2024-01-16/);
    rmSync(path.join(project.root, 'fail-2024-01-16'));
    project.clockMs = 7 * 3_600_000; // after what failed is tried again
    expect(await run('heal')).toMatch(/^0 /);
    expect(await run('plan')).toMatch(/up to date|Nothing/i);
    expect(await run('gaps')).toMatch(/^0 /);
    expect(await run('runs')).toMatch(/3 succeeded/);
    expect(await run('explain', 'raw.points@2024-01-16')).toMatch(/fresh/);
    expect(await run('verify')).toMatch(/^0 /);
    expect(await run('clean')).toMatch(/^0 /);
    expect(await run('doctor')).toMatch(/ledger/);
    expect(await run('ledger', 'rebuild', '--yes')).toMatch(
      /The old one is kept as postgres:.*schema=gameplan_/,
    );
    expect(await run('verify')).toMatch(/^0 /);
    expect(await run('plan')).toMatch(/up to date|Nothing/i);
    expect(await run('ledger', 'rename', '--yes')).toMatch(/^0 /);
    expect(said.join('\n')).not.toContain(PASSWORD);
    for (const file of readdirSync(project.root, {recursive: true, withFileTypes: true}))
      if (file.isFile())
        expect(readFileSync(path.join(file.parentPath, file.name), 'latin1'), file.name).not.toContain(
          PASSWORD,
        );
  });

  test("doctor says what a user may not do, and a schema that may not be looked into is nobody else's", async () => {
    const server = await testPostgres();
    const reader = new URL(url);
    const user = `reader_${reader.pathname.slice(1)}`;
    await server.query(url, `CREATE ROLE ${user} LOGIN PASSWORD '${PASSWORD}'`);
    reader.username = user;
    const as = async (...args: readonly string[]): Promise<string> => {
      const own = project.env;
      project.env = {LEDGER_URL: reader.href};
      const {code, out, err} = await project.run(...args);
      project.env = own;
      return `${code} ${(out + err).replaceAll(/\s+/g, ' ')}`;
    };
    expect(await as('doctor')).toMatch(
      /^1 .*cannot be written: it is not there yet, and this user may not create it/,
    );
    await project.run('materialize');
    expect(await as('plan')).toMatch(
      /^1 .*may not be used so by this user: permission denied for its schema/,
    );
    await server.query(
      url,
      `GRANT USAGE ON SCHEMA gameplan TO ${user}; GRANT SELECT ON ALL TABLES IN SCHEMA gameplan TO ${user}`,
    );
    expect(await as('plan')).toMatch(/^0 /);
    expect(await as('doctor')).toMatch(/^1 .*cannot be written: this user may not write its tables/);
    await server.query(url, `DROP OWNED BY ${user}; DROP ROLE ${user}`);
    expect((await project.run('doctor')).out.replaceAll(/\s+/g, ' ')).toContain('read, and may be written');
  });

  test.each([['plan'], ['worker'], ['materialize', '--spread']])(
    '%s: a wrong password is told as such, with its mend',
    async (...args) => {
      project.env = {LEDGER_URL: url.replace(PASSWORD, 'guessed')};
      const {code, err} = await project.run(...args);
      expect(code).toBe(1);
      expect(err).toMatch(
        /^error: The ledger 'postgres:.*' cannot be opened: password authentication failed/,
      );
      expect(err).toMatch(/Correct the user or the password in the variable/);
      expect(err).not.toContain('guessed');
    },
  );

  test.each([['plan'], ['worker']])('%s: a server that is not there is told as such', async command => {
    project.env = {LEDGER_URL: url.replace(/:\d+\//, ':1/')};
    const {code, err} = await project.run(command);
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: The ledger .* cannot be reached: /)]);
  });
});
