/**
 * What PostgreSQL, or the way to it, says about a ledger: why, and what to do about it.
 * It does not deal with files (ledger-error.ts).
 */
import {LedgerError, type LedgerErrorKind} from './ledger-error.ts';
import type {Failure} from './postgres-message.ts';

interface Cause {
  /** SQLSTATEs that begin so: https://www.postgresql.org/docs/current/errcodes-appendix.html */
  readonly codes: RegExp;
  readonly kind: LedgerErrorKind;
  readonly problem: (message: string) => string;
  readonly mend: string;
}

const CAUSES: readonly Cause[] = [
  {
    codes: /^28/,
    kind: 'denied',
    problem: message => `cannot be opened: ${message}`,
    mend: "Correct the user or the password in the variable that the target's 'ledger' names.",
  },
  {
    codes: /^3D000/,
    kind: 'denied',
    problem: message => `cannot be opened: ${message}`,
    mend: "Create it there, for example with 'createdb', or name another one in the URL.",
  },
  {
    codes: /^(42501|25006)/,
    kind: 'denied',
    problem: message => `may not be used so by this user: ${message}`,
    mend: 'Let the user create a schema in that database and write there, or name another user in the URL.',
  },
  {
    codes: /^(55P03|40P01|40001)/,
    kind: 'busy',
    problem: () => 'is in use by another process',
    mend: 'Wait until that process has ended, then run the command again.',
  },
  {
    codes: /^57014/,
    kind: 'busy',
    problem: () => 'took too long to answer',
    mend: 'Wait until the server has less to do, then run the command again.',
  },
  {
    codes: /^533/,
    kind: 'busy',
    problem: message => `cannot be opened: ${message}`,
    mend: "Wait until others have ended, or raise the server's 'max_connections'.",
  },
  {
    codes: /^53/,
    kind: 'disk-full',
    problem: message => `cannot grow: ${message}`,
    mend: 'Free some space at the server, then run the command again.',
  },
  {
    codes: /^(XX00[12]|42P01|42703|42883|3F000)/,
    kind: 'damaged',
    problem: message => `is damaged: ${message}`,
    mend: "'gameplan ledger rebuild' writes it anew from the receipts beside the data; or bring it back from a backup.",
  },
];

/** `name` is the ledger's, for people. */
export function postgresError(name: string, {code, message, isLost}: Failure): Error {
  if (isLost) {
    const text = message.trim().replace(/\.$/, '');
    return new LedgerError('unreachable', {
      path: name,
      problem: `cannot be reached: ${text === '' ? code : text}`,
      mend: 'Look whether the server runs and the network leads there, then run the command again: what was not recorded is made again.',
    });
  }
  const cause = CAUSES.find(({codes}) => codes.test(code));
  if (cause === undefined) return new Error(`Internal error: PostgreSQL says ${code} ${message}`);
  return new LedgerError(cause.kind, {path: name, problem: cause.problem(message), mend: cause.mend});
}
