/**
 * Alerts for people and as JSON: what is open, what was told, what is still to be delivered, and what receivers answered.
 * It does not deal with where they come from (report/alerts-view.ts).
 */
import {ageText, counted, number} from '../planner/amount.ts';
import type {ReceiverKind} from '../planner/pipeline.ts';
import type {PassedOn} from '../report/alerts.ts';
import type {AlertsView, OpenAlert, ReceiverView, SentMessage} from '../report/alerts-view.ts';
import {fitRanges} from '../report/ranges.ts';
import {clockTime, indented, padEnd, visible} from '../report/text.ts';
import type {Paint} from './paint.ts';

interface Screen {
  readonly width: number;
  readonly paint: Paint;
}

interface About {
  readonly pipeline: string;
  readonly target: string;
  readonly now: number;
}

export interface TestView {
  readonly receiver: ReceiverKind;
  readonly state: 'sent' | 'failed' | 'off';
  /** What it answered, or why nothing was sent. */
  readonly says: string;
}

export function printAlerts(
  view: AlertsView,
  about: About & Screen & {readonly timezone: string | undefined},
): string {
  const {pipeline, target, paint} = about;
  const {isOff, open, messages, receivers} = view;
  const sections: readonly (readonly string[])[] = [
    [`Alerts of ${pipeline} (${target})${isOff ? ': off by the manifest' : ''}`],
    open.length === 0
      ? ['Nothing is wrong that is worth telling.']
      : open.flatMap(each => openLines(each, about)),
    messages.length === 0
      ? []
      : [paint.name('Told'), ...messages.flatMap(message => messageLines(message, about))],
    [paint.name('Receivers'), ...receiverLines(receivers, about)],
    view.digestAt === null || receivers.length === 0
      ? []
      : [`The next digest comes at ${clockTime(view.digestAt, about.timezone)}.`],
  ];
  return sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.map(line => `${line}\n`).join(''))
    .join('\n');
}

function openLines(
  {kind, severity, cause, about, count, waiting, since, ranges}: OpenAlert,
  {width, paint, now}: About & Screen,
): readonly string[] {
  const colour = {critical: paint.bad, warning: paint.warn, info: paint.good}[severity];
  const amount =
    ranges.length === 0
      ? ''
      : ` ${number(count)}: ${fitRanges(ranges, Math.max(20, width - about.length - 40))}`;
  const told =
    waiting === 0 ? 'told' : waiting === count ? 'not told yet' : `${number(waiting)} not told yet`;
  return [
    `${colour(padEnd(kind, 18))}${visible(about)}${amount}`,
    ...indented(visible(`${cause} (for ${ageText(Math.max(0, now - since))}; ${told})`), '  ', width),
  ];
}

function messageLines(
  {at, why, title, deliveries, id}: SentMessage,
  {width, timezone}: Screen & {readonly timezone: string | undefined},
): readonly string[] {
  const how = deliveries.map(({receiver, state, tries, error}) => {
    if (state === 'delivered') return `${receiver}: delivered`;
    const tried =
      tries === 0 ? 'not tried yet' : `${counted(tries, 'try', 'tries')}, ${error ?? 'no answer'}`;
    return `${receiver}: ${state === 'waiting' ? tried : `given up after ${tried}`}`;
  });
  const when = `${clockTime(Date.parse(at), timezone)}, ${why === 'digest' ? 'digest' : 'at once'}`;
  return [
    ...indented(visible(`${when}: ${title}`), '  ', width),
    ...indented(visible(`${id} · ${how.length === 0 ? 'nobody is told' : how.join(' · ')}`), '    ', width),
  ];
}

function receiverLines(
  receivers: readonly ReceiverView[],
  {width, paint, now}: About & Screen,
): readonly string[] {
  if (receivers.length === 0)
    return indented(
      "none: what is wrong stands here and on the page alone. 'alerts' in the manifest names some.",
      '  ',
      width,
    );
  return receivers.flatMap(({kind, trouble, waiting, tries, error, nextAt, deliveredAt}) => {
    const says = [
      trouble ?? (error === null ? 'ready' : `the last try failed: ${error}`),
      ...(waiting === 0
        ? []
        : [`${counted(waiting, 'message')} to be delivered${nextText(tries, nextAt, now)}`]),
      ...(deliveredAt === null
        ? []
        : [`the last was delivered ${ageText(Math.max(0, now - deliveredAt))} ago`]),
    ];
    const colour = trouble !== null || error !== null ? paint.warn : paint.good;
    const [first = '', ...rest] = indented(visible(says.join('; ')), ' '.repeat(10), width);
    return [`  ${colour(padEnd(kind, 8))}${first.trimStart()}`, ...rest];
  });
}

function nextText(tries: number, nextAt: number | null, now: number): string {
  if (tries === 0 || nextAt === null) return '';
  return nextAt <= now ? ', now' : `, the next try in ${ageText(nextAt - now + 59_999)}`;
}

/** Version 1; additive changes only. */
export function alertsJson(
  {isOff, receivers, open, messages, digestAt}: AlertsView,
  {pipeline, target, now}: About,
): object {
  const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());
  return {
    version: 1,
    pipeline,
    target,
    now: iso(now),
    off: isOff,
    receivers: receivers.map(({nextAt, deliveredAt, ...rest}) => ({
      ...rest,
      nextAt: iso(nextAt),
      deliveredAt: iso(deliveredAt),
    })),
    open: open.map(({since, ...rest}) => ({...rest, since: iso(since)})),
    messages: messages.map(({deliveries, runs, ...rest}) => ({
      ...rest,
      runs,
      deliveries: deliveries.map(({at, ...delivery}) => ({...delivery, at: iso(at)})),
    })),
    digestAt: iso(digestAt),
  };
}

export function printTests(tests: readonly TestView[], {width, paint}: Screen): string {
  if (tests.length === 0) return "No receiver is declared: name one under 'alerts' in the manifest.\n";
  return tests
    .flatMap(({receiver, state, says}) => {
      const colour = state === 'sent' ? paint.good : state === 'off' ? paint.warn : paint.bad;
      const [first = '', ...rest] = indented(visible(says), ' '.repeat(16), width);
      return [`${padEnd(receiver, 9)}${colour(padEnd(state, 7))}${first.trimStart()}`, ...rest];
    })
    .map(line => `${line}\n`)
    .join('');
}

export function printPassed({message, delivered}: PassedOn, {width}: Screen): string {
  const lines = [
    message === undefined ? 'Nothing new is to be told.' : `Told: ${message.title}.`,
    ...delivered.map(({receiver, delivered: count, error}) =>
      error === undefined
        ? `${receiver}: ${counted(count, 'message')} delivered.`
        : `${receiver}: ${count === 0 ? '' : `${counted(count, 'message')} delivered, then `}failed: ${error}.`,
    ),
  ];
  return lines
    .flatMap(line => indented(visible(line), '', width))
    .map(line => `${line}\n`)
    .join('');
}
