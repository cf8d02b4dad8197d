/**
 * Why a plan file does not hold any more, and how a new plan for the same request differs from it; as text and JSON.
 * It does not find out either (planner/plan-changes.ts).
 */
import type {Plan} from '../planner/plan.ts';
import type {PlanChange} from '../planner/plan-changes.ts';
import type {PlanFile, Standing} from '../planner/plan-file.ts';
import {sentence} from '../planner/sentence.ts';
import type {Action} from '../planner/state.ts';
import {unreachable} from '../planner/unreachable.ts';
import {groupBy} from '../report/group.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {padEnd} from '../report/text.ts';

interface Layout {
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
}

/** Indented lines, one for what is alike; each ends with a line break. */
export function changeLines(changes: readonly PlanChange[], layout: Layout): string {
  return keyLines(
    changes.map(change => ({
      asset: change.asset,
      key: 'key' in change ? change.key : undefined,
      text: changeText(change),
    })),
    layout,
  );
}

function changeText(change: PlanChange): string {
  switch (change.kind) {
    case 'asset-undeclared':
      return 'is no longer declared';
    case 'redefined':
      return change.parts.map(part => sentence(part)).join('; ');
    case 'undeclared':
      return 'no longer a key';
    case 'changed':
      return `${happening(change)}${was(change)}`;
    case 'reads-otherwise':
      return 'the calendar gives it other inputs or other games';
    default:
      return unreachable(change);
  }
}

function happening({was: before, is}: {readonly was: Standing; readonly is: Standing}): string {
  if (before.version === is.version) return '';
  if (before.version === undefined) return 'made since, ';
  return is.version === undefined ? 'no longer published, ' : 'has other rows, ';
}

function was({was: before, is}: {readonly was: Standing; readonly is: Standing}): string {
  return before.state === is.state ? `${is.state} as before` : `was ${before.state}, is ${is.state}`;
}

interface Line {
  readonly asset: string;
  readonly key: string | undefined;
  readonly text: string;
}

function keyLines(lines: readonly Line[], {keyOrder, width}: Layout): string {
  const nameWidth = Math.min(44, Math.max(0, ...lines.map(({asset}) => asset.length)));
  const groups = groupBy(lines, ({asset, text, key}) => `${asset} ${key === undefined} ${text}`);
  const texts = [...groups.values()].map(members => {
    const [first] = members;
    if (first === undefined) throw new Error('Internal error: an empty group');
    const keys = members.flatMap(({key}) => key ?? []);
    const room = Math.max(24, width - nameWidth - first.text.length - 6);
    const ranges = keys.length === 0 ? [] : [fitRanges(mergeRanges(keys, keyOrder(first.asset)), room)];
    return `  ${[padEnd(first.asset, nameWidth), ...ranges, first.text].join('  ')}\n`;
  });
  return texts.join('');
}

/** How two plans differ in what they would do with a partition; undefined: nothing. */
export interface Difference {
  readonly asset: string;
  readonly key: string;
  readonly was: Action | undefined;
  readonly is: Action | undefined;
}

/** In the order of the new plan; then what it leaves out. `isDone`: made by the file's own runs. */
export function differencesOf(
  file: PlanFile,
  plan: Plan,
  isDone: (ref: `${string}@${string}`) => boolean,
): readonly Difference[] {
  const before = new Map(file.partitions.map(({asset, key, action}) => [`${asset}@${key}`, action]));
  const after = new Set<string>();
  const found: Difference[] = [];
  for (const {asset, key, action} of plan.partitions) {
    if (action === undefined) continue;
    const ref = `${asset}@${key}`;
    after.add(ref);
    if (before.get(ref) !== action) found.push({asset, key, was: before.get(ref), is: action});
  }
  for (const {asset, key, action} of file.partitions) {
    const ref = `${asset}@${key}` as const;
    if (!after.has(ref) && !isDone(ref)) found.push({asset, key, was: action, is: undefined});
  }
  return found;
}

export function differenceLines(differences: readonly Difference[], layout: Layout): string {
  return keyLines(
    differences.map(({asset, key, was: before, is}) => ({asset, key, text: differenceText(before, is)})),
    layout,
  );
}

function differenceText(before: Action | undefined, is: Action | undefined): string {
  if (before === undefined) return `added: ${is}`;
  return is === undefined ? `left out: was ${before}` : `was ${before}, is ${is}`;
}
