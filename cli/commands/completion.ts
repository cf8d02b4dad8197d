/**
 * `gameplan completion bash|zsh|fish`: the script that makes the shell complete commands, flags and names.
 */
import {didYouMean} from '../../planner/suggest.ts';
import type {Command} from '../command.ts';
import {SCRIPTS} from '../completion-scripts.ts';
import {SHELLS} from '../completion-values.ts';
import {EXIT, UsageError} from '../world.ts';

export const completionCommand: Command = {
  name: 'completion',
  summary: 'a script that completes commands, flags, assets and keys in a shell',
  arguments: [['<shell>', `one of ${SHELLS.join(', ')}`]],
  flags: [],
  examples: [
    'eval "$(gameplan completion bash)"',
    'eval "$(gameplan completion zsh)"',
    'gameplan completion fish | source',
  ],
  run: async ({args: [asked = ''], world}) => {
    const shell = SHELLS.find(known => known === asked);
    if (shell === undefined)
      throw new UsageError(
        `There is no completion for '${asked}'.${didYouMean(asked, SHELLS) || ` There is one for ${SHELLS.join(', ')}.`}`,
      );
    world.write(SCRIPTS[shell]);
    return EXIT.done;
  },
};
