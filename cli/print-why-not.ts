/**
 * Why a partition is not planned, as people read it and as JSON: the rules that it passed, and the one that kept it out.
 * It does not find it out (planner/why-not.ts).
 */

import {number} from '../planner/amount.ts';
import type {PlannedPartition} from '../planner/plan.ts';
import {splitRef} from '../planner/reason.ts';
import type {Step} from '../planner/remedy.ts';
import {sentence} from '../planner/sentence.ts';
import {unreachable} from '../planner/unreachable.ts';
import {whereaboutsText} from '../planner/whereabouts.ts';
import type {WhyNot} from '../planner/why-not.ts';
import {reasonJson} from '../report/plan-json.ts';
import type {KeyOrder} from '../report/ranges.ts';
import {stepJson, stepSections} from '../report/steps-text.ts';
import {indented, visible} from '../report/text.ts';
import type {Paint} from './paint.ts';

export interface WhyNotView {
  /** `asset@key`. */
  readonly ref: string;
  readonly found: WhyNot;
  /** What was asked for, as the user typed it: selectors, and flags with their values. */
  readonly asked: {readonly selectors: string; readonly range: string};
  readonly steps: readonly Step[];
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
  readonly paint: Paint;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Ends with a line break. */
export function printWhyNot(view: WhyNotView): string {
  const {ref, found, paint, width} = view;
  const verdict = found.rule === undefined ? 'is planned' : 'is not planned';
  const lines = [
    ...passed(view).map(text => `${paint.good('yes')}  ${text}`),
    `${found.rule === undefined ? paint.good('yes') : paint.bad('no ')}  ${visible(keptText(view))}`,
  ];
  const sections = [
    [`${paint.name(ref)} ${verdict}`, ...lines.flatMap(line => indented(line, '  ', width))].join('\n'),
    ...stepSections(view.steps, view),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The rules in their order; `named` is one only with --failed, and says nothing where it holds. */
const ORDER = ['key', 'selection', 'range', 'named', 'state'] as const;

function passed({found, asked}: WhyNotView): readonly string[] {
  const rules: readonly (string | undefined)[] = ORDER;
  const at = rules.indexOf(found.rule);
  const before = at === -1 ? ORDER : ORDER.slice(0, at);
  return before.flatMap((rule): readonly string[] => {
    switch (rule) {
      case 'key':
        return [isOrphan(found) ? 'its key is recorded' : 'its key is declared'];
      case 'selection':
        return [asked.selectors === '' ? 'every asset is asked for' : `selected by ${asked.selectors}`];
      case 'range':
        return [asked.range === '' ? 'every key is asked for' : `within ${asked.range}`];
      case 'named':
        return [];
      case 'state':
        return 'partition' in found ? [`it is ${found.partition.state}${becauseText(found.partition)}`] : [];
      default:
        return unreachable(rule);
    }
  });
}

function isOrphan(found: WhyNot): boolean {
  if ('partition' in found) return found.partition.state === 'orphan';
  return 'state' in found && found.state === 'orphan';
}

/** Of what keeps it, more is said below. */
function becauseText({state, reasons}: PlannedPartition): string {
  const why = reasons.filter(({kind}) => !LATER.has(kind)).map(reason => sentence(reason));
  if (state === 'fresh' || why.length === 0) return '';
  return `: ${visible(why.join('; '))}`;
}

/** That it is planned, waits or is skipped, and no part of its state. */
const LATER: ReadonlySet<string> = new Set([
  'upstream-missing',
  'upstream-failed',
  'upstream-partial',
  'calendar-unsettled',
  'parked',
  'protected',
  'upstream-planned',
  'forced',
  'refresh',
]);

/** The rule that kept it out; where none did, why it is planned. */
function keptText({found, asked, now}: WhyNotView): string {
  switch (found.rule) {
    case 'key':
      return `it has no such key: ${whereaboutsText(found.whereabouts)}`;
    case 'selection':
      return found.isAssetSelected
        ? `${asked.selectors} selects other states, and it is ${found.state}`
        : `${asked.selectors} does not select its asset`;
    case 'range':
      return `${asked.range} leaves it out`;
    case 'named':
      return '--failed leaves it out: it did not fail in the last run, nor wait for what did';
    case 'flags':
      return found.flag === '--missing-only'
        ? `--missing-only leaves it: it is ${found.partition.state}`
        : 'it is protected, and made again only with --allow-protected';
    case 'state':
      return stateText(found.partition, now);
    case 'inputs':
      return inputsText(found);
    case 'waits':
      return `it waits: ${sentences(found.partition, now, isLater)}`;
    case 'limit':
      return `--limit ${found.limit} is used up by partitions before it`;
    case undefined:
      return plannedText(found.partition, now);
    default:
      return unreachable(found);
  }
}

function isLater(kind: string): boolean {
  return LATER.has(kind);
}

function sentences(
  {reasons}: PlannedPartition,
  now: number,
  isMeant: (kind: string) => boolean = () => true,
): string {
  return reasons
    .filter(({kind}) => isMeant(kind))
    .map(reason => sentence(reason, now))
    .join('; ');
}

function stateText(partition: PlannedPartition, now: number): string {
  const why = sentences(partition, now);
  switch (partition.state) {
    case 'exempt':
      return `it is exempt, declared not to exist: ${why}`;
    case 'not-due':
      return `it is not due: ${why}`;
    case 'orphan':
      return `it is an orphan: ${why}; --prune drops it`;
    case 'accepted':
      return `it is an accepted gap: ${why}; --force tries it again`;
    case 'stale':
      return partition.action === 'skip'
        ? `it is stale and skipped: ${why}`
        : `it is stale, and what was fetched is not fetched again for that: ${why}; --force does`;
    default:
      return partition.action === 'skip'
        ? `it is ${partition.state} and skipped: ${why}`
        : `it is ${partition.state}${why === '' ? '' : `: ${why}`}`;
  }
}

function inputsText({partition, reads, isFetch, unselected}: Extract<WhyNot, {rule: 'inputs'}>): string {
  if (unselected !== undefined)
    return `it would be made again if ${unselected} came out otherwise, and that is not asked for`;
  if (partition.state === 'partial' && isFetch) return 'it is fetched again on the clock, and not yet';
  const upToDate = partition.state === 'partial' ? 'the same inputs give the same rows' : 'it is up to date';
  if (reads === 0) return upToDate;
  const what = reads === 1 ? 'what it reads is not' : `none of the ${number(reads)} that it reads is`;
  return `${upToDate}, and ${what} made`;
}

function plannedText(partition: PlannedPartition, now: number): string {
  const {action} = partition;
  const why = sentences(partition, now, isLater);
  const verb = action === 'run-if' ? 'made if that changes' : action === 'drop' ? 'dropped' : 'made';
  return `it is ${verb}${why === '' ? '' : `: ${why}`}`;
}

/** The same as data; additive changes only. */
export function whyNotJson({ref, found, steps}: Pick<WhyNotView, 'ref' | 'found' | 'steps'>): object {
  const {rule, ...rest} = found;
  const partition = 'partition' in rest ? rest.partition : undefined;
  const details = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'partition'));
  return {
    version: 1,
    ...splitRef(ref),
    planned: rule === undefined,
    rule: rule ?? null,
    ...(partition === undefined
      ? {}
      : {
          state: partition.state,
          action: partition.action ?? null,
          reasons: partition.reasons.map(reasonJson),
        }),
    ...details,
    steps: steps.map(stepJson),
  };
}
