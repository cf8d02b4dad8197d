/**
 * What `gameplan doctor` finds out about a target, one thing at a time. It does not print.
 */

export type CheckName =
  | 'credentials'
  | 'api'
  | 'clock'
  | 'dataset'
  | 'table'
  | 'bucket'
  | 'quota'
  | 'warehouse'
  | 'store'
  | 'disk'
  | 'ledger'
  | 'alerts';

export interface Finding {
  readonly check: CheckName;
  /** What was looked at, such as a dataset; empty where there is one of its kind. */
  readonly of: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  /** One sentence or a few words. */
  readonly says: string;
  /** What to do; undefined where nothing is to be done, or `says` has it. */
  readonly mend?: string | undefined;
}

/** What `look` says, or that it failed: an error's message has its own mend. */
export async function finding(
  check: CheckName,
  of: string,
  look: () => Promise<Omit<Finding, 'check' | 'of'>>,
): Promise<Finding> {
  try {
    return {check, of, ...(await look())};
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {check, of, verdict: 'fail', says: error.message};
  }
}
