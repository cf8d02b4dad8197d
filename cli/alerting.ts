/**
 * Alerts after a run from the command line: what there is to tell is written down and sent, within a few seconds. Whatever
 * a receiver does, the command ends as it would have.
 */
import type {Project} from '../report/project-ledger.ts';
import {LedgerError} from '../runner/ledger-error.ts';
import type {Invocation} from './command.ts';

/** A run's end waits so long for receivers; what is left is delivered by the next command. Milliseconds. */
const BUDGET_MS = 3_000;

/** `isIdle`: nothing was run. */
export async function passAlerts(
  {world}: Pick<Invocation, 'world'>,
  project: Project,
  {isIdle = false} = {},
): Promise<void> {
  try {
    const {alertPass} = await import('../report/alerts.ts');
    const pass = {env: world.env, now: world.now, budgetMs: BUDGET_MS, isIdle};
    const {delivered} = await alertPass(project, pass);
    for (const {receiver, error, isGivenUp = false} of delivered) {
      if (error === undefined) continue;
      const next = isGivenUp
        ? 'That one is given up'
        : "A later command tries again; 'gameplan alerts' says when";
      project.warn(`An alert could not be sent by ${receiver}: ${error}. ${next}.`);
    }
  } catch (error) {
    // The command has said so itself where it could not use the ledger; what was missed now is found by the next look.
    if (error instanceof LedgerError) return;
    project.warn(
      `Alerts could not be written down: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
