/**
 * Prints what `explain` finds of a partition: why it is in its state, what was published, its inputs, and what is next.
 * It does not find it out (report/explain.ts).
 */
import {counted, durationText, number, scoreText} from '../planner/amount.ts';
import {causeSentence} from '../planner/gap-sentence.ts';
import type {PlannedPartition} from '../planner/plan.ts';
import {issueText} from '../planner/quality-issue.ts';
import {noteSentence, sentence, unstopped} from '../planner/sentence.ts';
import {STATES} from '../planner/state.ts';
import type {ExplainedAcceptance, Explanation, InputNode} from '../report/explain.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {stepSections} from '../report/steps-text.ts';
import {clockTime, indented, visible, wrap} from '../report/text.ts';
import type {Paint} from './paint.ts';

export interface ExplainView {
  readonly explanation: Explanation;
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
  readonly paint: Paint;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly timezone: string | undefined;
}

/** Ends with a line break. */
export function printExplanation(view: ExplainView): string {
  const {explanation, paint, width} = view;
  const {partition} = explanation;
  const facts = [
    explanation.file === undefined ? explanation.kind : `${explanation.kind}: ${explanation.file}`,
    ...(explanation.object === undefined ? [] : [`writes ${visible(explanation.object)}`]),
    ...(explanation.isProtected ? ['protected: once published, made again only with --allow-protected'] : []),
    ...clockLines(view),
    ...whyLines(partition, view),
    ...rootLines(explanation),
    ...publicationLines(view),
    ...explanation.acceptances.filter(each => !isReason(each, partition)).map(acceptanceLine),
    ...qualityLines(explanation),
    ...definitionLines(explanation),
    ...attemptLines(view),
  ];
  const sections = [
    [
      `${paint.name(`${partition.asset}@${partition.key}`)}  ${stateText(partition)}`,
      ...facts.flatMap(fact => indented(fact, '  ', width)),
    ].join('\n'),
    ...(explanation.checks.length === 0 ? [] : [checkLines(explanation, width)]),
    ...issueSections(explanation, width),
    ...stepSections(explanation.steps, view),
    ...tryLines(view),
    ...historyLines(view),
    ...(explanation.inputs.length === 0
      ? []
      : [['Reads', ...inputLines(explanation.inputs, '  ', view)].join('\n')]),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** What moves within the day. */
function clockLines({explanation, now, timezone}: ExplainView): readonly string[] {
  const {protectedFrom, nextRefresh} = explanation;
  return [
    ...(protectedFrom === undefined
      ? []
      : [
          `follows its inputs until ${clockTime(protectedFrom, timezone)}; from then on it is protected, and made again only with --allow-protected`,
        ]),
    ...(nextRefresh === undefined || nextRefresh.at <= now
      ? []
      : [
          `asked for again in ${durationText(nextRefresh.at - now)}, and so on until ${clockTime(nextRefresh.endsAt, timezone)}`,
        ]),
  ];
}

function stateText({state, action}: PlannedPartition): string {
  return action === undefined ? state : `${state}, next: ${action}`;
}

function whyLines({reasons, notes, state}: PlannedPartition, {now}: ExplainView): readonly string[] {
  const why = reasons.map(reason => `because ${visible(sentence(reason, now))}`);
  const upToDate =
    state === 'fresh' && reasons.length === 0
      ? ['its definition and its inputs are as they were when it was made']
      : [];
  return [...upToDate, ...why, ...notes.map(note => `note: ${visible(noteSentence(note))}`)];
}

/** Why it waits, as the partition has it with which that begins. */
function rootLines({root}: Explanation): readonly string[] {
  if (root === undefined) return [];
  return [visible(causeSentence(root.cause, {ref: root.ref, count: 1, isAwaited: true}))];
}

function publicationLines({explanation: {publication}, now, timezone}: ExplainView): readonly string[] {
  if (publication === undefined) return ['not published'];
  const {publishedAt, durationMs, rows, version, games} = publication;
  const when = `${clockTime(publishedAt, timezone)}, ${durationText(Math.max(0, now - publishedAt))} ago`;
  const absent =
    games === undefined || games.absent.length === 0 ? '' : `, without ${games.absent.join(', ')}`;
  return [
    `published ${when}, in ${durationText(durationMs)}: ${counted(rows, 'row')}, version ${version}`,
    ...(games === undefined
      ? []
      : [`holds ${number(games.found)} of ${counted(games.expected, 'game')}${absent}`]),
  ];
}

/** Whether the partition's own reason tells all of it. */
function isReason({by, on, reason, until, games}: ExplainedAcceptance, {reasons}: PlannedPartition): boolean {
  return (
    until === undefined &&
    games.length === 0 &&
    reasons.some(
      each => each.kind === 'accepted-gap' && each.by === by && each.on === on && each.reason === reason,
    )
  );
}

/** What was signed off, until when, and whether that still says something. */
function acceptanceLine({by, on, reason, until, isExpired, games, void: there}: ExplainedAcceptance): string {
  const what = games.length === 0 ? 'as a whole' : `for ${games.join(', ')}`;
  const end = until === undefined ? '' : ` until ${until}`;
  const isVoid = there === 'all' || (games.length > 0 && there.length === games.length);
  const held = isVoid || there.length === 0 ? '' : ` Void for ${there.join(', ')}, which it holds.`;
  const over = isExpired ? ' That time is over: it is a gap again.' : '';
  const still = isVoid ? ' Void: it is there.' : `${held}${over}`;
  return visible(`accepted by ${by} on ${on}${end}, ${what}: ${unstopped(reason)}.${still}`);
}

function definitionLines({fingerprint, digest, publication, read}: Explanation): readonly string[] {
  const made = publication;
  const was = (now: string, then: string | undefined) =>
    then === undefined || then === now ? '' : ` (made from ${then.slice(0, 16)})`;
  return [
    `definition ${fingerprint.slice(0, 16)}${was(fingerprint, made?.fingerprint)}`,
    ...(digest === '' ? [] : [`inputs ${digest}${was(digest, made?.digest)}`]),
    ...read.map(({partition, version}) => `made from ${partition} as it was in version ${version}`),
  ];
}

/** The last success and the last attempt are two things: this is said only where they differ. */
function attemptLines({explanation: {lastAttempt, partition}, now}: ExplainView): readonly string[] {
  if (lastAttempt === undefined || lastAttempt.outcome === 'succeeded') return [];
  const {error: cause} = lastAttempt;
  const error = cause === undefined || isTold(partition, cause) ? '' : `: ${visible(cause)}`;
  return [
    `last attempt ${durationText(Math.max(0, now - lastAttempt.at))} ago: ${lastAttempt.outcome}${error}`,
  ];
}

/** Whether the partition's own reasons tell an error already. */
function isTold({reasons}: PlannedPartition, error: string): boolean {
  return reasons.some(reason => 'error' in reason && reason.error === error);
}

function checkLines({checks}: Explanation, width: number): string {
  const names = checks.map(({name, severity}) => (severity === 'warn' ? `${name} (warns)` : name));
  return ['Checks before publishing', ...wrap(names.join(', '), width - 2).map(line => `  ${line}`)].join(
    '\n',
  );
}

/** Of what is published its score; of the rest what its gate waits for. */
function qualityLines({quality}: Explanation): readonly string[] {
  if (quality === undefined) return [];
  const {score, own, tier, inputs, gate, edges} = quality;
  const gated = gate === undefined ? '' : `, its gate is ${gate}`;
  if (score === undefined || own === undefined)
    return gate === undefined ? [] : [`its inputs score ${scoreText(inputs)}${gated}`];
  const parts = [`itself ${scoreText(own)}`, ...edges.map(each => `${each.edge} ${scoreText(each.score)}`)];
  return [`quality ${scoreText(score)} (${tier}): ${parts.join(', ')}${gated}`];
}

function issueSections({quality, partition}: Explanation, width: number): readonly string[] {
  if (quality === undefined || quality.issues.length === 0) return [];
  const {issues, more} = quality;
  const own = `${partition.asset}@${partition.key}`;
  const lines = [
    ...issues.map(issue => `${issueText(issue)}${issue.origin === own ? '' : `: ${issue.origin}`}`),
    ...(more === 0 ? [] : [`and ${number(more)} more`]),
  ];
  return [['What speaks against it', ...lines.flatMap(line => indented(line, '  ', width))].join('\n')];
}

function tryLines({explanation: {tries}, width, timezone}: ExplainView): readonly string[] {
  if (tries.length === 0) return [];
  const lines = tries.map(({source, outcome, expected, found, detail, at, run}) => {
    const games = expected === null ? '' : `, ${found ?? 0} of ${counted(expected, 'game')}`;
    const why = detail === null ? '' : `: ${visible(detail)}`;
    return `${clockTime(at, timezone)}  ${source}  ${outcome}${games} (run ${run})${why}`;
  });
  return [
    ['Sources tried, the newest first', ...lines.flatMap(line => indented(line, '  ', width))].join('\n'),
  ];
}

function historyLines(view: ExplainView): readonly string[] {
  const {explanation, width, now, timezone} = view;
  const {attempts, partition, lastAttempt} = explanation;
  if (attempts.length === 0) return [];
  const lines = attempts.map(({run, outcome, endedAt, durationMs, error, reasons}, index) => {
    const cause = error ?? reasons.map(reason => sentence(reason, now)).join('; ');
    const isAbove =
      index === 0 && error !== undefined && (isTold(partition, error) || lastAttempt?.error === error);
    const why = cause === '' ? '' : isAbove ? ', as told above' : `: ${visible(cause)}`;
    // Of a correction nothing was made: its reason says all.
    if (reasons.some(({kind}) => kind === 'forgotten-by' || kind === 'marked-fresh' || kind === 'adopted-by'))
      return `${clockTime(endedAt, timezone)}  ${visible(cause)} (run ${run})`;
    return `${clockTime(endedAt, timezone)}  ${outcome} in ${durationText(durationMs)} (run ${run})${why}`;
  });
  return [['Attempts, the newest first', ...lines.flatMap(line => indented(line, '  ', width))].join('\n')];
}

function inputLines(inputs: readonly InputNode[], indent: string, view: ExplainView): readonly string[] {
  return inputs.flatMap(input => [
    ...indented(`← ${inputText(input, indent, view)}`, indent, view.width),
    ...(input.inputs === undefined ? [] : inputLines(input.inputs, `${indent}  `, view)),
  ]);
}

function inputText(input: InputNode, indent: string, {keyOrder, width, now}: ExplainView): string {
  const {edge, asset, window, keys, states, publishedAt, version, rows, inputs} = input;
  const name = edge === asset ? '' : `${edge}: `;
  const [only] = keys;
  const what = keys.length === 1 ? `${asset}@${only}` : asset;
  const how = window === '' ? '' : ` (${window})`;
  if (keys.length === 0) return `${name}${what}${how}  reads nothing`;
  const counts = STATES.filter(state => states.has(state)).map(state =>
    keys.length === 1 ? state : `${number(states.get(state) ?? 0)} ${state}`,
  );
  const ranges =
    keys.length === 1
      ? []
      : [fitRanges(mergeRanges(keys, keyOrder(asset)), Math.max(24, width - indent.length - 50))];
  const facts = [
    ...ranges,
    ...counts,
    ...(rows === undefined ? [] : [counted(rows, 'row')]),
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(publishedAt === undefined
      ? []
      : [`${keys.length === 1 ? '' : 'last '}made ${durationText(Math.max(0, now - publishedAt))} ago`]),
    ...(inputs === undefined ? ['its inputs are told above'] : []),
  ];
  return `${name}${what}${how}  ${facts.join(', ')}`;
}
