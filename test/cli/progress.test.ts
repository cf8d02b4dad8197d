import {describe, expect, test} from 'vitest';
import {eventJson, summaryJson} from '../../cli/events-json.ts';
import {paintFor} from '../../cli/paint.ts';
import {type ProgressView, printEnd, printFrame, printTick} from '../../cli/print-progress.ts';
import {ProgressReader} from '../../cli/progress.ts';
import {watchAsJson, watchOnTerminal, watchQuietly} from '../../cli/watch.ts';
import {causeOf} from '../../planner/alike.ts';
import type {Outcome} from '../../planner/ledger.ts';
import type {Reason} from '../../planner/reason.ts';
import type {Event, OutcomeCounts} from '../../runner/event.ts';
import {expectFits, expectGolden} from './golden.ts';
import {dates, keyOrder} from './sample-plan.ts';

const start = Date.parse('2026-07-22T13:00:00Z');

function ended(
  asset: string,
  key: string,
  outcome: Outcome,
  rest: {error?: string; reasons?: readonly Reason[]; warnings?: readonly string[]; at?: number} = {},
): Event {
  return {
    kind: 'partition-ended',
    at: start + (rest.at ?? 0),
    asset,
    key,
    outcome,
    rows: null,
    durationMs: 12,
    error: rest.error ?? null,
    reasons: rest.reasons ?? [],
    warnings: rest.warnings ?? [],
  };
}

const begun: Event = {
  kind: 'run-started',
  at: start,
  run: 'r-17',
  pipeline: 'nba',
  target: 'local',
  requested: 120,
};
const keys = dates.slice(0, 40);

/** Forty dates of two assets: four fetches fail for one cause, one date is quarantined, what reads them is passed over. */
const events: readonly Event[] = [
  begun,
  {kind: 'batch-started', at: start, asset: 'landing.boxscores', keys},
  ...keys.map((key, index) =>
    index >= 10 && index < 14
      ? ended('landing.boxscores', key, 'failed', {
          at: index * 100,
          error: `http://127.0.0.1:8899/boxscores?date=${key} answered HTTP 503 three times`,
        })
      : ended('landing.boxscores', key, 'succeeded', {at: index * 100}),
  ),
  {kind: 'batch-started', at: start + 4000, asset: 'raw.boxscores', keys: keys.slice(0, 10)},
  ...keys.slice(0, 9).map(key => ended('raw.boxscores', key, 'succeeded', {at: 4000})),
  ended('raw.boxscores', keys[9] ?? '', 'quarantined', {
    at: 4500,
    error: 'range(points): 3 rows have points outside 0 to 110',
    warnings: ['sql(points_add_up): 2 rows are wrong'],
  }),
  ...keys.slice(10, 14).map(key =>
    ended('raw.boxscores', key, 'skipped', {
      at: 4600,
      reasons: [{kind: 'upstream-failed', upstream: `landing.boxscores@${key}`, count: 1}],
    }),
  ),
  {kind: 'batch-started', at: start + 5000, asset: 'raw.boxscores', keys: keys.slice(14, 34)},
  {
    kind: 'retrying',
    at: start + 5500,
    asset: 'raw.boxscores',
    key: keys[14] ?? '',
    attempt: 2,
    error: 'the file is locked',
    waitMs: 500,
  },
];

const counts: OutcomeCounts = {
  requested: 54,
  succeeded: 45,
  unchanged: 0,
  'not-needed': 0,
  failed: 4,
  quarantined: 1,
  skipped: 4,
  cancelled: 0,
};
const end: Event = {kind: 'run-ended', at: start + 6000, run: 'r-17', counts, durationMs: 6000};

function viewAfter(read: readonly Event[], now: number, width: number): ProgressView {
  const reader = new ProgressReader();
  for (const event of read) reader.read(event);
  return {
    progress: reader.progressAt(start + now),
    keyOrder,
    width,
    paint: paintFor(false),
    now: start + now,
  };
}

describe('a run while it goes on', () => {
  for (const width of [80, 200]) {
    test(`on a terminal ${width} columns wide`, () => {
      const text = `${printFrame(viewAfter(events, 6000, width)).join('\n')}\n`;
      expectGolden(`print/progress-frame-${width}.txt`, text);
      expectFits(text, width);
    });
  }

  test('without a terminal it is one line', () => {
    expect(printTick(viewAfter(events, 6000, 120))).toBe(
      '6.0 s · 54/120 · 45% · 9.0/s · ETA 7.3 s · 5 failed · at work: raw.boxscores',
    );
  });

  test('during one long batch the line says what is at work and since when, and promises no end', () => {
    const long = viewAfter(
      [begun, {kind: 'batch-started', at: start, asset: 'raw.boxscores', keys}],
      61_000,
      120,
    );
    expect(printTick(long)).toBe(
      '1 min 1 s · 0/120 · 0% · 1 min 1 s · at work: raw.boxscores (for 1 min 1 s)',
    );
  });

  test('after many quick ones a slow one makes the end no nearer and no nonsense', () => {
    const quick = Array.from({length: 100}, (_, i) =>
      ended('raw.boxscores', dates[i] ?? '', 'unchanged', {at: i * 10}),
    );
    const slow: Event = {
      kind: 'batch-started',
      at: start + 1_000,
      asset: 'raw.boxscores',
      keys: keys.slice(0, 20),
    };
    const said = [2, 5, 10, 14, 20, 60, 600].map(seconds =>
      printTick(viewAfter([begun, ...quick, slow], seconds * 1_000, 200)),
    );
    const ends = said.map(line => /ETA ([^·]+) ·/.exec(line)?.[1]?.trim());
    // The longer nothing ends, the later it is.
    expect(ends).toEqual(['400 ms', '1.0 s', '2.0 s', '2.8 s', '4.0 s', '12.0 s', '2 min 0 s']);
    expect(said.join()).not.toMatch(/Infinity|NaN|-\d/);
  });

  test('more to do than was known moves the end, and less does not make it negative', () => {
    const tenth = keys
      .slice(0, 12)
      .map((key, i) => ended('raw.boxscores', key, 'succeeded', {at: 1_000 + i * 100}));
    const eta = (requested: number): string | undefined => {
      const line = printTick(
        viewAfter([begun, ...tenth, {kind: 'replanned', at: start, requested}], 3_000, 200),
      );
      return /ETA ([^·]+)/.exec(line)?.[1]?.trim();
    };
    const over = viewAfter([begun, ...tenth, {kind: 'replanned', at: start, requested: 5}], 3_000, 80);
    expect(printFrame(over)[0]).toContain('100%');
    expect([eta(120), eta(1_200), eta(5)]).toEqual(['27.0 s', '4 min 57 s', undefined]);
  });

  test('at its very start nothing is divided by nothing', () => {
    expect(printTick(viewAfter([{...begun, requested: 0}], 0, 120))).toBe('0 ms · 0/0 · 100% · 0 ms');
  });

  test('a failure whose cause is new is told at once, and the same cause of other dates is not', () => {
    const written: string[] = [];
    const watcher = watchQuietly({
      keyOrder,
      rank: () => 0,
      paint: paintFor(false),
      write: text => written.push(text),
      width: () => 120,
      now: () => start,
      retry: {again: 'gameplan materialize'},
    });
    for (const event of events) watcher.emit(event);
    expect(written).toEqual([
      `failed landing.boxscores@${keys[10]}: http://127.0.0.1:8899/boxscores?date=${keys[10]} answered HTTP 503 three times\n`,
      `quarantined raw.boxscores@${keys[9]}: range(points): 3 rows have points outside 0 to 110\n`,
    ]);
    watcher.end();
  });

  test('at its end assets stand in the order of the pipeline', () => {
    const written: string[] = [];
    const watcher = watchQuietly({
      keyOrder,
      rank: asset => (asset.startsWith('raw.') ? 0 : 1),
      paint: paintFor(false),
      write: text => written.push(text),
      width: () => 120,
      now: () => start,
      retry: {again: 'gameplan materialize'},
    });
    for (const event of [...events, end]) watcher.emit(event);
    watcher.end();
    const told = [...(written.at(-1) ?? '').matchAll(/^(?:failed |quarantined |skipped )?(\w+)\.\w+ /gm)];
    expect(told.map(([, group]) => group)).toEqual(['raw', 'landing', 'raw', 'landing', 'raw']);
  });

  test('a frame clears the one before it', () => {
    const written: string[] = [];
    const watcher = watchOnTerminal({
      keyOrder,
      rank: () => 0,
      paint: paintFor(false),
      write: text => written.push(text),
      width: () => 120,
      now: () => start + 6000,
      retry: {again: 'gameplan materialize'},
    });
    for (const event of [...events, end]) watcher.emit(event);
    watcher.end();
    expect(written[0]).toMatch(/^failed landing/);
    expect(written.at(-1)?.startsWith('\u001b[1A\u001b[J')).toBe(true);
  });
});

describe('the end of a run', () => {
  for (const width of [80, 200]) {
    test(`names every cause once and how to go on, ${width} columns wide`, () => {
      const text = printEnd({
        ...viewAfter([...events, end], 6000, width),
        retry: {again: 'gameplan materialize --target local'},
      });
      expectGolden(`print/progress-end-${width}.txt`, text);
      expectFits(text, width);
    });
  }

  test('without failures there is nothing to retry', () => {
    const text = printEnd({
      ...viewAfter([begun, ended('raw.games', '2022-04-01', 'unchanged'), end], 6000, 80),
      retry: {again: 'gameplan materialize'},
    });
    expect(text).not.toContain('To go on');
  });

  test('what failed alone is offered only where something failed', () => {
    const retry = {again: 'run it again', ifFailed: ', or with --failed'};
    const interrupted = {kind: 'interrupted', at: start, times: 1} as const;
    const whole = printEnd({...viewAfter([begun, interrupted, end], 6000, 80), retry});
    expect(whole).toMatch(/To go on: run it again\n$/);
    expect(printEnd({...viewAfter([...events, end], 6000, 80), retry})).toMatch(
      /run it again, or\s+with --failed\n$/,
    );
  });
});

describe('a run as JSON lines', () => {
  test('every event is a line and the last line sums up', () => {
    const lines: string[] = [];
    const watcher = watchAsJson(text => lines.push(text));
    for (const event of [...events, end]) watcher.emit(event);
    watcher.end();
    expect(lines).toHaveLength(events.length + 2);
    expect(lines.every(line => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true);
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
      kind: 'summary',
      run: 'r-17',
      ...counts,
      durationMs: 6000,
    });
    expect(lines[0]).toBe(`${eventJson(begun)}\n`);
    expect(lines.at(-1)).toBe(`${summaryJson(end as Extract<Event, {kind: 'run-ended'}>)}\n`); // `end` is that event
  });
});

test('errors that differ in their numbers alone have one cause', () => {
  expect(causeOf('HTTP 500 for 2024-01-15')).toBe(causeOf('HTTP 500 for 2023-11-02'));
  expect(causeOf('HTTP 500')).not.toBe(causeOf('no answer'));
});
