/** The engines that a ledger may lie in, for cases that hold on each. It does not deal with what the cases are. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {beforeAll, describe, onTestFinished} from 'vitest';
import {fileLedger, type LedgerPlace} from '../../runner/ledger-place.ts';
import {testPostgres} from './postgres.ts';
import {describeWithPostgres} from './with-postgres.ts';

/** Runs the cases on every engine. `newPlace` names a place of a test's own where nothing is yet. */
export function describeLedgers(cases: (newPlace: () => LedgerPlace) => void): void {
  describe('in SQLite', () =>
    cases(() => {
      const folder = mkdtempSync(join(tmpdir(), 'gameplan-'));
      onTestFinished(() => rmSync(folder, {recursive: true, force: true}));
      return fileLedger(join(folder, 'ledger.sqlite'));
    }));
  describeWithPostgres('in PostgreSQL', () => {
    let url = '';
    let count = 0;
    beforeAll(async () => {
      url = await (await testPostgres()).database();
    });
    cases(() => ({kind: 'postgres', url, schema: `test_${++count}`}));
  });
}
