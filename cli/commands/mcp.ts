/**
 * `gameplan mcp`: lets an assistant ask what the pipeline is like, over its standard input and output, until that ends.
 */
import type {Command} from '../command.ts';
import {projectFlags, whole} from '../flags.ts';
import {servedProject} from '../served-project.ts';
import {EXIT, UsageError} from '../world.ts';
import {writableOf} from '../writable.ts';

const MOST = 500;

export const mcpCommand: Command = {
  name: 'mcp',
  summary: 'lets an assistant ask why a date is missing (Model Context Protocol, over standard input)',
  arguments: [],
  flags: [
    ...projectFlags,
    {
      flags: '--allow-actions',
      description:
        'it may also start plans that it was shown and sign gaps off; each is recorded with who and why',
    },
    {
      flags: '--limit <n>',
      description: `with --allow-actions: a run makes at most so many partitions (default: ${MOST})`,
      parse: whole,
    },
  ],
  examples: [
    'gameplan mcp',
    'gameplan mcp -C league --target prod',
    'gameplan mcp --allow-actions --limit 50',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    if (options.limit !== undefined && options.allowActions !== true)
      throw new UsageError('--limit says how much a run may make: give --allow-actions as well.');
    const {serveMcp} = await import('../../server/mcp/server.ts');
    const serving = await serveMcp({
      ...servedProject(invocation),
      input: world.input(),
      output: writableOf(world.write),
      actions: options.allowActions === true ? {most: options.limit ?? MOST} : undefined,
    });
    const forget = world.onInterrupt(() => void serving.close());
    await serving.closed;
    forget();
    await serving.close();
    return EXIT.done;
  },
};
