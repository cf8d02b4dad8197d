/**
 * What follows from something that is done on purpose, as lines: an asset a line, with its partitions.
 * It does not deal with what is done (print-correction.ts, print-plan.ts).
 */

import {counted, number} from '../planner/amount.ts';
import type {ConePart} from '../planner/cone.ts';
import type {Plan} from '../planner/plan.ts';
import {groupBy} from '../report/group.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {padEnd, wrap} from '../report/text.ts';
import type {Paint} from './paint.ts';

interface Screen {
  readonly width: number;
  readonly paint: Paint;
}

type Order = (asset: string) => KeyOrder;

/** What reads partitions that are not there any more. */
export function printCone(cone: readonly ConePart[], keyOrder: Order, screen: Screen): readonly string[] {
  if (cone.length === 0) return ['No published partition downstream reads them.'];
  const direct = cone.reduce((sum, each) => sum + each.direct.length, 0);
  const further = cone.reduce((sum, each) => sum + each.further.length, 0);
  const more = further === 0 ? '' : `, up to ${number(further)} more if those change`;
  const verb = direct === 1 ? 'becomes' : 'become';
  return [
    `${counted(direct, 'partition')} downstream ${verb} stale${more}:`,
    ...printParts(
      cone.map(({asset, direct: own, further: rest}) => [asset, [...own, ...rest]]),
      keyOrder,
      screen,
    ),
  ];
}

/** What reads partitions that are forced and was not asked for; nothing where there is nothing. */
export function printForced(cone: readonly ConePart[], keyOrder: Order, screen: Screen): readonly string[] {
  if (cone.length === 0) return [];
  const count = cone.reduce((sum, {direct, further}) => sum + direct.length + further.length, 0);
  const text = `Not asked for, and stale if what is forced changes: ${counted(count, 'partition')} downstream`;
  return [
    ...wrap(text, screen.width),
    ...printParts(
      cone.map(({asset, direct, further}) => [asset, [...direct, ...further]]),
      keyOrder,
      screen,
    ),
  ];
}

/** What a plan drops; nothing where there is nothing. */
export function printDrops(plan: Plan, keyOrder: Order, screen: Screen): readonly string[] {
  if (plan.actions.drop === 0) return [];
  const dropped = plan.partitions.filter(({action}) => action === 'drop');
  if (dropped.length === 0) return [];
  const parts = [...groupBy(dropped, ({asset}): string => asset)].map(
    ([asset, own]) => [asset, own.map(({key}): string => key)] as const,
  );
  return [
    `To drop for good, with rows and objects: ${counted(dropped.length, 'orphan')}`,
    ...printParts(parts, keyOrder, screen),
  ];
}

/** An asset a line. */
export function printParts(
  parts: readonly (readonly [asset: string, keys: readonly string[]])[],
  keyOrder: Order,
  {width, paint}: Screen,
): readonly string[] {
  const nameWidth = Math.min(44, Math.max(...parts.map(([asset]) => asset.length)));
  return parts.map(([asset, keys]) => {
    const head = `  ${padEnd(paint.name(asset), nameWidth)}  ${padEnd(number(keys.length), 7)}`;
    return `${head}${fitRanges(mergeRanges(keys, keyOrder(asset)), Math.max(24, width - nameWidth - 11))}`;
  });
}
