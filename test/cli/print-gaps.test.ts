import {describe, expect, test} from 'vitest';
import {paintFor} from '../../cli/paint.ts';
import {printGaps} from '../../cli/print-gaps.ts';
import {reportCsv, reportJson} from '../../cli/print-report.ts';
import {coverageLines} from '../../planner/coverage-report.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import {reportMarkdown} from '../../report/coverage-markdown.ts';
import {keyOrderOf} from '../../report/frame-view.ts';
import {type GapFilter, type GapsBy, gapsAsked, gapsJson} from '../../report/gaps.ts';
import {headOf} from '../../report/head.ts';
import {Toy} from '../kit/toy.ts';
import {expectFits, expectGolden} from './golden.ts';

const DATES = ['2023-04-11', '2023-04-12', '2024-01-15', '2024-01-16', '2024-01-17', '2024-01-20'] as const;
const [OLD1, OLD2, DAY1, DAY2, DAY3, DAY4] = DATES;
const GAMES = {
  [OLD1]: ['BOS-LAL #0022200001', 'NYK-MIA #0022200002'],
  [OLD2]: ['SEA-DEN #0022200003'],
  [DAY1]: ['BOS-LAL #0022300001', 'NYK-MIA #0022300002'],
  [DAY2]: ['SEA-DEN #0022300003'],
  [DAY3]: ['SEA-BOS #0022300004'],
  [DAY4]: ['BOS-NYK #0022300005', 'LAL-MIA #0022300006'],
};
const ASSETS = {
  'landing.box': {files: 'assets/box.ts', covers: {}},
  'raw.box': {rows: 'assets/raw.ts', upstream: {box: 'landing.box'}, covers: {column: 'game_id'}},
  'own.form': {upstream: {box: {asset: 'raw.box', window: '2 dates'}}},
  'own.totals': {partition_by: 'season', upstream: {box: 'raw.box'}},
};

/** Every kind of gap: failed, waiting, quarantined, forgotten, without games, signed off, over, void. */
function everyGap(): Toy {
  const signed = {accepted_by: 'ops@example.com', accepted_on: '2024-01-25'};
  const toy = new Toy({
    assets: ASSETS,
    manifest: {
      start: OLD1,
    },
    knownGaps: [
      {asset: 'landing.box', keys: [OLD2], reason: 'No source has this game.', ...signed},
      {
        asset: 'landing.box',
        keys: [DAY4],
        games: ['0022300006'],
        reason: 'Abandoned at half-time.',
        ...signed,
      },
      {asset: 'raw.box', keys: [DAY4], games: ['0022300006'], reason: 'Abandoned at half-time.', ...signed},
      {asset: 'landing.box', keys: [DAY2], reason: 'The site was moving.', ...signed, until: '2024-01-30'},
      {asset: 'landing.box', keys: [DAY1], reason: 'Not there yet.', ...signed},
      {asset: 'raw.box', keys: [DAY1], games: ['0022300001'], reason: 'Not there yet.', ...signed},
    ],
  });
  toy.calendar(GAMES);
  const at = (key: string) => Date.parse(`${key}T12:00:00Z`);
  for (const key of [OLD1, DAY1, DAY4]) toy.touch('landing.box', key, {at: at(key)});
  toy.touch('landing.box', DAY4, {absent: ['0022300006'], at: at(DAY4)});
  toy.touch('landing.box', DAY1, {absent: ['0022300002'], at: at(DAY1)});
  toy.fail('landing.box', DAY3, {error: 'HTTP 500 of https://stats.example.com/box?date=2024-01-17'});
  toy.touch('raw.box', OLD1, {at: at(OLD1)});
  toy.touch('raw.box', DAY1, {absent: ['0022300002'], at: at(DAY1)});
  toy.touch('raw.box', DAY4, {absent: ['0022300006'], at: at(DAY4)});
  toy.touch('own.form', OLD1);
  toy.touch('own.form', OLD2);
  toy.touch('own.form', DAY1);
  toy.forget('own.form', DAY1);
  toy.fail('own.form', DAY2, {quarantined: true, error: 'range(points): 1 of 240 rows'});
  return toy;
}

function found(filter: Partial<GapFilter> = {}) {
  const asked = {olderThan: undefined, standing: undefined, ...filter};
  return gapsAsked(everyGap().frame(), WHOLE_REQUEST, asked);
}

function text(by: GapsBy, width: number, filter: Partial<GapFilter> = {}): string {
  const gaps = found(filter);
  const keyOrder = keyOrderOf(gaps.frame);
  return printGaps({...gaps, by, asked: filter.standing, keyOrder, width, paint: paintFor(false)});
}

describe('gaps as text', () => {
  for (const by of ['asset', 'season', 'cause'] as const) {
    for (const width of [80, 200]) {
      test(`by ${by}, ${width} columns wide`, () => {
        const printed = text(by, width);
        expectGolden(`print/gaps-${by}-${width}.txt`, printed);
        expectFits(printed, width);
      });
    }
  }

  test('acceptances that are void', () => {
    const printed = text('asset', 80, {standing: 'void'});
    expectGolden('print/gaps-void.txt', printed);
    expectFits(printed, 80);
  });

  test('only those of an age, or that are signed off', () => {
    const count = (filter: Partial<GapFilter>) => found(filter).gaps.length;
    const whole = count({});
    expect(count({standing: 'open'}) + count({standing: 'accepted'})).toBe(whole);
    expect(count({olderThan: 14 * 86_400_000})).toBeLessThan(whole);
    expect(text('asset', 80, {olderThan: 10_000 * 86_400_000})).toContain('\nNo gaps.\n');
  });
});

test.each([
  ['md', reportMarkdown],
  ['csv', reportCsv],
  ['json', reportJson],
])('the coverage tracker as %s', (ending, print) => {
  const frame = everyGap().frame();
  const lines = coverageLines(frame, WHOLE_REQUEST);
  for (const {expected, present, accepted, open} of lines) expect(present + accepted + open).toBe(expected);
  expectGolden(`print/coverage.${ending}`, print({head: headOf(frame), now: frame.now, lines}));
});

test('gaps as JSON', () => {
  expectGolden('print/gaps.json', `${JSON.stringify(gapsJson(found()), null, 1)}\n`);
});
