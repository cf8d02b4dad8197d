import {join} from 'node:path';
import {assert, constantFrom, array as listOf, nat, oneof, property, record, tuple} from 'fast-check';
import {expect, test} from 'vitest';
import type {Ledger} from '../../runner/ledger.ts';
import {openLedger} from '../../runner/ledger-open.ts';
import {fileLedger} from '../../runner/ledger-place.ts';
import {
  asset,
  failed,
  fingerprint,
  hex,
  rowOf,
  spelledOut,
  succeeded,
  temporaryFolder,
  untried,
} from '../runner/ledger-cases.ts';
import {LedgerMirror} from './ledger-mirror.ts';
import {forgotten} from './project.ts';

const place = {
  asset: constantFrom('raw.games', 'raw.players'),
  key: constantFrom('2024-01-15', '2024-01-16', '2024-01-17'),
};
const inputs = {
  fingerprint: constantFrom('f1', 'f2').map(fingerprint),
  digest: constantFrom(hex(1), 'ffffffffffffffff'),
  endedAt: nat(1_000_000),
};
const outcomes = oneof(
  record({
    ...place,
    ...inputs,
    outcome: constantFrom('succeeded' as const, 'unchanged' as const),
    version: constantFrom(hex(0), hex(1), '8000000080000000'),
    rows: nat(100),
    found: constantFrom(null, 4),
    entry: constantFrom(null, hex(9)),
    readAt: nat(50),
    absent: constantFrom([], ['g1', 'g2']),
  }).map(succeeded),
  record({...place, ...inputs, outcome: constantFrom('failed' as const, 'quarantined' as const)}).map(failed),
  record({...place, outcome: constantFrom('skipped' as const, 'not-needed' as const)}).map(untried),
);
const games = listOf(
  tuple(constantFrom('2022-23', '2023-24'), nat(9)).map(([season, n]) => ({
    id: `g${season}${n}`,
    date: `${season.slice(0, 4)}-11-0${(n % 4) + 1}`,
    season,
    teams: ['BOS', `T${n}`],
    status: 'final' as const,
    startsAt: n % 2 === 0 ? n * 1000 : undefined,
  })),
  {maxLength: 8},
).map(all => [...new Map(all.map(game => [game.id, game])).values()]);

const steps = listOf(
  oneof(
    listOf(outcomes, {minLength: 1, maxLength: 6}).map(batch => (ledger: Ledger, mirror: LedgerMirror) => {
      mirror.apply(batch, ledger.recordOutcomes({run: 'r', outcomes: batch}));
    }),
    record(place).map(({asset: name, key}) => (ledger: Ledger, mirror: LedgerMirror) => {
      mirror.forget(asset(name), [key], ledger.recordOutcomes({run: 'r', outcomes: forgotten(name, [key])}));
    }),
    tuple(games, constantFrom('d1', 'd2')).map(
      ([all, definition]) =>
        (ledger: Ledger, mirror: LedgerMirror) => {
          const season = all.filter(game => game.season === '2023-24');
          const update = {name: 'nba', definition, seasons: ['2023-24'], games: season};
          mirror.applyCalendar(update, ledger.recordCalendar(update));
          const whole = {name: 'wnba', definition, seasons: 'all' as const, games: all};
          mirror.applyCalendar(whole, ledger.recordCalendar(whole));
        },
    ),
  ),
  {maxLength: 12},
);

test('after any changes the mirror says what a fresh snapshot says', () => {
  const folder = temporaryFolder();
  let runs = 0;
  void assert(
    property(steps, steps, (before, after) => {
      const ledger = openLedger({place: fileLedger(join(folder, `${runs++}.sqlite`)), now: () => 1});
      try {
        const unused = new LedgerMirror(ledger.snapshot());
        for (const step of before) step(ledger, unused);
        // The second mirror begins from columns that the ledger read, not from nothing.
        const mirror = new LedgerMirror(ledger.snapshot());
        for (const step of after) {
          step(ledger, mirror);
          expect(spelledOut(mirror)).toEqual(spelledOut(ledger.snapshot()));
        }
        for (const name of mirror.assets) {
          const keys = mirror.find(name)?.keys ?? [];
          expect(keys.map(key => mirror.rowOf(name, key))).toEqual(keys.map((_, row) => row));
        }
      } finally {
        ledger.close();
      }
    }),
    {numRuns: 60},
  );
});

test('a mirror leaves the snapshot that it came from alone', () => {
  const ledger = openLedger({place: fileLedger(join(temporaryFolder(), 'ledger.sqlite')), now: () => 1});
  ledger.recordOutcomes({run: 'r', outcomes: [succeeded()]});
  const snapshot = ledger.snapshot();
  ledger.close();
  const before = spelledOut(snapshot);
  const mirror = new LedgerMirror(snapshot);
  mirror.apply([succeeded({version: hex(0xa2)}), succeeded({key: '2024-01-16'})], 7);
  expect(spelledOut(snapshot)).toEqual(before);
  expect(mirror.sequence).toBe(7);
});

test('asking again copies nothing, and a record stays what it was', () => {
  const mirror = new LedgerMirror(openAndRead());
  const games = asset('raw.games');
  mirror.apply([succeeded()], 2);
  const record = mirror.find(games);
  expect(mirror.find(games)).toBe(record);
  mirror.apply([succeeded({version: hex(0xa2)})], 3);
  expect(rowOf(record, '2024-01-15')).toMatchObject({version: hex(0xa1), changedAt: 2});
  expect(rowOf(mirror.find(games), '2024-01-15')).toMatchObject({version: hex(0xa2), changedAt: 3});
});

test('columns grow past their first capacity', () => {
  const mirror = new LedgerMirror(openAndRead());
  for (let day = 0; day < 100; day++) mirror.apply([succeeded({key: `k${day}`, version: hex(day)})], day + 2);
  const record = mirror.find(asset('raw.games'));
  expect(record?.keys).toHaveLength(100);
  expect(record?.version.lo).toEqual(Uint32Array.from({length: 100}, (_, day) => day));
  expect(mirror.rowOf(asset('raw.games'), 'k99')).toBe(99);
  expect(mirror.rowOf(asset('raw.games'), 'k100')).toBeUndefined();
});

function openAndRead() {
  const ledger = openLedger({place: fileLedger(join(temporaryFolder(), 'ledger.sqlite')), now: () => 1});
  try {
    return ledger.snapshot();
  } finally {
    ledger.close();
  }
}
