import fc from 'fast-check';
import {expect, test} from 'vitest';
import {addBilled, expectedBytes, shareBilled} from '../../planner/billed.ts';
import type {AssetName, PartitionKey} from '../../planner/pipeline.ts';
import type {PlannedPartition} from '../../planner/plan.ts';
import type {Action} from '../../planner/state.ts';

test('shares are whole, none is negative, and they add up to the whole', () => {
  const amount = fc.integer({min: 0, max: 5_000_000_000_000});
  const weights = fc.array(fc.integer({min: 0, max: 2_000_000}), {minLength: 1, maxLength: 50});
  fc.assert(
    fc.property(amount, amount, weights, (bytesBilled, slotMs, all) => {
      const shares = shareBilled({bytesBilled, slotMs}, all);
      expect(shares).toHaveLength(all.length);
      for (const share of shares)
        for (const part of [share.bytesBilled, share.slotMs]) {
          expect(Number.isSafeInteger(part)).toBe(true);
          expect(part).toBeGreaterThanOrEqual(0);
        }
      expect(addBilled(shares)).toEqual({bytesBilled, slotMs});
    }),
  );
});

test('shares follow the weights, and are even where nothing weighs anything', () => {
  const whole = {bytesBilled: 1_000, slotMs: 9};
  expect(shareBilled(whole, [1, 3]).map(({bytesBilled}) => bytesBilled)).toEqual([250, 750]);
  expect(shareBilled(whole, [0, 0]).map(({bytesBilled}) => bytesBilled)).toEqual([500, 500]);
  expect(shareBilled(whole, [0, 5, 0]).map(({slotMs}) => slotMs)).toEqual([0, 9, 0]);
});

test('what an engine does not bill adds nothing, and nothing at all is no bill', () => {
  expect(addBilled([undefined, undefined])).toBeUndefined();
  expect(addBilled([undefined, {bytesBilled: 0, slotMs: 0}])).toEqual({bytesBilled: 0, slotMs: 0});
});

function planned(asset: string, action: Action | undefined): PlannedPartition {
  const key = '2024-01-15' as PartitionKey;
  return {asset: asset as AssetName, key, state: 'missing', action, reasons: [], notes: []};
}

test('a plan is expected to be billed what its partitions were before, also those that run only if inputs change', () => {
  const soFar = new Map([['a', {bytesBilled: 1_001, slotMs: 5, attempts: 10}]]);
  const plan = [
    planned('a', 'run'),
    planned('a', 'run-if'),
    planned('a', 'wait'),
    planned('a', undefined),
    planned('never billed', 'run'),
  ];
  expect([...expectedBytes(plan, soFar)]).toEqual([['a', 200]]);
  expect(expectedBytes(plan, new Map()).size).toBe(0);
});
