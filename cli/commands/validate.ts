/**
 * `gameplan validate`: the manifest and every query and module, without a warehouse.
 */

import {counted} from '../../planner/amount.ts';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {jsonText} from '../../report/frame-view.ts';
import type {Command} from '../command.ts';
import {jsonFlag, projectFlags} from '../flags.ts';
import {diagnosticJson, readWithDiagnostics} from '../project.ts';
import {EXIT} from '../world.ts';

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
    jsonFlag,
  ],
  examples: [
    'gameplan validate',
    'gameplan validate --target recorded',
    'gameplan validate --portable',
    'gameplan validate --json',
  ],
  run: async ({options, world}) => {
    const {project, diagnostics} = await readWithDiagnostics(
      {options, world},
      {bind: true, portable: options.portable === true},
    );
    const errors = diagnostics.filter(({severity}) => severity === 'error').length;
    if (options.json === true) {
      world.write(jsonText({version: 1, valid: errors === 0, diagnostics: diagnostics.map(diagnosticJson)}));
    } else {
      world.complain(formatDiagnostics(diagnostics, {color: world.isColored}));
      const assets =
        project === undefined
          ? ''
          : `: ${counted(project.pipeline.assets.size, 'asset')}, target '${project.pipeline.target.name}'`;
      if (errors === 0) world.write(`The pipeline is valid${assets}.\n`);
      else world.complain(`\n${counted(errors, 'error')}.\n`);
    }
    return errors === 0 ? EXIT.done : EXIT.wrong;
  },
};
