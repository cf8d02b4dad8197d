import {expect, test} from 'vitest';
import {type CoverageEvent, EVENT_SEVERITY, type EventKind} from '../../planner/coverage-event.ts';
import {nameOf, type PublishedBy, resolutionOf} from '../../planner/resolution.ts';
import {Toy} from '../kit/toy.ts';
import type {ToySpec} from '../kit/toy-spec.ts';

const DAY = '2024-01-15';
const REF = `raw.box@${DAY}`;

function toyOf(more: Partial<ToySpec> = {}): Toy {
  const toy = new Toy({assets: {'raw.box': {covers: {column: 'game_id'}}}, ...more});
  toy.calendar({[DAY]: ['BOS-LAL #1', 'NYK-MIA #2']});
  return toy;
}

function event(kind: EventKind, more: Partial<CoverageEvent> = {}): CoverageEvent {
  return {
    at: 1_000,
    run: 'first',
    asset: 'raw.box',
    key: DAY,
    game: undefined,
    kind,
    severity: EVENT_SEVERITY[kind],
    source: 'nba',
    detail: 'HTTP 500',
    ...more,
  };
}

/** How the first event ended, where others came later and the partition was published by these runs. */
function ended(
  first: CoverageEvent,
  publications: readonly PublishedBy[],
  others: readonly CoverageEvent[] = [],
  toy = toyOf(),
) {
  const happened = new Set([first, ...others].map(each => nameOf(each, each.run)));
  return resolutionOf(toy.frame(), first, {publications: new Map([[REF, publications]]), happened});
}

test('an event is open until the partition is made by another run', () => {
  const error = event('source-error');
  expect(ended(error, [])).toEqual({kind: 'open'});
  expect(ended(error, [{run: 'first', at: 1_500}])).toEqual({kind: 'open'});
  expect(ended(error, [{run: 'before', at: 500}])).toEqual({kind: 'open'});
  expect(ended(error, [{run: 'second', at: 2_000}])).toEqual({kind: 'published', run: 'second', at: 2_000});
});

test('a run in which the same happened again resolves nothing', () => {
  const error = event('source-error');
  const again = event('source-error', {run: 'second', at: 2_000, detail: 'HTTP 503'});
  const publications = [
    {run: 'second', at: 2_000},
    {run: 'third', at: 3_000},
  ];
  expect(ended(error, publications, [again])).toMatchObject({run: 'third'});
  const other = event('source-error', {run: 'second', at: 2_000, source: 'espn'});
  expect(ended(error, publications, [other])).toMatchObject({run: 'second'});
});

test('a game is resolved when it is no longer absent, whatever becomes of the others', () => {
  const first = event('source-degraded', {game: '1', source: undefined});
  const other = event('source-degraded', {game: '2', source: undefined, run: 'second'});
  expect(ended(first, [{run: 'second', at: 2_000}], [other])).toMatchObject({run: 'second'});
  const same = {...other, game: '1'};
  expect(ended(first, [{run: 'second', at: 2_000}], [same])).toEqual({kind: 'open'});
});

test('checks are told apart by their names', () => {
  const first = event('check-failed', {detail: 'range(points): 3 rows', source: undefined});
  const again = event('check-failed', {detail: 'range(points): 2 rows', source: undefined, run: 'second'});
  const other = {...again, detail: 'unique(id): 2 rows'};
  expect(ended(first, [{run: 'second', at: 2_000}], [again])).toEqual({kind: 'open'});
  expect(ended(first, [{run: 'second', at: 2_000}], [other])).toMatchObject({run: 'second'});
});

test('what is signed off is resolved by that, until it ends, and of a game only where it is named', () => {
  const gap = {
    asset: 'raw.box',
    keys: [DAY],
    reason: 'no rows',
    accepted_by: 'a@b.c',
    accepted_on: '2024-01-20',
  };
  const whole = toyOf({knownGaps: [gap]});
  expect(ended(event('source-missing'), [], [], whole)).toMatchObject({
    kind: 'accepted',
    gap: {reason: 'no rows'},
  });
  const one = toyOf({knownGaps: [{...gap, games: ['1']}]});
  const absent = (game: string | undefined) => ended(event('source-degraded', {game}), [], [], one).kind;
  expect([absent('1'), absent('2'), absent(undefined)]).toEqual(['accepted', 'open', 'open']);
  const over = toyOf({knownGaps: [{...gap, until: '2024-01-25'}]});
  expect(ended(event('source-missing'), [], [], over)).toEqual({kind: 'open'});
});

test('what someone did on purpose has nothing to resolve', () => {
  expect(ended(event('gap-accepted'), [])).toEqual({kind: 'noted'});
});

test('an event of an asset that is declared no more stays open', () => {
  expect(ended(event('source-error', {asset: 'raw.gone'}), [])).toEqual({kind: 'open'});
});
