/** Which sources of a cascade count: for staleness those used and ranked above, for a plan what may still come. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {allDueLedger} from '../../planner/all-due.ts';
import {classify} from '../../planner/classify.ts';
import {frameOf, stateAt} from '../../planner/frame.ts';
import {PLAIN_TRUST, type Trust} from '../../planner/ledger.ts';
import {name, Toy} from '../kit/toy.ts';

const DAY = '2024-01-15';
const SOURCES = ['nba', 'bdl', 'espn'] as const;
const DAY_MS = 86_400_000;
const taken = (depth: number): Trust => ({
  ...PLAIN_TRUST,
  depth,
  sources: [{name: SOURCES[depth - 1] ?? '', games: 'all'}],
});

function cascade(more: object = {}): Toy {
  const toy = new Toy({
    assets: {
      'landing.nba': {files: 'assets/nba.ts'},
      'landing.bdl': {files: 'assets/bdl.ts'},
      'landing.board': {files: 'assets/board.ts'},
      'landing.espn': {files: 'assets/espn.ts', upstream: {board: 'landing.board'}},
      'raw.box': {
        rows: 'assets/box.ts',
        covers: {column: 'game_id'},
        sources: SOURCES.map(source => ({name: source, upstream: `landing.${source}`})),
        ...more,
      },
      'mart.sum': {upstream: {box: 'raw.box'}},
    },
  });
  toy.calendar({[DAY]: ['BOS-LAL #1', 'NYK-MIA #2']});
  return toy;
}

const verdicts = (toy: Toy) =>
  ['landing.nba', 'landing.bdl', 'landing.board', 'landing.espn', 'raw.box', 'mart.sum'].map(
    asset => `${asset} ${toy.verdict(asset, DAY)}`,
  );

test('what only lower sources need is on demand, with all that it needs in turn', () => {
  expect(verdicts(cascade())).toEqual([
    'landing.nba missing run: never-materialized',
    'landing.bdl exempt run-if: on-demand, if-source-fails',
    'landing.board exempt run-if: on-demand, if-source-fails',
    'landing.espn exempt run-if: on-demand, if-source-fails',
    'raw.box missing run: never-materialized',
    'mart.sum missing run: never-materialized',
  ]);
});

test('nothing lower is listed where the table is not asked for, and a cascade with nothing to turn to waits', () => {
  const toy = cascade();
  const only = (...assets: string[]) => ({
    selection: [{assets: new Set(assets.map(name)), states: undefined}],
  });
  expect(toy.actions(only('landing.nba', 'landing.bdl'))).toEqual([`run landing.nba@${DAY}`]);
  expect(toy.explain('raw.box', DAY, only('raw.box'))).toMatchObject({
    action: 'wait',
    reasons: [
      {kind: 'never-materialized'},
      {kind: 'upstream-missing', upstream: `landing.nba@${DAY}`, count: 3},
    ],
  });
  toy.touch('landing.espn', DAY);
  expect(toy.verdict('raw.box', DAY, only('raw.box'))).toBe('missing run: never-materialized');
});

test('--force makes what is on demand only where nothing that reads it is asked for', () => {
  const toy = cascade();
  const bdl = {assets: new Set([name('landing.bdl')]), states: undefined};
  expect(toy.verdict('landing.bdl', DAY, {selection: [bdl], force: true})).toBe(
    'exempt run: on-demand, forced',
  );
  expect(toy.verdict('landing.bdl', DAY, {force: true})).toBe('exempt run-if: on-demand, if-source-fails');
});

test('a fresh table asks for no lower source, whatever becomes of them', () => {
  const toy = cascade();
  toy.touch('landing.nba', DAY);
  toy.touch('raw.box', DAY, {trust: taken(1)});
  toy.touch('mart.sum', DAY);
  expect(toy.actions()).toEqual([]);
  toy.touch('landing.bdl', DAY);
  expect(toy.verdict('raw.box', DAY)).toBe('fresh');
  toy.forget('landing.bdl', DAY);
  expect(toy.actions()).toEqual([]);
});

test('a better source that arrives makes stale what was made without it, and is named alone', () => {
  const toy = cascade();
  toy.touch('landing.bdl', DAY);
  toy.touch('raw.box', DAY, {trust: taken(2)});
  toy.touch('landing.espn', DAY);
  expect(toy.verdict('raw.box', DAY)).toMatch(/^fresh/);
  toy.touch('landing.nba', DAY);
  expect(toy.explain('raw.box', DAY)).toMatchObject({
    state: 'stale',
    reasons: [{kind: 'upstream-arrived', upstream: [`landing.nba@${DAY}`], count: 1}],
  });
});

test('a gap asks its sources again every day, also those on demand, and an accepted one does not', () => {
  const toy = cascade();
  for (const source of SOURCES) toy.fail(`landing.${source}`, DAY);
  for (let i = 0; i < 3; i++) toy.fail('raw.box', DAY);
  expect(toy.verdict('landing.bdl', DAY)).toMatch(/^exempt: on-demand/);
  toy.now += DAY_MS;
  expect(toy.verdict('landing.bdl', DAY)).toMatch(/^exempt run: .*better-source/);
  expect(toy.verdict('raw.box', DAY)).toMatch(/^missing run-if/);
  toy.change({
    knownGaps: [
      {asset: 'raw.box', keys: [DAY], reason: 'lost', accepted_by: 'a@b.c', accepted_on: '2024-01-20'},
    ],
  });
  expect(toy.verdict('landing.bdl', DAY)).toMatch(/^exempt: on-demand/);
});

test('what lacks games asks its sources again every day', () => {
  const toy = cascade();
  toy.touch('landing.nba', DAY);
  toy.touch('raw.box', DAY, {absent: ['2'], trust: taken(3)});
  expect(toy.verdict('landing.espn', DAY)).toBe('exempt: on-demand');
  toy.now += DAY_MS;
  expect(toy.verdict('landing.espn', DAY)).toBe('exempt run: on-demand, better-source');
  expect(toy.verdict('landing.board', DAY)).toBe('exempt run: on-demand, if-source-fails');
});

test('where nothing has been made, the best source counts as taken', () => {
  const toy = cascade({covers: undefined});
  const input = {pipeline: toy.pipeline, sources: toy.sources, ledger: toy.ledger, now: toy.now};
  const frame = classify({...input, ledger: allDueLedger(input)});
  const states = ['landing.nba', 'raw.box', 'mart.sum'].map(asset => {
    const found = frameOf(frame, name(asset));
    return stateAt(found, found.ordinalOf.get(DAY) ?? -1);
  });
  expect(states).toEqual(['fresh', 'fresh', 'fresh']);
});

/** Something happens to a source, or the table is made of the first so many. */
const happening = fc.oneof(
  fc.record({kind: fc.constant('source' as const), rank: fc.nat(2), version: fc.nat(3)}),
  fc.record({kind: fc.constant('forget' as const), rank: fc.nat(2)}),
  fc.record({kind: fc.constant('make' as const), depth: fc.integer({min: 1, max: 3})}),
);

test('a table is fresh exactly as long as the sources it used and those above are as they were', () => {
  fc.assert(
    fc.property(fc.array(happening, {maxLength: 30}), events => {
      const toy = cascade();
      const versions = new Map<number, number>();
      const seen = (depth: number): string =>
        JSON.stringify([0, 1, 2].slice(0, depth).map(rank => versions.get(rank) ?? null));
      let made: {depth: number; seen: string} | undefined;
      for (const event of events) {
        if (event.kind === 'make') {
          toy.touch('raw.box', DAY, {trust: taken(event.depth)});
          made = {depth: event.depth, seen: seen(event.depth)};
        } else {
          const source = `landing.${SOURCES[event.rank]}`;
          if (event.kind === 'source') {
            toy.touch(source, DAY, {version: `${event.version}`.padStart(16, 'a')});
            versions.set(event.rank, event.version);
          } else if (versions.delete(event.rank)) toy.forget(source, DAY);
        }
        const expected = made === undefined ? 'missing' : made.seen === seen(made.depth) ? 'fresh' : 'stale';
        expect(toy.explain('raw.box', DAY).state).toBe(expected);
      }
    }),
    {numRuns: 200},
  );
});
