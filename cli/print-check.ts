/**
 * What checks say of published rows, as people and programs read it.
 * It does not deal with how they are judged (runner/check-history.ts).
 */

import {counted, number} from '../planner/amount.ts';
import {type Head, printHead} from '../report/head.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {cut, padEnd, padStart, visible, wrap} from '../report/text.ts';
import type {CheckedAsset, CheckedCheck} from '../runner/check-history.ts';
import type {Paint} from './paint.ts';

export interface CheckView {
  readonly head: Head;
  readonly checked: readonly CheckedAsset[];
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
  readonly paint: Paint;
}

/** Checks that hold are counted, not listed. Ends with a line break. */
export function printChecked(view: CheckView): string {
  const {head, checked, width} = view;
  const sections = checked.filter(({checks}) => checks.some(hasFailed)).map(asset => printAsset(asset, view));
  const end = wrap(summary(checked), width).join('\n');
  return `${[printHead('Checks of', head, width), ...sections, end].join('\n\n')}\n`;
}

const hasFailed = ({failed}: CheckedCheck): boolean => failed.length > 0;

function printAsset({asset, partitions, checks}: CheckedAsset, view: CheckView): string {
  const failed = checks.filter(hasFailed);
  const name = Math.max(...failed.map(({check}) => check.length));
  const held = checks.length - failed.length;
  const facts = `${counted(partitions, 'partition')} judged, ${counted(held, 'check')} hold${held === 1 ? 's' : ''}`;
  return [
    `  ${view.paint.name(asset)}  ${view.paint.quiet(facts)}`,
    ...failed.flatMap(check => checkLines(check, asset, {...view, name})),
  ].join('\n');
}

function checkLines(
  {check, severity, failed}: CheckedCheck,
  asset: string,
  {name, width, paint, keyOrder}: CheckView & {readonly name: number},
): readonly string[] {
  const tone = severity === 'error' ? paint.bad : paint.warn;
  const count = padStart(number(violationsOf(failed)), 7);
  const lead = `    ${padEnd(visible(check), Math.min(name, 48))}  ${tone(padEnd(severity, 5))} ${count} in ${counted(failed.length, 'partition')}`;
  const keys = failed.map(({key}) => key);
  const [first] = failed;
  if (first === undefined) return [];
  const {message, examples} = first.violation;
  const told = [
    ...wrap(visible(`${first.key}: ${message}`), width - 8),
    ...examples.slice(0, 1).map(example => cut(visible(example), width - 8)),
  ];
  return [
    lead,
    `        ${fitRanges(mergeRanges(keys, keyOrder(asset)), width - 8)}`,
    ...told.map(line => `        ${paint.quiet(line)}`),
  ];
}

function violationsOf(failed: CheckedCheck['failed']): number {
  return failed.reduce((sum, {violation}) => sum + violation.count, 0);
}

function summary(checked: readonly CheckedAsset[]): string {
  const all = checked.flatMap(({checks}) => checks);
  const partitions = checked.reduce((sum, asset) => sum + asset.partitions, 0);
  if (all.length === 0) return 'Nothing is published of what was asked for: there is nothing to judge.';
  const of = (severity: 'error' | 'warn'): CheckedCheck[] =>
    all.filter(each => each.severity === severity && hasFailed(each));
  const told = (failed: readonly CheckedCheck[], what: string): readonly string[] => {
    const count = failed.reduce((sum, each) => sum + each.failed.length, 0);
    return failed.length === 0 ? [] : [`${counted(failed.length, what)} in ${counted(count, 'partition')}`];
  };
  const [errors, warnings] = [of('error'), of('warn')];
  const holding = all.length - errors.length - warnings.length;
  return [
    `${counted(all.length, 'check')} of ${counted(checked.length, 'table')} on ${counted(partitions, 'partition')}: ${number(holding)} hold`,
    ...told(errors, 'error'),
    ...told(warnings, 'warning'),
  ].join(' · ');
}

/** Additive changes only. */
export function checkedJson(checked: readonly CheckedAsset[]): object {
  return checked.map(({asset, partitions, checks}) => ({
    asset,
    partitions,
    checks: checks.map(({check, severity, failed}) => ({
      check,
      severity,
      violations: violationsOf(failed),
      failed: failed.map(({key, violation: {message, count, examples}}) => ({key, count, message, examples})),
    })),
  }));
}
