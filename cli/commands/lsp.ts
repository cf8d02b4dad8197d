/**
 * `gameplan lsp`: what `validate` knows, in an editor, over standard input and output, until that ends.
 */
import path from 'node:path';
import type {Checked} from '../../server/editor/server.ts';
import type {Command, Invocation} from '../command.ts';
import {projectFlags} from '../flags.ts';
import {readManifest, readWithDiagnostics} from '../project.ts';
import {EXIT} from '../world.ts';
import {writableOf} from '../writable.ts';

export const lspCommand: Command = {
  name: 'lsp',
  summary: 'mistakes, names and completion in an editor (Language Server Protocol, over standard input)',
  arguments: [],
  flags: [
    ...projectFlags,
    {flags: '--portable', description: 'also tell what BigQuery would refuse or read otherwise'},
    // Editors give it to every server.
    {flags: '--stdio', description: 'over standard input and output, as it always is'},
  ],
  examples: ['gameplan lsp', 'gameplan lsp -C league --portable'],
  run: async invocation => {
    const {world} = invocation;
    const {serveEditor} = await import('../../server/editor/server.ts');
    const isWell = await serveEditor({
      input: world.input(),
      output: writableOf(world.write),
      version: world.version,
      check: (folder, unsaved) => check(invocation, folder, unsaved),
      complain: world.complain,
    });
    return isWell ? EXIT.done : EXIT.wrong;
  },
};

/** The folder that the editor has open, where the command line names none. */
async function check(
  {options, world}: Invocation,
  folder: string | undefined,
  unsaved: ReadonlyMap<string, string>,
): Promise<Checked> {
  const directory = options.directory ?? folder;
  const asked = {
    options: {...options, ...(directory === undefined ? {} : {directory})},
    // What is typed is seldom typed again: nothing is kept of it.
    world: {...world, build: undefined},
  };
  const {root, shown} = readManifest(asked);
  const portable = options.portable === true;
  const {project, pipeline, diagnostics} = await readWithDiagnostics(asked, {bind: true, portable, unsaved});
  const placeOf = ({path: name}: {readonly path: string}): string =>
    name === shown ? path.resolve(world.cwd, shown) : path.resolve(root, name);
  return {root, pipeline: project?.pipeline ?? pipeline, diagnostics, placeOf};
}
