/**
 * Who asks for something that no plan would do, and why: for the record.
 * It does not record it (runner/correct.ts, runner/execute.ts).
 */
import type {Invocation, Options} from './command.ts';
import {UsageError, type World} from './world.ts';

export interface Who {
  readonly by: string;
  readonly why: string;
}

/** Both must be known. `verb` is the command's. */
export function purposeOf(verb: string, options: Options, world: World): Who {
  const why = options.reason?.trim() ?? '';
  if (why === '') throw new UsageError(`say why, for the record: 'gameplan ${verb} ... --reason TEXT'.`);
  const by = whoAsks(options, world);
  if (by === undefined)
    throw new UsageError(`say who asks, for the record: 'gameplan ${verb} ... --by NAME'.`);
  return {by, why};
}

/** Of a run: known where it does what its plan alone would not, or where a reason is given. */
export function purposeOfRun(
  {options, world}: Pick<Invocation, 'options' | 'world'>,
  isOnPurpose: boolean,
): Partial<Who> {
  const why = options.reason?.trim() ?? '';
  const isTold = why !== '' || options.by !== undefined;
  const by = isOnPurpose || isTold ? whoAsks(options, world) : undefined;
  return {...(by === undefined ? {} : {by}), ...(why === '' ? {} : {why})};
}

function whoAsks({by}: Options, world: World): string | undefined {
  const name = by?.trim() ?? '';
  return name === '' ? world.user() : name;
}
