/**
 * Why work cannot be handed out or taken, and what to do about it.
 * It does not deal with what else goes wrong later: then the ledger says so.
 */

/** The message says cause and mend. */
export class CrewError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CrewError';
  }
}

/** A ledger in a file is of one machine. */
export function noQueue(target: string): CrewError {
  return new CrewError(
    `Work is handed out through the ledger's database, and the ledger of target '${target}' is a file. Give the target a ledger on Postgres; or, on one machine, start several 'gameplan materialize': they share out the work by themselves.`,
  );
}

/** `why` is what the database says. */
export function unreachableQueue(ledger: string, why: string): CrewError {
  return new CrewError(
    `The queue of work beside the ledger '${ledger}' cannot be opened: ${why}. The user of the database must be allowed to make a schema of its own there.`,
  );
}

/** A database that is away for a while says something else. `why` is what it says. */
export function lostQueue(why: string): CrewError {
  return new CrewError(
    `The queue of work is not there any more: ${why}. Start the worker again, which makes it anew.`,
  );
}
