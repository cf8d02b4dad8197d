import {test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printRestored} from '../../cli/print-restored.ts';
import {dataJson, ledgerJson, printVerifiedData, printVerifiedLedger} from '../../cli/print-verify.ts';
import {jsonText, keyOrderOf} from '../../report/frame-view.ts';
import {headOf} from '../../report/head.ts';
import type {DataDifference, DataFault} from '../../runner/data-fault.ts';
import type {Difference, PublishedAs} from '../../runner/verify-ledger.ts';
import {Toy} from '../kit/toy.ts';
import {expectFits, expectGolden} from './golden.ts';

const DATES = ['2024-01-15', '2024-01-16', '2024-01-17', '2024-01-18', '2024-01-20'] as const;
const LONG = Array.from({length: 30}, (_, i) => `2023-03-${String(i + 1).padStart(2, '0')}`);
const GAMES = Object.fromEntries([...LONG, ...DATES].map(date => [date, ['BOS-LAL']]));

function frameOfToy() {
  const toy = new Toy({
    assets: {
      'landing.box': {files: 'assets/box.ts'},
      'raw.box': {rows: 'assets/raw.ts', upstream: {box: 'landing.box'}, protect: true},
      'own.form': {upstream: {box: {asset: 'raw.box', window: '2 dates'}}},
      'own.totals': {partition_by: 'season', upstream: {box: 'raw.box'}},
    },
    manifest: {start: LONG[0]},
  });
  toy.calendar(GAMES);
  return toy.frame();
}

function viewOf(width: number) {
  const frame = frameOfToy();
  const about = {frame, keyOrder: keyOrderOf(frame), timezone: 'America/New_York', width};
  return {...about, head: headOf(frame), paint: paintFor(false)};
}

const published = (more: Partial<PublishedAs> = {}): PublishedAs => ({
  ...{version: '00000000000000aa', fingerprint: 'f'.repeat(64), digest: '00000000000000bb'},
  ...{rows: 412, expected: -1, found: -1, ...more},
});
const last = {
  kind: 'published',
  run: '20240121-120000-4f2a91',
  at: Date.parse('2024-01-21T12:00:00Z'),
} as const;
const differ = (
  asset: string,
  keys: readonly string[],
  about: Omit<Difference, 'asset' | 'key' | 'last'> & Partial<Pick<Difference, 'last'>>,
): readonly Difference[] => keys.map(key => ({asset, key, last, ...about}));

const VERIFIED = {
  agree: 7412,
  differences: [
    ...differ('landing.box', [DATES[0]], {
      parts: ['published'],
      ledger: published(),
      receipt: undefined,
      last: undefined,
    }),
    ...differ('own.form', DATES.slice(0, 3), {
      ...{parts: ['version', 'rows', 'found', 'fingerprint', 'digest'] as const},
      ...{
        ledger: published({expected: 2, found: 2}),
        receipt: published({
          version: '00000000000000cc',
          rows: 1411,
          found: -1,
          digest: '00000000000000dd',
          fingerprint: 'e'.repeat(64),
        }),
      },
    }),
    ...differ('own.form', [DATES[4]], {parts: ['published'], ledger: undefined, receipt: published()}),
    ...differ('raw.box', LONG, {
      ...{parts: ['published'] as const, ledger: published(), receipt: undefined},
      last: {...last, kind: 'dropped'},
    }),
  ],
  open: DATES.slice(3).map(key => ({asset: 'raw.box', key})),
};

test('differences between ledger and receipts are told by asset, with what both say', () => {
  for (const width of [80, 200]) {
    const text = printVerifiedLedger({...viewOf(width), ...VERIFIED});
    expectFits(text, width);
    expectGolden(`print/verify-${width}.txt`, text);
  }
  expectGolden('print/verify.json', jsonText(ledgerJson(VERIFIED)));
});

const wrong = (asset: string, keys: readonly string[], fault: DataFault): readonly DataDifference[] =>
  keys.map(key => ({asset, key, fault}));
const VERIFIED_DATA = {
  agree: 1,
  differences: [
    ...wrong('landing.box', [DATES[0], DATES[1]], {
      kind: 'object-changed',
      object: 'box/2024-01-15/20240116T090000000Z-4f2a9100/answer.json',
    }),
    ...wrong('landing.box', [DATES[2]], {
      kind: 'object-gone',
      object: 'box/2024-01-17/20240118T090000000Z-4f2a9100/answer.json',
    }),
    ...wrong('old.box', [DATES[0]], {kind: 'not-judged'}),
    ...wrong('own.form', [DATES[0]], {kind: 'rows-changed', receipt: 12, held: 12}),
    ...wrong('own.form', [DATES[1]], {kind: 'rows-changed', receipt: 12, held: 1}),
    ...wrong('own.form', LONG, {kind: 'columns-gone', columns: ['points', 'minutes']}),
    ...wrong('own.form', ['2024-01-19'], {kind: 'rows-undeclared', held: 3}),
    ...wrong('own.totals', ['2021-22'], {kind: 'rows-changed', receipt: 12, held: 13}),
    ...wrong('own.totals', ['2022-23'], {kind: 'table-gone'}),
    ...wrong('raw.box', LONG, {kind: 'rows-changed', receipt: 12, held: 1300}),
  ],
  damaged: [
    {
      path: 'box/2024-01-20/',
      message: `The manifest 'manifest.json' is damaged. Remove its folder and fetch that partition again.`,
    },
  ],
};

test('differences between receipts and data are told by asset, each with the command that mends it', () => {
  for (const width of [80, 200]) {
    const text = printVerifiedData({...viewOf(width), ...VERIFIED_DATA});
    expectFits(text, width);
    expectGolden(`print/verify-data-${width}.txt`, text);
  }
  expectGolden('print/verify-data.json', jsonText(dataJson(VERIFIED_DATA)));
});

test('what a rebuilt ledger will hold is told before it is written, with what is lost', () => {
  const counts = {
    ...{assets: 12, published: 7412, withdrawn: 3, games: {nba: 1230}},
    ...{goneTables: ['own.form'], damaged: ['box/2024-01-20/']},
    unread: [{calendar: 'wnba', error: "calendar 'wnba', game '1' on '2024-01-15': the status is 'x'."}],
  };
  const text = printRestored(counts, frameOfToy().pipeline, 80);
  expectFits(text, 80);
  expectGolden('print/ledger-rebuild.txt', text);
});
