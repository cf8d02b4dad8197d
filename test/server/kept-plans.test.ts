import {afterEach, expect, test} from 'vitest';
import {type Kept, MOST_PARTITIONS, Plans} from '../../server/kept-plans.ts';

const plans = new Plans();
afterEach(() => plans.remove());

/** Only what is looked at when plans are kept. */
function keep(id: string, partitions: number): void {
  plans.keep({body: {id}, partitions: {length: partitions}} as Kept);
}

function kept(...ids: readonly string[]): readonly string[] {
  return ids.filter(id => {
    try {
      return plans.get(id).body.id === id;
    } catch {
      return false;
    }
  });
}

test('the newest twelve are kept; of large ones fewer, and the newest whatever its size', () => {
  const ids = Array.from({length: 14}, (_, at) => `plan-${at}`);
  for (const id of ids) keep(id, 100);
  expect(kept(...ids)).toEqual(ids.slice(2));
  keep('half', MOST_PARTITIONS / 2);
  keep('other half', MOST_PARTITIONS / 2);
  expect(kept(...ids, 'half', 'other half')).toEqual(['half', 'other half']);
  keep('half', MOST_PARTITIONS / 2);
  keep('one', 1);
  expect(kept('half', 'other half', 'one')).toEqual(['half', 'one']);
  keep('all', MOST_PARTITIONS * 2);
  expect(kept('half', 'one', 'all')).toEqual(['all']);
  keep('small', 1);
  expect(kept('all', 'small')).toEqual(['small']);
});
