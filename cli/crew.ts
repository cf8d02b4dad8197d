/**
 * Joins those that share work, for commands that hand it out or take it.
 * It does not deal with what is handed out.
 */
import type {Project} from '../report/project-ledger.ts';
import type {Crew} from '../runner/crew.ts';
import {PULSE} from '../runner/liveness.ts';
import type {Invocation} from './command.ts';

/** What needs a queue is loaded here. Throws a `CrewError`. */
export async function joinCrewOf(
  {world}: Pick<Invocation, 'world'>,
  {root, pipeline, sources, warn}: Project,
): Promise<Crew> {
  const {joinCrew} = await import('../runner/crew.ts');
  const program = world.build ?? world.version;
  return await joinCrew({root, pipeline, sources, program}, {pulse: PULSE, warn});
}
