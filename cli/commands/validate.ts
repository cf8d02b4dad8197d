/**
 * `gameplan validate`: the manifest and every query and module, without a warehouse.
 */

import {counted} from '../../planner/amount.ts';
import {type Diagnostic, formatDiagnostics} from '../../planner/diagnostic.ts';
import {jsonText} from '../../report/frame-view.ts';
import type {Project} from '../../report/project-ledger.ts';
import {annotationOf, githubCommands, githubLog, gitlabReport} from '../annotation.ts';
import type {Command, Invocation} from '../command.ts';
import {jsonFlag, oneOf, projectFlags} from '../flags.ts';
import {diagnosticJson, readManifest, readWithDiagnostics} from '../project.ts';
import {EXIT, UsageError} from '../world.ts';

export const validateCommand: Command = {
  name: 'validate',
  summary: 'check the manifest and every query and module, without a warehouse',
  arguments: [],
  flags: [
    ...projectFlags,
    {
      flags: '--portable',
      description:
        'also tell what BigQuery would refuse or read otherwise (on a target in BigQuery it always is)',
    },
    {
      flags: '--format <form>',
      description: 'text (default), github (annotations of a workflow) or gitlab (a report of code quality)',
      ...oneOf('text', 'github', 'gitlab'),
    },
    jsonFlag,
  ],
  examples: [
    'gameplan validate',
    'gameplan validate --target recorded',
    'gameplan validate --portable',
    'gameplan validate --format github',
    'gameplan validate --json',
  ],
  run: async invocation => {
    const {options, world} = invocation;
    if (options.json === true && options.format !== undefined)
      throw new UsageError('--json and --format: choose one.');
    const {project, diagnostics} = await readWithDiagnostics(invocation, {
      bind: true,
      portable: options.portable === true,
    });
    const errors = diagnostics.filter(({severity}) => severity === 'error').length;
    if (options.json === true)
      world.write(jsonText({version: 1, valid: errors === 0, diagnostics: diagnostics.map(diagnosticJson)}));
    else tell(invocation, {project, diagnostics, errors});
    return errors === 0 ? EXIT.done : EXIT.wrong;
  },
};

interface Validated {
  readonly project: Project | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly errors: number;
}

function tell(invocation: Invocation, {project, diagnostics, errors}: Validated): void {
  const {options, world} = invocation;
  const {root, shown: manifest} = readManifest(invocation);
  const annotations = diagnostics.map(each => annotationOf(each, {root, manifest, world}));
  const text = formatDiagnostics(diagnostics, {color: world.isColored});
  // One stream, in order: the runner reads both, and commands must not be told apart from what they are about.
  if (options.format === 'github') world.write(`${githubLog(text)}${githubCommands(annotations)}`);
  else world.complain(text);
  if (options.format === 'gitlab') world.write(gitlabReport(annotations));
  else if (errors === 0) world.write(validText(project));
  else world.complain(`\n${counted(errors, 'error')}.\n`);
}

/** Ends with a line break. */
function validText(project: Project | undefined): string {
  const assets =
    project === undefined
      ? ''
      : `: ${counted(project.pipeline.assets.size, 'asset')}, target '${project.pipeline.target.name}'`;
  return `The pipeline is valid${assets}.\n`;
}
