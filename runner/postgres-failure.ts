/**
 * What was thrown on the way to PostgreSQL or by it, as code and message.
 * It does not say what to do about it (postgres-error.ts).
 */
import pg from 'pg';
import type {Failure} from './postgres-message.ts';

/** SQLSTATEs of a server that goes away or is not there yet: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const LOST = /^(08|57P0[1235]|25P0[34])/;

/** `isGone`: the connection is known to be. */
export function failureOf(error: unknown, isGone = false): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return {code, message, isLost: isGone || !(error instanceof pg.DatabaseError) || LOST.test(code)};
}
