import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {jobId, jobStem, labelValue} from '../../runner/bigquery-job-id.ts';
import {publishStem} from '../../runner/bigquery-publish.ts';

const part = fc.oneof(
  fc.string({unit: fc.constantFrom('a', '_', '-', '.', '1', '2', 'd', '@'), maxLength: 8}),
  fc.string({unit: 'binary', maxLength: 12}),
);
const name = fc.record({asset: part, key: part, step: part, intent: part});

describe('the id of a job', () => {
  test('reads like what it does', () => {
    expect(
      jobId(jobStem({asset: 'raw.player_boxscores', key: '2024-01-15', step: 'publish', intent: 'k3x'}), 1),
    ).toBe('gp--raw-2eplayer_boxscores--2024-2d01-2d15--publish--k3x_1');
  });

  test('is never the same for two names or two attempts', () => {
    fc.assert(
      fc.property(name, name, fc.nat(20), fc.nat(20), (a, b, first, second) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b) && first === second;
        expect(jobId(jobStem(a), first) === jobId(jobStem(b), second)).toBe(isSame);
      }),
      {numRuns: 2000},
    );
  });

  test('that publishes is another one where other datasets are written, though the intent is the same', () => {
    const [one, other] = ['dev_', 'prod_'].map(datasetPrefix =>
      publishStem({project: 'p', datasetPrefix}, 'i'),
    );
    expect(one).not.toBe(other);
  });

  test('has the letters and the length that BigQuery allows', () => {
    // https://cloud.google.com/bigquery/docs/reference/rest/v2/JobReference: "The ID must contain only letters (a-z,
    // A-Z), numbers (0-9), underscores (_), or dashes (-). The maximum length is 1,024 characters."
    fc.assert(
      fc.property(name, fc.nat(99), fc.nat(900), (each, attempt, more) => {
        const id = jobId(jobStem({...each, key: each.key + 'x'.repeat(more)}), attempt);
        expect(id).toMatch(/^[A-Za-z0-9_-]{1,1024}$/);
      }),
    );
  });

  test('of very long names differs by its end, and from every id that is written out', () => {
    const key = 'x'.repeat(2000);
    const long = jobStem({asset: 'a', key: `${key}1`, step: 's', intent: 'i'});
    expect(long).not.toBe(jobStem({asset: 'a', key: `${key}2`, step: 's', intent: 'i'}));
    expect(long.startsWith('gph--')).toBe(true);
    expect(long.length).toBeLessThan(1024);
  });
});

describe('the value of a label', () => {
  // https://cloud.google.com/bigquery/docs/labels-intro#requirements: "Keys and values can contain only lowercase letters,
  // numeric characters, underscores, and dashes", "no longer than 63 characters".
  test('is what it stands for where that may be written', () => {
    expect(labelValue('nba')).toBe('nba');
    expect(labelValue('raw.player_boxscores')).toBe('raw--player_boxscores');
  });

  test('is of the letters and the length that are allowed, and differs where the text does', () => {
    fc.assert(
      fc.property(part, part, (a, b) => {
        expect(labelValue(a)).toMatch(/^[a-z0-9_-]{0,63}$/);
        expect(labelValue(a) === labelValue(b)).toBe(a === b);
      }),
      {numRuns: 2000},
    );
    expect(labelValue('x'.repeat(64))).toHaveLength(63);
  });
});
