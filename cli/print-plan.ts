/**
 * A plan as people read it: a head line, each asset with what is to be done and why, one summary line.
 * It does not decide anything: states, actions and reasons are the plan's.
 */

import {counted, durationText, number} from '../planner/amount.ts';
import type {Estimate} from '../planner/estimate.ts';
import type {LeftOut} from '../planner/left-out.ts';
import type {ComingRefresh} from '../planner/next-refresh.ts';
import type {SiteUse} from '../planner/over-budget.ts';
import type {Plan} from '../planner/plan.ts';
import type {Label, PlanGroup} from '../planner/plan-group.ts';
import {noteSentence, sentence} from '../planner/sentence.ts';
import {budgetSentence} from '../report/budget-text.ts';
import {estimateSentence} from '../report/estimate-text.ts';
import {groupBy} from '../report/group.ts';
import {printHead} from '../report/head.ts';
import {type JobsView, jobsSentences} from '../report/jobs-text.ts';
import {leftOutSentence} from '../report/left-out-text.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {lengthOf, padEnd, visible, wrap} from '../report/text.ts';
import type {Paint} from './paint.ts';

export interface PlanView {
  readonly plan: Plan;
  readonly leftOut: readonly LeftOut[];
  /** Keys that were asked for by name and that no asset has. */
  readonly unknownKeys: readonly string[];
  readonly estimate: Estimate;
  /** Undefined where the engine is sent none. */
  readonly jobs: JobsView | undefined;
  /** Of sources that move within the day. */
  readonly coming: ComingRefresh | undefined;
  /** Of sites with a budget. */
  readonly budgets: readonly SiteUse[];
  /** How many assets were looked at. */
  readonly assets: number;
  readonly keyOrder: (asset: string) => KeyOrder;
  /** List every partition, also those that need nothing. */
  readonly all: boolean;
  readonly width: number;
  readonly paint: Paint;
}

/** Ends with a line break. */
export function printPlan(view: PlanView): string {
  const {plan, width} = view;
  const listed = view.all ? plan.groups : plan.groups.filter(isListed);
  const blocks = groupBy(listed, ({asset}) => asset);
  const nameWidth = Math.min(44, Math.max(...[...blocks.keys()].map(name => name.length), 0));
  const assets = [...blocks].map(([asset, groups]) => printAsset(asset, groups, {...view, nameWidth}));
  const sections = [
    printHead('Plan for', plan, width),
    ...(assets.length === 0 ? [] : [assets.join('\n')]),
    [
      ...printNothing(view),
      ...printUnsettled(plan, width),
      ...printUnknown(view),
      ...view.leftOut.flatMap(each => wrap(leftOutSentence(each), width)),
      printSummary(plan, width),
      ...printEstimate(view),
      ...view.budgets.flatMap(use => wrap(budgetSentence(use, Date.parse(plan.now)), width)),
      ...printComing(view),
    ].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** What is up to date, or not meant to exist, is counted and not listed. */
function isListed({state, action}: PlanGroup): boolean {
  return action !== undefined || !['fresh', 'exempt', 'accepted', 'not-due'].includes(state);
}

type AssetView = PlanView & {readonly nameWidth: number};

/** More kinds of reasons than this are counted: the screen is for reading. */
const MOST_GROUPS = 12;

/** A group in words. */
interface Told {
  readonly label: Label;
  readonly ranges: readonly string[];
  readonly text: string;
}

function printAsset(asset: string, alike: readonly PlanGroup[], view: AssetView): string {
  const groups = alike.map(group => tell(group, view));
  const labels = [...groupBy(alike, ({label}) => label)].map(([label, members]) =>
    paintLabel(label, `${label} ${number(countKeys(members))}`, view.paint),
  );
  const head = `  ${padEnd(view.paint.name(asset), view.nameWidth)}  ${labels.join(', ')}`;
  const [only, ...others] = groups;
  if (only === undefined) return head;
  if (others.length > 0) {
    const shown = groups.slice(0, MOST_GROUPS);
    const more = groups.length - shown.length;
    return [
      head,
      ...shown.flatMap(group => printGroup(group, labels.length > 1, view.width)),
      ...(more > 0 ? [`      and ${counted(more, 'more reason')}; --json lists them all`] : []),
    ].join('\n');
  }
  return printOnlyGroup(head, only, view);
}

/** One group: its ranges stand on the asset's own line where there is room. */
function printOnlyGroup(head: string, {ranges, text}: Told, {nameWidth, width}: AssetView): string {
  const start = Math.max(lengthOf(head), 2 + nameWidth + 2 + LABEL_WIDTH) + 2;
  const room = width - start;
  const beside = ranges.join(', ').length <= room || room >= 40;
  const lines = beside
    ? [`${padEnd(head, start - 2)}  ${fitRanges(ranges, room)}`]
    : [head, `      ${fitRanges(ranges, width - 6)}`];
  return [...lines, ...wrap(text, width - 6).map(line => `      ${line}`)].join('\n');
}

const LABEL_WIDTH = 14;

function printGroup({label, ranges, text}: Told, telling: boolean, width: number): readonly string[] {
  const said = telling && (label === 'stale' || label === 'partial') ? `${label}: ${text}` : text;
  const line = `      ${ranges.join(', ')}  ${said}`;
  if (line.length <= width) return [line];
  return [`      ${fitRanges(ranges, width - 6)}`, ...wrap(said, width - 8).map(each => `        ${each}`)];
}

function tell({asset, label, keys, reasons, notes}: PlanGroup, {plan, keyOrder}: AssetView): Told {
  const now = Date.parse(plan.now);
  const said = [
    ...reasons.map(reason => sentence(reason, now)),
    ...notes.map(note => `note: ${noteSentence(note)}`),
  ];
  // Two edges of one asset may have seen the same.
  const text = visible([...new Set(said)].join('; ')) || 'up to date';
  return {label, ranges: mergeRanges(keys, keyOrder(asset)), text};
}

function countKeys(groups: readonly PlanGroup[]): number {
  return groups.reduce((sum, {keys}) => sum + keys.length, 0);
}

function paintLabel(label: Label, text: string, paint: Paint): string {
  if (label === 'wait' || label === 'skip') return paint.bad(text);
  if (label === 'fresh') return paint.good(text);
  return label === 'exempt' || label === 'not-due' || label === 'accepted'
    ? paint.quiet(text)
    : paint.warn(text);
}

function printNothing({plan, assets, width}: PlanView): readonly string[] {
  if (plan.actions.run + plan.actions['run-if'] + plan.actions.drop > 0) return [];
  const compared = Object.values(plan.states).reduce((sum, amount) => sum + amount, 0);
  if (compared === 0) return wrap(`No partition of ${counted(assets, 'asset')} is selected.`, width);
  const what = `Compared definitions and inputs of ${counted(assets, 'asset')}, ${counted(compared, 'partition')}, with the ledger (entry ${number(plan.ledger)}).`;
  const blocked = plan.actions.wait + plan.actions.skip;
  const verdict =
    blocked > 0 ? 'Nothing can run now.' : plan.settled ? 'Nothing to do.' : 'Nothing can be planned yet.';
  return wrap(`${verdict} ${what}`, width);
}

function printUnknown({unknownKeys, width}: PlanView): readonly string[] {
  if (unknownKeys.length === 0) return [];
  const [are, keys] = unknownKeys.length === 1 ? ['is', 'key'] : ['are', 'keys'];
  const known = 'dates are those on which a game is known';
  return wrap(`${fitRanges(unknownKeys, width)} ${are} no ${keys} of any asset: ${known}.`, width);
}

/** Where nothing runs, nothing makes the calendar either: what makes it was not selected. */
function printUnsettled({settled, actions}: Plan, width: number): readonly string[] {
  if (settled) return [];
  const text =
    actions.run + actions['run-if'] > 0
      ? 'The calendar is made first: dates may be added, and the run plans again after that.'
      : "The calendar is not known yet, and nothing here makes it: 'gameplan materialize' without a selection makes it first.";
  return wrap(text, width);
}

function printEstimate({estimate, jobs, width}: PlanView): readonly string[] {
  const said = estimateSentence(estimate, jobs !== undefined);
  const sentences = [...(said === '' ? [] : [said]), ...(jobs === undefined ? [] : jobsSentences(jobs))];
  return sentences.flatMap(sentence => wrap(sentence, width));
}

/** What the clock asks for next, though nothing is to be done for it now. */
function printComing({coming, plan, width}: PlanView): readonly string[] {
  if (coming === undefined) return [];
  const {first, count, at} = coming;
  const more = count > 1 ? ` and ${number(count - 1)} more` : '';
  const next = durationText(at - Date.parse(plan.now));
  return wrap(`Asked for again within the day: ${first}${more}, the next in ${next}.`, width);
}

/** The same parts every time, so that two plans can be held side by side. */
function printSummary({groups, actions, states}: Plan, width: number): string {
  const running = groupBy(
    groups.filter(({action}) => action === 'run'),
    ({label}) => label,
  );
  const kinds = [...running].map(([label, members]) => `${number(countKeys(members))} ${label}`).join(', ');
  const parts = [
    `Plan: ${number(actions.run)} to materialize${kinds === '' ? '' : ` (${kinds})`}`,
    `up to ${number(actions['run-if'])} more if inputs change`,
    `${number(actions.wait)} waiting`,
    `${number(actions.skip)} skipped`,
    ...(actions.drop > 0 ? [`${number(actions.drop)} to drop`] : []),
  ];
  const rest = [
    `${number(states.fresh)} fresh`,
    ...(states.partial > 0 ? [`${number(states.partial)} partial`] : []),
    `${number(states.exempt)} exempt`,
    `${number(states.accepted)} accepted`,
    `${number(states['not-due'])} not due`,
    ...(states.orphan > 0 ? [counted(states.orphan, 'orphan')] : []),
  ];
  return wrap(`${parts.join(', ')} · ${rest.join(', ')}`, width).join('\n');
}
