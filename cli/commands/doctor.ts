/**
 * `gameplan doctor`: whether a target can be used, one line a check, each trouble with its mend. Reads the manifest alone,
 * so that it also helps where queries and modules are wrong.
 */

import {jsonText} from '../../report/frame-view.ts';
import type {Finding} from '../../runner/finding.ts';
import type {Command} from '../command.ts';
import {jsonFlag, projectFlags} from '../flags.ts';
import {printFinding, printSummary} from '../print-doctor.ts';
import {openDeclared} from '../project.ts';
import {screenOf} from '../view.ts';
import {EXIT} from '../world.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'look whether a target can be used: credentials, permissions, places, quotas, room',
  arguments: [],
  flags: [...projectFlags, jsonFlag],
  examples: ['gameplan doctor', 'gameplan doctor --target prod', 'gameplan doctor --target prod --json'],
  run: async invocation => {
    const {options, world} = invocation;
    const {root, pipeline} = await openDeclared(invocation);
    const {examine} = await import('../../runner/doctor.ts');
    const screen = screenOf(world);
    const findings: Finding[] = [];
    for await (const finding of examine({root, pipeline, env: world.env, now: world.now})) {
      findings.push(finding);
      // A check may take seconds: each is told when it is known.
      if (options.json !== true) world.write(printFinding(finding, screen));
    }
    const {name, target} = pipeline;
    world.write(
      options.json === true
        ? jsonText({version: 1, pipeline: name, target: target.name, ...countsOf(findings), checks: findings})
        : printSummary({pipeline: name, target: target.name, counts: countsOf(findings), ...screen}),
    );
    return findings.some(({verdict}) => verdict === 'fail') ? EXIT.wrong : EXIT.done;
  },
};

function countsOf(findings: readonly Finding[]): Readonly<Record<Finding['verdict'], number>> {
  const count = (verdict: Finding['verdict']): number =>
    findings.filter(each => each.verdict === verdict).length;
  return {ok: count('ok'), warn: count('warn'), fail: count('fail')};
}
