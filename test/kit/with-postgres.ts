/** Tests that need a real PostgreSQL. Where none is installed they are skipped with a line. */
import {describe} from 'vitest';
import {hasPostgres} from './postgres.ts';

export function describeWithPostgres(name: string, tests: () => void): void {
  if (!hasPostgres) process.stdout.write(`skipped: ${name} (apt-get install postgresql)\n`);
  describe.skipIf(!hasPostgres)(name, tests);
}
