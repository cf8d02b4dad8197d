/**
 * The lines of an alert's message that every receiver shows in its own way: plain texts with links apart.
 * It does not deal with how a receiver writes them.
 */

import {WHOLE_RUN} from '../planner/alert.ts';
import {
  type AlertMessage,
  type AlertTopic,
  type AlertTopicLine,
  topicTitle,
} from '../planner/alert-message.ts';
import {counted, number} from '../planner/amount.ts';

/** `league (prod)`. */
export function subjectOf({pipeline, target}: AlertMessage): string {
  return `${pipeline} (${target})`;
}

export function topicHead(topic: AlertTopic): string {
  return `${topicTitle(topic)}: ${topic.cause}`;
}

/** `raw.games, 430 partitions: 2024-04-16 … 2024-05-30`. */
export function lineText({about, count, keys}: AlertTopicLine): string {
  if (about === WHOLE_RUN) return counted(count, 'run');
  return keys === '' ? about : `${about}, ${counted(count, 'partition')}: ${keys}`;
}

export function moreLines({more: {lines, count}}: AlertTopic): string | undefined {
  return lines === 0 ? undefined : `and ${number(lines)} more, ${counted(count, 'partition')}`;
}

export function moreTopics({more: {topics, count}}: AlertMessage): string | undefined {
  if (topics === 0) return undefined;
  return `${counted(topics, 'more cause')}, ${counted(count, 'partition')}: 'gameplan alerts' lists them`;
}

/** `Run 20240201-…: 9,800 of 10,000 failed, 12 skipped`. */
export function runText({requested, failed, skipped, endedAt}: AlertMessage['runs'][number]): string {
  const end = endedAt === undefined ? 'was killed' : `${number(failed)} of ${number(requested)} failed`;
  return `${end}${skipped === 0 ? '' : `, ${number(skipped)} skipped`}`;
}

export function moreRunsText({moreRuns}: AlertMessage): readonly string[] {
  return moreRuns === 0 ? [] : [`and ${counted(moreRuns, 'more run')}`];
}

export function footOf({id, at, why}: AlertMessage): string {
  const kind = {'at-once': 'told at once', digest: 'digest', test: 'a test: nothing is wrong'}[why];
  return `${at.slice(0, 16).replace('T', ' ')} UTC · ${kind} · ${id}`;
}

export function linkTo(page: string, ...path: readonly string[]): string {
  return [page, ...path.map(encodeURIComponent)].join('/');
}
