import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ALERT_KINDS, type RunBrief} from '../../planner/alert.ts';
import type {Draft} from '../../planner/alert-memory.ts';
import {type AlertMessage, fold} from '../../planner/alert-message.ts';
import {mailOf} from '../../runner/alert-mail.ts';
import {slackPayload} from '../../runner/alert-slack.ts';

const NOW = Date.parse('2024-02-01T12:00:00Z');
const about = {
  pipeline: 'nba',
  target: 'prod',
  now: NOW,
  rangesOf: (_: string, keys: readonly string[]) => keys,
};

const run = (id: string): RunBrief => ({id, startedAt: 1, endedAt: 2, requested: 9, failed: 3, skipped: 0});
const hostile =
  '<!channel> <https://evil.example|click> & *bold* </p><script>alert(1)</script>\r\nBcc: all@example.com';

const word = fc.oneof(
  fc.string({maxLength: 60}),
  fc.constant(hostile),
  fc.string({minLength: 400, maxLength: 900}),
);
const draft: fc.Arbitrary<Draft> = fc.record({
  why: fc.constantFrom('at-once', 'digest'),
  topics: fc.array(
    fc.record({
      kind: fc.constantFrom(...ALERT_KINDS),
      cause: word,
      lines: fc.array(fc.record({about: word, keys: fc.array(word, {minLength: 1, maxLength: 9})}), {
        minLength: 1,
        maxLength: 12,
      }),
      since: fc.constant(NOW),
      runs: fc.array(fc.string({maxLength: 12}).map(run), {maxLength: 8}),
    }),
    {minLength: 1, maxLength: 30},
  ),
});

const countOf = ({topics, more}: AlertMessage): number =>
  topics.reduce((sum, {count}) => sum + count, more.count);

test('whatever there is to tell, every partition counts and the message is of bounded size', () => {
  fc.assert(
    fc.property(draft, drafted => {
      const message = fold(drafted, about);
      const all = drafted.topics.flatMap(({lines}) => lines.flatMap(({keys}) => keys));
      expect(countOf(message)).toBe(all.length);
      for (const {count, lines, more} of message.topics)
        expect(lines.reduce((sum, line) => sum + line.count, more.count)).toBe(count);
      const {blocks, text} = slackPayload(message, 'https://plan.example.com');
      expect(blocks.length).toBeLessThanOrEqual(50);
      expect(text.length).toBeLessThanOrEqual(3000);
      for (const block of blocks) {
        const written = block.text?.text ?? '';
        expect(written.length).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3000);
        if (block.type === 'section') expect(written).not.toMatch(/<(?!https:\/\/plan\.example\.com\/)/);
      }
      const {subject, html, text: plain} = mailOf(message, undefined);
      expect(subject).not.toMatch(/[\r\n]/);
      expect(plain).not.toMatch(/\r|\nBcc:/);
      expect(html).not.toContain('<script');
    }),
    {numRuns: 40},
  );
});

test('the worst and largest come first, neighbours in the calendar are ranges, and the rest is counted', () => {
  const topic = (kind: Draft['topics'][number]['kind'], cause: string, ...assets: readonly string[]) => ({
    kind,
    cause,
    lines: assets.map((asset, i) => ({
      about: asset,
      keys: Array.from({length: i + 1}, (_, day) => `d${day}`),
    })),
    since: NOW,
    runs: kind === 'run-failed' ? [run('r1')] : [],
  });
  const message = fold(
    {
      why: 'digest',
      topics: [
        topic('gap-healed', 'HTTP 500', 'raw.a'),
        topic('run-failed', 'HTTP 500', 'raw.a', 'raw.b'),
        topic('gap-opened', 'never materialized', 'raw.a', 'raw.b', 'raw.c'),
      ],
    },
    {...about, rangesOf: (_, keys) => (keys.length > 2 ? [`${keys[0]} … ${keys.at(-1)}`] : keys)},
  );
  expect(message.title).toBe('1 run failed (3 partitions), 6 gaps stay open, 1 gap is healed');
  expect(message.severity).toBe('critical');
  expect(message.topics[1]?.lines.map(({about, keys}) => `${about}: ${keys}`)).toEqual([
    'raw.c: d0 … d2',
    'raw.b: d0, d1',
    'raw.a: d0',
  ]);
  expect(fold({why: 'digest', topics: []}, about).topics).toEqual([]);
});

test('one run that finds no room is told as one', () => {
  const topic = {kind: 'run-failed', cause: 'HTTP 500', since: NOW} as const;
  const runs = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'].map(run);
  const message = fold(
    {why: 'at-once', topics: [{...topic, lines: [{about: 'raw.a', keys: ['k']}], runs}]},
    about,
  );
  const {html, text} = mailOf(message, undefined);
  const slack = slackPayload(message, undefined).blocks.map(block => block.text?.text ?? '');
  for (const told of [html, text, slack.join('\n')]) expect(told).toMatch(/and 1 more run(<|\n)/);
});
