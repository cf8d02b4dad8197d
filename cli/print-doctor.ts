/**
 * What `doctor` found out, for people. It does not deal with what is looked at.
 */

import {counted} from '../planner/amount.ts';
import {padEnd, visible, wrap} from '../report/text.ts';
import type {Finding} from '../runner/finding.ts';
import type {Paint} from './paint.ts';

interface Screen {
  readonly width: number;
  readonly paint: Paint;
}

/** `fail  `: the width of a verdict and of what follows it. */
const VERDICT = 6;

export function printFinding({check, of, verdict, says, mend}: Finding, {width, paint}: Screen): string {
  const subject = of === '' ? check : `${check} ${visible(of)}`;
  const colour = {ok: paint.good, warn: paint.warn, fail: paint.bad}[verdict];
  const lines = wrap(visible(`${subject}: ${says}`), width - VERDICT);
  const mends = mend === undefined ? [] : wrap(visible(mend), width - VERDICT);
  const [first = '', ...rest] = [...lines, ...mends];
  return [`${padEnd(colour(verdict), VERDICT)}${first}`, ...rest.map(line => `${' '.repeat(VERDICT)}${line}`)]
    .map(line => `${line}\n`)
    .join('');
}

export function printSummary({
  pipeline,
  target,
  counts: {ok, warn, fail},
  paint,
}: {
  readonly pipeline: string;
  readonly target: string;
  readonly counts: Readonly<Record<Finding['verdict'], number>>;
} & Screen): string {
  const said =
    fail > 0
      ? paint.bad(`cannot be used as it is: ${counted(fail, 'failure')}`)
      : paint.good(warn > 0 ? 'can be used' : 'is ready');
  const others = [...(warn > 0 ? [counted(warn, 'warning')] : []), `${ok} ok`].join(', ');
  return `\nTarget '${target}' of ${pipeline} ${said}${fail > 0 ? ', ' : ': '}${others}.\n`;
}
