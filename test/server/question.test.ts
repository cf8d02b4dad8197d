import {expect, test} from 'vitest';
import {commandOf} from '../../server/question.ts';
import {type QuestionBody, question} from '../../server/schema/plan.ts';

const DATES = Array.from({length: 60}, (_, day) =>
  new Date(Date.UTC(2024, 0, 1 + day * 2)).toISOString().slice(0, 10),
);

function command(asked: Partial<QuestionBody>): string {
  return commandOf(question.parse(asked), [{dates: DATES}]);
}

test('selectors and flags are written as they are typed', () => {
  expect(command({})).toBe('gameplan plan');
  expect(command({select: '+stats.* tag:daily', from: '2024-01-05', force: true, limit: 3})).toBe(
    "gameplan plan '+stats.*' tag:daily --from 2024-01-05 --limit 3 --force",
  );
});

test('dates that leave none of the calendar out are a range, in whatever order they are given', () => {
  expect(command({keys: DATES.slice(3, 50).toReversed()})).toBe(
    `gameplan plan --from ${DATES[3]} --to ${DATES[49]}`,
  );
  expect(command({keys: DATES.slice(3, 5)})).toBe(`gameplan plan --dates ${DATES[3]},${DATES[4]}`);
});

test('a range would ask for something else beside other dates, and where orphans are meant', () => {
  const keys = DATES.slice(3, 6);
  const written = `--dates ${keys.join(',')}`;
  expect(command({keys, to: '2024-12-31'})).toBe(`gameplan plan --to 2024-12-31 ${written}`);
  expect(command({keys, prune: true})).toBe(`gameplan plan ${written} --prune`);
  expect(command({keys: ['2023-24', '2024-25', '2025-26']})).toBe(
    'gameplan plan --dates 2023-24,2024-25,2025-26',
  );
});

test('many others are counted and not written out', () => {
  const keys = DATES.filter((_, at) => at !== 7);
  expect(command({select: 'raw.points', keys, missingOnly: true})).toBe(
    "gameplan plan raw.points --dates '<a file with these 59 keys, one a line>' --missing-only",
  );
});
