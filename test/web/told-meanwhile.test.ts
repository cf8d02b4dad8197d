import {expect, test} from 'vitest';
import {ToldMeanwhile} from '../../web/told-meanwhile.ts';

const stripsOf = (...bytes: readonly number[]) => ({
  sequence: 1,
  bytes: new Map([['raw.points', Uint8Array.from(bytes)]]),
});

test('what is told changes the strips that are there', () => {
  const {bytes} = stripsOf(1, 1, 1);
  new ToldMeanwhile().tell(bytes, [
    ['raw.points', [0, 5, 2, 6]],
    ['raw.gone', [0, 1]],
  ]);
  expect([...(bytes.get('raw.points') ?? [])]).toEqual([5, 1, 6]);
});

test('what is told while strips are on their way changes those as well', async () => {
  const told = new ToldMeanwhile();
  const {promise, resolve} = Promise.withResolvers<ReturnType<typeof stripsOf>>();
  const arriving = told.during(() => promise);
  told.tell(undefined, [['raw.points', [1, 7]]]);
  resolve(stripsOf(1, 1, 1));
  expect([...((await arriving).bytes.get('raw.points') ?? [])]).toEqual([1, 7, 1]);
});

test('what was told before they were asked for, or before an answer that failed, does not', async () => {
  const told = new ToldMeanwhile();
  told.tell(undefined, [['raw.points', [0, 7]]]);
  const {promise, reject} = Promise.withResolvers<ReturnType<typeof stripsOf>>();
  const failing = told.during(() => promise);
  told.tell(undefined, [['raw.points', [1, 7]]]);
  reject(new Error('gone'));
  await expect(failing).rejects.toThrow('gone');
  const {bytes} = await told.during(async () => stripsOf(1, 1, 1));
  expect([...(bytes.get('raw.points') ?? [])]).toEqual([1, 1, 1]);
});
