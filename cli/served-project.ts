/**
 * The project as a server is given it: read anew whenever that asks, and named as the command lines that it starts name
 * it. It does not deal with who is answered, nor how (commands/serve.ts, commands/mcp.ts).
 */
import path from 'node:path';
import type {Loaded, Mistake} from '../server/reader.ts';
import type {ServeOptions} from '../server/serve.ts';
import type {Invocation} from './command.ts';
import {diagnosticJson, readManifest, readWithDiagnostics} from './project.ts';

export function servedProject(
  invocation: Invocation,
): Pick<ServeOptions, 'load' | 'clock' | 'manifest' | 'version' | 'complain' | 'work'> {
  const {options, world} = invocation;
  const {self, cwd, env} = world;
  return {
    load: () => load(invocation),
    clock: world.now,
    manifest: path.resolve(readManifest(invocation).root, options.manifest ?? 'pipeline.yaml'),
    version: world.version,
    complain: world.complain,
    work: {self, cwd, env, project: projectArguments(invocation), user: world.user()},
  };
}

/** As the command lines of runs must be given them: the folder may be another than the server's own. */
function projectArguments({options: {directory, manifest, target}}: Invocation): readonly string[] {
  return [
    ...(directory === undefined ? [] : [`--directory=${directory}`]),
    ...(manifest === undefined ? [] : [`--manifest=${manifest}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
  ];
}

async function load(invocation: Invocation): Promise<Loaded> {
  const {project, diagnostics} = await readWithDiagnostics(invocation);
  const mistakes = diagnostics
    .filter(({severity}) => severity === 'error')
    // As `validate --json` prints them.
    .map(each => diagnosticJson(each) as Mistake);
  return {project, mistakes};
}
