/**
 * An alert as Slack shows it: blocks, within Slack's bounds, and a line for where blocks are not shown.
 * It does not send it (alert-send.ts).
 */
import type {AlertMessage, AlertTopic} from '../planner/alert-message.ts';
import {
  footOf,
  lineText,
  linkTo,
  moreLines,
  moreRunsText,
  moreTopics,
  runText,
  subjectOf,
  topicHead,
} from './alert-words.ts';

/** Slack's own bounds: of a section's text, of a header's, and of blocks. */
const MOST_LETTERS = 3000;
const MOST_HEADER = 150;
const MOST_BLOCKS = 50;

const MARK = {
  critical: ':red_circle:',
  warning: ':large_yellow_circle:',
  info: ':white_check_mark:',
} as const;

/** `verbatim`: Slack makes no links and mentions of its own out of what looks like one, since sources wrote it. */
interface Marked {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

interface Block {
  readonly type: 'header' | 'section' | 'context';
  readonly text?: {readonly type: 'plain_text'; readonly text: string} | Marked;
  readonly elements?: readonly Marked[];
}

export interface SlackPayload {
  readonly text: string;
  readonly blocks: readonly Block[];
}

export function slackPayload(message: AlertMessage, page: string | undefined): SlackPayload {
  const title = `${subjectOf(message)}: ${message.title}`;
  const more = moreTopics(message);
  const blocks: readonly Block[] = [
    {type: 'header', text: {type: 'plain_text', text: cut(title, MOST_HEADER)}},
    ...message.topics.map(topicBlock),
    ...(more === undefined ? [] : [section(escapeSlack(more))]),
    ...(message.runs.length === 0 ? [] : [section(runsText(message, page))]),
    ...(page === undefined ? [] : [section(`<${escapeSlack(linkTo(page, 'alerts'))}|Open the page>`)]),
    {type: 'context', elements: [{type: 'mrkdwn', text: escapeSlack(footOf(message)), verbatim: true}]},
  ];
  // The foot stays.
  const shown =
    blocks.length <= MOST_BLOCKS ? blocks : [...blocks.slice(0, MOST_BLOCKS - 1), ...blocks.slice(-1)];
  return {text: cut(escapeSlack(title), MOST_LETTERS), blocks: shown};
}

function topicBlock(topic: AlertTopic): Block {
  const more = moreLines(topic);
  const lines = [...topic.lines.map(line => `• ${lineText(line)}`), ...(more === undefined ? [] : [more])];
  return section(
    [`${MARK[topic.severity]} *${bold(topicHead(topic))}*`, ...lines.map(escapeSlack)].join('\n'),
  );
}

function runsText(message: AlertMessage, page: string | undefined): string {
  const lines = message.runs.map(run => {
    const id = escapeSlack(run.id);
    const name = page === undefined ? id : `<${escapeSlack(linkTo(page, 'runs', run.id))}|${id}>`;
    return `Run ${name}: ${runText(run)}`;
  });
  return [...lines, ...moreRunsText(message)].join('\n');
}

function section(text: string): Block {
  return {type: 'section', text: {type: 'mrkdwn', text: cut(text, MOST_LETTERS), verbatim: true}};
}

/** A star would end the bold text, and so would a line break. */
function bold(text: string): string {
  return escapeSlack(text.replaceAll('*', '∗').replace(/\s+/g, ' '));
}

/** Slack's control letters; what sources wrote must not mention anybody nor make links. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Never within an escaped letter. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/&[a-z]*$/, '')}…`;
}
