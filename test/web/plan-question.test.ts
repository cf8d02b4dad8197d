import {describe, expect, test} from 'vitest';
import type {AxisBody} from '../../server/schema/pipeline.ts';
import {question as schema} from '../../server/schema/plan.ts';
import {needsReason, questionOf, readDraft, writeDraft} from '../../web/plan/question.ts';

const axes: readonly AxisBody[] = [
  {
    axis: 'dates',
    kind: 'date',
    keys: ['2023-12-30', '2023-12-31', '2024-01-01', '2024-10-22'],
    seasons: [
      {season: '2023-24', from: 0, to: 3},
      {season: '2024-25', from: 3, to: 4},
    ],
  },
  {
    axis: 'seasons',
    kind: 'season',
    keys: ['2023-24', '2024-25'],
    seasons: [
      {season: '2023-24', from: 0, to: 1},
      {season: '2024-25', from: 1, to: 2},
    ],
  },
];

function asked(query: string) {
  return questionOf(readDraft(new URLSearchParams(query)), axes);
}

describe('an address', () => {
  test('without anything asks for the plan of everything', () => {
    const {question, mistakes} = asked('');
    expect(mistakes).toEqual({});
    expect(question).toEqual(schema.parse({}));
  });

  test('says what the server is asked, and what the server takes', () => {
    const {question} = asked(
      'select=raw.*%2B+tag:daily&from=2023-12-30&to=2024-01-01&seasons=2023-24,2024-25&force=1&limit=10',
    );
    expect(question).toEqual(
      schema.parse({
        select: 'raw.*+ tag:daily',
        from: '2023-12-30',
        to: '2024-01-01',
        seasons: ['2023-24', '2024-25'],
        force: true,
        limit: 10,
      }),
    );
  });

  test('names keys as a range is written', () => {
    expect(asked('keys=2023-12-*').question?.keys).toEqual(['2023-12-30', '2023-12-31']);
    expect(asked('keys=2023-12-31..2024-01-01,2024-10-22').question?.keys).toEqual([
      '2023-12-31',
      '2024-01-01',
      '2024-10-22',
    ]);
  });

  test('may name a key that nothing has: the server says so', () => {
    expect(asked('keys=2030-01-01').question?.keys).toEqual(['2030-01-01']);
  });

  test('is written as it was read', () => {
    const query = 'select=raw.games%2B&from=2023-12-30&keys=2023-12-*&seasons=2023-24&failed=1';
    expect(writeDraft(readDraft(new URLSearchParams(query))).toString()).toBe(
      new URLSearchParams(query).toString(),
    );
  });

  test('takes a flag in either of its spellings', () => {
    expect(asked('force=true').question?.force).toBe(true);
    expect(asked('force=0').question?.force).toBe(false);
  });
});

describe('what is wrong with it', () => {
  test.each([
    ['from=tomorrow', 'from'],
    ['from=2024-02-30', 'from'],
    ['from=2024-01-02&to=2024-01-01', 'to'],
    ['keys=2024-13', 'keys'],
    ['keys=2031-*', 'keys'],
    ['seasons=2023-25', 'seasons'],
    ['limit=-3', 'limit'],
    ['limit=1.5', 'limit'],
  ])('%s is said at its field, and nothing is asked', (query, field) => {
    const {question, mistakes} = asked(query);
    expect(question).toBeUndefined();
    expect(Object.keys(mistakes)).toEqual([field]);
  });
});

test('a plan that overrides what was decided asks why', () => {
  expect(needsReason(schema.parse({}))).toBe(false);
  for (const flag of ['force', 'prune', 'allowProtected', 'ignoreGate'])
    expect(needsReason(schema.parse({[flag]: true}))).toBe(true);
});
