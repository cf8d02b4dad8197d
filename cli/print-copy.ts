/**
 * What a copy carries and what it leaves out, as people and programs read it.
 * It does not deal with how it goes on (watch.ts).
 */
import {likeness, mergeAlike} from '../planner/alike.ts';
import {counted, number} from '../planner/amount.ts';
import type {CarryPlan, CarryRefusal} from '../planner/carry.ts';
import {sentence} from '../planner/sentence.ts';
import {unreachable} from '../planner/unreachable.ts';
import {groupBy} from '../report/group.ts';
import {reasonJson} from '../report/plan-json.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {wrap} from '../report/text.ts';
import type {Paint} from './paint.ts';
import {printParts} from './print-cone.ts';

export interface CopyView {
  readonly plan: CarryPlan;
  readonly from: string;
  readonly to: string;
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
  readonly paint: Paint;
}

/** Before anything is carried. Ends with a line break. */
export function printCopy(view: CopyView): string {
  const {plan, from, to, keyOrder, width, paint} = view;
  const parts = carriedBy(plan).map(([asset, keys]) => [asset, keys] as const);
  const left = printRefusals(plan.leftOut, view);
  return `${[
    `Copy of ${plan.plan.pipeline} from ${from} to ${to}`,
    ...(parts.length === 0 ? [] : ['', ...printParts(parts, keyOrder, {width, paint})]),
    ...(left.length === 0 ? [] : ['', ...left]),
    '',
    ...wrap(countsText(plan), width),
  ].join('\n')}\n`;
}

/** What is to be carried, also what the calendar here will know once it is carried. */
function carriedBy({plan, later}: CarryPlan): readonly (readonly [asset: string, keys: readonly string[]])[] {
  const carried = [...plan.partitions.filter(({action}) => action === 'run'), ...later];
  return [...groupBy(carried, ({asset}): string => asset)].map(
    ([asset, own]) => [asset, own.map(({key}): string => key).toSorted()] as const,
  );
}

function countsText(plan: CarryPlan): string {
  const carried = carriedBy(plan).reduce((sum, [, keys]) => sum + keys.length, 0);
  return `Copy: ${counted(carried, 'partition')} to carry, ${number(plan.leftOut.length)} left out, ${number(plan.there)} already there.`;
}

/** What stays behind, each cause once with its mend; nothing where all is carried. */
export function printRefusals(
  leftOut: readonly CarryRefusal[],
  {from, to, keyOrder, width, paint}: Omit<CopyView, 'plan'>,
): readonly string[] {
  const alike = groupBy(leftOut, ({asset, kind, reasons}) =>
    [asset, kind, ...reasons.slice(0, 1).map(likeness)].join(' '),
  );
  return [...alike.values()].flatMap(same => {
    const [first] = same;
    if (first === undefined) return [];
    const {asset} = first;
    const keys = same.map(({key}): string => key);
    const ranges = fitRanges(mergeRanges(keys, keyOrder(asset)), Math.max(24, width - asset.length - 34));
    const head = `left out ${paint.name(asset)} (${counted(same.length, 'partition')})  ${ranges}`;
    return [head, ...wrap(causeText(same, {from, to}), width - 6).map(line => `      ${line}`)];
  });
}

function causeText(same: readonly CarryRefusal[], {from, to}: Pick<CopyView, 'from' | 'to'>): string {
  const [first] = same;
  if (first === undefined) return '';
  const reasons = same.flatMap(each => each.reasons.slice(0, 1));
  const because = reasons.length === 0 ? '' : `: ${sentence(mergeAlike(reasons, () => reasons.length))}`;
  switch (first.kind) {
    case 'stale':
      return `stale in ${from}${because}; make it there first, or carry it as it is with --stale`;
    case 'columns':
      return `has other columns in ${from} than are declared${because}; make it there first`;
    case 'waits':
      return `its inputs are not in ${to}${because}; '+${first.asset}' carries what it reads as well`;
    case 'undeclared':
      return `no calendar in ${to} knows these keys; copy the calendar's own table first`;
    default:
      return unreachable(first.kind);
  }
}

/** Additive changes only. */
export function copyJson({plan, from, to}: Pick<CopyView, 'plan' | 'from' | 'to'>): object {
  const carried = carriedBy(plan).flatMap(([asset, keys]) => keys.map(key => ({asset, key})));
  return {
    kind: 'copy',
    version: 1,
    pipeline: plan.plan.pipeline,
    from,
    to,
    there: plan.there,
    carry: carried,
    leftOut: plan.leftOut.map(({asset, key, kind, reasons}) => ({
      asset,
      key,
      why: kind,
      reasons: reasons.map(reasonJson),
    })),
  };
}
