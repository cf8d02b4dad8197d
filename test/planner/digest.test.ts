import {describe, expect, test} from 'vitest';
import {digestsOf} from '../../planner/digest.ts';
import {add, factorOf, hexAt, scramble, type Word, wordFrom} from '../../planner/hash.ts';
import {Toy} from '../kit/toy.ts';
import type {ToyAsset} from '../kit/toy-spec.ts';

const GAMES = Object.fromEntries(
  Array.from({length: 28}, (_, i) => [
    `2024-01-${String(i + 1).padStart(2, '0')}`,
    i % 3 === 0 ? ['BOS-LAL', 'NYK-MIA'] : i % 3 === 1 ? ['BOS-NYK'] : ['LAL-MIA', 'BOS-SEA'],
  ]),
);

function toyOf(edge: Readonly<Record<string, unknown>>): Toy {
  const toy = new Toy({
    assets: {'raw.box': {}, 'own.table': {upstream: {box: {asset: 'raw.box', ...edge}}}},
  });
  toy.calendar(GAMES);
  for (const key of Object.keys(GAMES)) if (!key.endsWith('5')) toy.touch('raw.box', key);
  return toy;
}

/** Digests of all keys, asked for together and one by one. */
function bothWays(toy: Toy): readonly [readonly string[], readonly string[]] {
  const asset = toy.asset('own.table');
  const ordinals = asset.keys.map((_, ordinal) => ordinal);
  const together = digestsOf(asset, ordinals);
  return [
    ordinals.map(ordinal => hexAt(together, ordinal)),
    ordinals.map(ordinal => hexAt(digestsOf(asset, [ordinal]), 0)),
  ];
}

describe('a digest is the same by prefix sums and one by one', () => {
  test.for([
    '4 days',
    '9 dates',
    '3 games per team',
    '5 games per playing team',
    'season to date',
    'previous',
    'all',
  ])('%s', window => {
    const [together, alone] = bothWays(toyOf({window}));
    expect(together).toEqual(alone);
  });

  test('the same key', () => {
    const [together, alone] = bothWays(toyOf({}));
    expect(together).toEqual(alone);
    expect(new Set(together).size).toBe(28);
  });
});

test('what is not there adds nothing: an empty window is as no edge at all', () => {
  const digest = (toy: Toy): string => hexAt(digestsOf(toy.asset('own.table'), [0]), 0);
  const reading = toyOf({window: '3 dates'});
  const alone = new Toy({assets: {'own.table': {}}});
  alone.calendar(GAMES);
  expect(digest(reading)).toBe(digest(alone));
  expect(digest(toyOf({window: '3 dates', through: 'today'}))).not.toBe(digest(alone));
});

test('a date holds its season, and one that reads games or counts them its games too', () => {
  const digest = (own: ToyAsset, games: readonly string[]): string => {
    const toy = new Toy({assets: {'own.table': own}});
    toy.calendar({'2024-01-02': games});
    return hexAt(digestsOf(toy.asset('own.table'), [0]), 0);
  };
  for (const own of [{}, {covers: {column: 'game_id'}}, {rows: 'assets/own.ts'}] satisfies ToyAsset[]) {
    expect(digest(own, ['BOS-LAL #1 @2022-23'])).not.toBe(digest(own, ['BOS-LAL #1']));
    const other = digest(own, ['BOS-LAL #1', 'NYK-MIA #2']);
    expect(other === digest(own, ['BOS-LAL #1'])).toBe(Object.keys(own).length === 0);
  }
});

test('a digest tells edges, keys, teams and versions apart', () => {
  const digest = (edge: string, upstream: Readonly<Record<string, unknown>>, version?: string): string => {
    const toy = new Toy({
      assets: {'raw.box': {}, 'own.table': {upstream: {[edge]: {asset: 'raw.box', ...upstream}}}},
    });
    toy.calendar(GAMES);
    toy.touch('raw.box', '2024-01-02', {version: version ?? '00000000000000aa'});
    return hexAt(digestsOf(toy.asset('own.table'), [2]), 0);
  };
  const all = [
    digest('box', {window: '1 date'}),
    digest('other', {window: '1 date'}),
    digest('box', {window: '1 date'}, '00000000000000ab'),
    digest('box', {window: '1 date'}, 'aa00000000000000'),
    digest('box', {window: '1 game per team'}),
    digest('box', {window: '1 game per playing team'}),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test('two partitions that swap their versions are another input', () => {
  const toy = toyOf({window: '3 dates'});
  const digest = (): string => hexAt(digestsOf(toy.asset('own.table'), [3]), 0);
  toy.touch('raw.box', '2024-01-01', {version: '0000000000000001'});
  toy.touch('raw.box', '2024-01-02', {version: '0000000000000002'});
  const before = digest();
  toy.touch('raw.box', '2024-01-01', {version: '0000000000000002'});
  toy.touch('raw.box', '2024-01-02', {version: '0000000000000001'});
  expect(digest()).not.toBe(before);
});

describe('64-bit numbers', () => {
  const cases = [
    '0000000000000000',
    '00000000ffffffff',
    'ffffffffffffffff',
    '8000000000000001',
    '0123456789abcdef',
  ];
  test('add modulo 2^64', () => {
    for (const a of cases) {
      for (const b of cases) {
        const total: Word = wordFrom(a);
        const {hi, lo} = wordFrom(b);
        add(total, hi, lo);
        const sum = BigInt.asUintN(64, BigInt(`0x${a}`) + BigInt(`0x${b}`));
        expect((BigInt(total.hi) << 32n) | BigInt(total.lo)).toBe(sum);
      }
    }
  });

  test('factors are odd in both halves, and their own for each text', () => {
    const all = Array.from({length: 100}, (_, i) => factorOf(`edge e${i}`));
    for (const {hi, lo} of all) expect([hi & 1, lo & 1]).toEqual([1, 1]);
    expect(new Set(all.map(({hi, lo}) => `${hi}:${lo}`)).size).toBe(100);
  });

  test('every bit of key and version spreads over both halves', () => {
    const out = (hi: number, lo: number, keyLo = 19_000, keyHi = 7): Word => {
      const word: Word = {hi: 0, lo: 0};
      scramble(keyHi, keyLo, hi, lo, word);
      return word;
    };
    const base = out(1, 2);
    for (let bit = 0; bit < 32; bit++) {
      const one = (1 << bit) >>> 0;
      for (const {hi, lo} of [
        out(1 ^ one, 2),
        out(1, 2 ^ one),
        out(1, 2, 19_000 ^ one),
        out(1, 2, 19_000, 7 ^ one),
      ]) {
        expect(countBits(hi ^ base.hi), `bit ${bit}`).toBeGreaterThan(5);
        expect(countBits(lo ^ base.lo), `bit ${bit}`).toBeGreaterThan(5);
      }
    }
  });

  test('terms of neighbours do not meet by chance', () => {
    const seen = new Set<string>();
    const [key, word]: [Word, Word] = [
      {hi: 0, lo: 0},
      {hi: 0, lo: 0},
    ];
    for (let day = 0; day < 200; day++) {
      scramble(0, 0, 0, day, key);
      for (let version = 0; version < 50; version++) {
        scramble(key.hi, key.lo, 0, version, word);
        seen.add(`${word.hi}:${word.lo}`);
      }
    }
    expect(seen.size).toBe(10_000);
  });
});

function countBits(word: number): number {
  return (word >>> 0).toString(2).replaceAll('0', '').length;
}
