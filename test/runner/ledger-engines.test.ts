import {describe, expect, onTestFinished, test} from 'vitest';
import {OUTCOMES, PLAIN_TRUST, type Trust} from '../../planner/ledger.ts';
import type {Ledger} from '../../runner/ledger.ts';
import {openLedger} from '../../runner/ledger-open.ts';
import {describeLedgers} from '../kit/ledgers.ts';
import {forgotten} from '../kit/project.ts';
import {asset, failed, fingerprint, hex, rowOf, spelledOut, succeeded, untried} from './ledger-cases.ts';

describeLedgers(newPlace => {
  const open = (place = newPlace()): Ledger => {
    const ledger = openLedger({place, now: () => 5000});
    onTestFinished(() => ledger.close());
    return ledger;
  };

  const games = asset('raw.games');
  const key = '2024-01-15';
  const counts = {
    requested: 1,
    succeeded: 1,
    unchanged: 0,
    'not-needed': 0,
    failed: 0,
    quarantined: 0,
    skipped: 0,
    cancelled: 0,
  };

  describe('partitions', () => {
    test('a succeeded partition is published with all that it was made from', () => {
      const ledger = open();
      const sequence = ledger.recordOutcomes({
        run: 'r1',
        outcomes: [
          succeeded({
            version: 'ffffffff80000001',
            entry: hex(7),
            expected: 5,
            found: 4,
            absent: ['g9'],
            readAt: 3,
          }),
        ],
      });
      const snapshot = ledger.snapshot();
      expect(snapshot.sequence).toBe(sequence);
      expect(snapshot.assets).toEqual(['raw.games']);
      expect(rowOf(snapshot.find(games), key)).toEqual({
        published: 1,
        version: 'ffffffff80000001',
        digest: hex(0xd1),
        fingerprint: fingerprint('f1'),
        changedAt: sequence,
        arrivedAt: sequence,
        lostAt: 0,
        readAt: 3,
        entry: hex(7),
        rows: 10,
        expected: 5,
        found: 4,
        absent: ['g9'],
        trust: PLAIN_TRUST,
        publishedAt: 2000,
        durationMs: 5,
        triedAt: 2000,
        outcome: OUTCOMES.indexOf('succeeded') + 1,
        failures: 0,
        triedFingerprint: fingerprint('f1'),
        triedDigest: hex(0xd1),
        error: undefined,
      });
    });

    test('one batch gets one sequence, and each batch a higher one', () => {
      const ledger = open();
      const first = ledger.recordOutcomes({
        run: 'r1',
        outcomes: [succeeded(), succeeded({key: '2024-01-16'})],
      });
      const second = ledger.recordOutcomes({run: 'r1', outcomes: [succeeded({key: '2024-01-17'})]});
      expect(second).toBeGreaterThan(first);
      expect([...(ledger.snapshot().find(games)?.arrivedAt ?? [])].sort()).toEqual([first, first, second]);
    });

    test('the same version written again changes nothing that a downstream partition looks at', () => {
      const ledger = open();
      const first = ledger.recordOutcomes({run: 'r1', outcomes: [succeeded()]});
      ledger.recordOutcomes({run: 'r2', outcomes: [succeeded({digest: hex(0xd2), endedAt: 9000})]});
      const row = rowOf(ledger.snapshot().find(games), key);
      expect(row).toMatchObject({changedAt: first, arrivedAt: first, digest: hex(0xd2), publishedAt: 9000});
    });

    test('a new version raises changedAt and leaves arrivedAt', () => {
      const ledger = open();
      const first = ledger.recordOutcomes({run: 'r1', outcomes: [succeeded()]});
      const second = ledger.recordOutcomes({run: 'r2', outcomes: [succeeded({version: hex(0xa2)})]});
      expect(rowOf(ledger.snapshot().find(games), key)).toMatchObject({changedAt: second, arrivedAt: first});
    });

    test('an unchanged partition keeps when it was published and takes the new inputs', () => {
      const ledger = open();
      const first = ledger.recordOutcomes({run: 'r1', outcomes: [succeeded()]});
      ledger.recordOutcomes({
        run: 'r2',
        outcomes: [succeeded({outcome: 'unchanged', digest: hex(0xd2), readAt: 1, endedAt: 9000})],
      });
      expect(rowOf(ledger.snapshot().find(games), key)).toMatchObject({
        changedAt: first,
        publishedAt: 2000,
        triedAt: 9000,
        digest: hex(0xd2),
        readAt: 1,
        outcome: OUTCOMES.indexOf('unchanged') + 1,
      });
    });

    test('a failure leaves the published partition alone and counts only on the same inputs', () => {
      const ledger = open();
      ledger.recordOutcomes({run: 'r1', outcomes: [succeeded()]});
      const again = {digest: hex(0xd2), fingerprint: fingerprint('f2')};
      ledger.recordOutcomes({run: 'r2', outcomes: [failed(again)]});
      ledger.recordOutcomes({
        run: 'r3',
        outcomes: [failed({...again, outcome: 'quarantined', endedAt: 9000})],
      });
      expect(rowOf(ledger.snapshot().find(games), key)).toMatchObject({
        published: 1,
        version: hex(0xa1),
        digest: hex(0xd1),
        fingerprint: fingerprint('f1'),
        failures: 2,
        triedAt: 9000,
        triedDigest: hex(0xd2),
        triedFingerprint: fingerprint('f2'),
        error: 'HTTP 500',
      });
      ledger.recordOutcomes({run: 'r4', outcomes: [failed({...again, digest: hex(0xd3)})]});
      expect(rowOf(ledger.snapshot().find(games), key)).toMatchObject({failures: 1});
      ledger.recordOutcomes({run: 'r5', outcomes: [succeeded({...again})]});
      expect(rowOf(ledger.snapshot().find(games), key)).toMatchObject({failures: 0, error: undefined});
    });

    test('a partition that only failed is not published and has never arrived', () => {
      const ledger = open();
      ledger.recordOutcomes({run: 'r1', outcomes: [failed()]});
      expect(rowOf(ledger.snapshot().find(games), key)).toMatchObject({
        published: 0,
        arrivedAt: 0,
        failures: 1,
      });
      const sequence = ledger.recordOutcomes({run: 'r2', outcomes: [succeeded({version: hex(0)})]});
      expect(rowOf(ledger.snapshot().find(games), key)).toMatchObject({
        published: 1,
        changedAt: sequence,
        arrivedAt: sequence,
      });
    });

    test.each(['skipped', 'cancelled', 'not-needed'] as const)('a %s partition stays as it was', outcome => {
      const ledger = open();
      ledger.recordOutcomes({run: 'r1', outcomes: [failed()]});
      const before = rowOf(ledger.snapshot().find(games), key);
      ledger.recordOutcomes({
        run: 'r2',
        outcomes: [untried({outcome}), untried({outcome, asset: 'raw.other'})],
      });
      const snapshot = ledger.snapshot();
      expect(rowOf(snapshot.find(games), key)).toEqual(before);
      expect(snapshot.find(asset('raw.other'))).toBeUndefined();
      expect(ledger.attempts({asset: 'raw.games', key}, 10).map(each => each.outcome)).toEqual([
        outcome,
        'failed',
      ]);
    });

    test('a forgotten partition is lost until it is published again', () => {
      const ledger = open();
      const first = ledger.recordOutcomes({run: 'r1', outcomes: [succeeded()]});
      const lost = ledger.recordOutcomes({run: 'r1', outcomes: forgotten('raw.games', [key, '2024-01-16'])});
      expect(rowOf(ledger.snapshot().find(games), key)).toMatchObject({published: 0, lostAt: lost});
      expect(ledger.snapshot().find(games)?.keys).toEqual([key]);
      const back = ledger.recordOutcomes({run: 'r2', outcomes: [succeeded()]});
      expect(rowOf(ledger.snapshot().find(games), key)).toMatchObject({
        published: 1,
        lostAt: 0,
        arrivedAt: back,
        changedAt: first,
      });
    });
  });

  describe('runs and intents', () => {
    test('a run is read back with its attempts, and one that was killed has no end', () => {
      const ledger = open();
      const start = {pipeline: 'nba', target: 'local', command: 'materialize'};
      ledger.startRun({...start, id: 'r1', startedAt: 1});
      ledger.startRun({...start, id: 'r2', startedAt: 2});
      const reasons = [{kind: 'never-materialized'}] as const;
      ledger.recordOutcomes({run: 'r1', outcomes: [succeeded({reasons}), failed({key: '2024-01-16'})]});
      ledger.endRun('r1', {endedAt: 9, status: 'failed', counts});
      expect(ledger.runs(10).map(run => [run.id, run.end?.status])).toEqual([
        ['r2', undefined],
        ['r1', 'failed'],
      ]);
      expect(ledger.runs(1)).toHaveLength(1);
      const run = ledger.findRun('r1');
      expect(run?.end).toEqual({endedAt: 9, status: 'failed', counts});
      expect(run?.attempts).toMatchObject([
        {
          key,
          outcome: 'succeeded',
          reasons,
          rows: 10,
          version: hex(0xa1),
          fingerprint: fingerprint('f1').hash,
        },
        {key: '2024-01-16', outcome: 'failed', error: 'HTTP 500', rows: undefined, version: undefined},
      ]);
      expect(ledger.findRun('r3')).toBeUndefined();
    });

    test('an intent is open until its outcomes are recorded, also after a restart', () => {
      const place = newPlace();
      const intent = {
        run: 'r1',
        asset: 'raw.games',
        keys: [key],
        kind: 'rows' as const,
        payload: {digest: 'd'},
      };
      const first = openLedger({place, now: () => 5000});
      for (const id of ['i1', 'i2', 'i3']) first.writeIntents([{...intent, id}]);
      first.recordOutcomes({run: 'r1', outcomes: [succeeded()], intents: ['i2']});
      first.closeIntent('i3');
      first.close();
      expect(open(place).openIntents()).toEqual([{...intent, id: 'i1'}]);
    });

    test('a batch is recorded wholly or not at all', () => {
      const ledger = open();
      ledger.writeIntents([
        {id: 'i1', run: 'r1', asset: 'raw.games', keys: [key], kind: 'rows', payload: null},
      ]);
      const before = spelledOut(ledger.snapshot());
      const broken = {...succeeded({asset: 'raw.late', key: '2024-01-17'}), rows: Number.NaN};
      expect(() =>
        ledger.recordOutcomes({
          run: 'r1',
          outcomes: [succeeded({asset: 'raw.new'}), broken],
          intents: ['i1'],
        }),
      ).toThrow();
      expect(spelledOut(ledger.snapshot())).toEqual(before);
      expect(ledger.openIntents()).toHaveLength(1);
      // Names and fingerprints that were numbered in the lost transaction are numbered anew.
      ledger.recordOutcomes({run: 'r1', outcomes: [succeeded({asset: 'raw.new'})], intents: ['i1']});
      expect(ledger.snapshot().assets).toEqual(['raw.new']);
    });
  });

  describe('calendars', () => {
    const game = (id: string, date: string, season = '2023-24') => ({
      id,
      date,
      season,
      teams: ['BOS', 'NYK'],
      status: 'final' as const,
      startsAt: id === 'g1' ? 1_700_000_000_000 : undefined,
    });

    test('a season is replaced and the others stay', () => {
      const ledger = open();
      const old = game('g0', '2022-11-01', '2022-23');
      ledger.recordCalendar({
        name: 'nba',
        definition: 'd1',
        seasons: 'all',
        games: [game('g9', '2024-01-15'), old],
      });
      const sequence = ledger.recordCalendar({
        name: 'nba',
        definition: 'd2',
        seasons: ['2023-24'],
        games: [game('g2', '2024-01-16'), game('g3', '2024-01-15'), game('g1', '2024-01-15')],
      });
      const snapshot = ledger.snapshot();
      expect(snapshot.sequence).toBe(sequence);
      expect(snapshot.calendars.get('nba')).toEqual({
        name: 'nba',
        definition: 'd2',
        games: [old, game('g1', '2024-01-15'), game('g3', '2024-01-15'), game('g2', '2024-01-16')],
      });
    });

    test('a game that came over from a season that was not read again stands once', () => {
      const ledger = open();
      const update = (season: string, seasons: readonly string[] | 'all') => ({
        name: 'nba',
        definition: 'd1',
        seasons,
        games: [{...game('g1', '2024-01-15'), season}],
      });
      ledger.recordCalendar(update('2022-23', 'all'));
      ledger.recordCalendar(update('2023-24', ['2023-24']));
      expect(ledger.snapshot().calendars.get('nba')?.games).toEqual(update('2023-24', 'all').games);
    });

    test('a calendar is recorded together with the outcomes of its asset', () => {
      const ledger = open();
      const sequence = ledger.recordOutcomes({
        run: 'r1',
        outcomes: [succeeded()],
        calendars: [{name: 'nba', definition: 'd1', seasons: 'all', games: [game('g1', '2024-01-15')]}],
      });
      expect(ledger.snapshot().sequence).toBe(sequence);
      expect(ledger.snapshot().calendars.get('nba')?.games).toHaveLength(1);
    });
  });

  describe('sources', () => {
    const trust: Trust = {
      sources: [
        {name: 'nba', games: ['g1']},
        {name: 'bdl', games: ['g2']},
      ],
      depth: 2,
      ceiling: 85,
      warned: [{check: 'range(points)', count: 3, penalty: 5}],
    };

    test('where rows came from outlives the packed copy and is kept row by row', () => {
      const ledger = open();
      const many = Array.from({length: 2_500}, (_, i) =>
        succeeded({key: `k${i}`, ...(i % 7 === 0 ? {trust} : {})}),
      );
      ledger.recordOutcomes({run: 'r1', outcomes: many});
      ledger.startRun({id: 'r1', pipeline: 'p', target: 't', command: 'c', startedAt: 1});
      ledger.endRun('r1', {endedAt: 2, status: 'succeeded', counts});
      ledger.recordOutcomes({run: 'r2', outcomes: [succeeded({key: 'k1', trust}), succeeded({key: 'k0'})]});
      const record = ledger.snapshot().find(games);
      expect(['k0', 'k1', 'k2', 'k7'].map(key => rowOf(record, key)?.trust)).toEqual([
        PLAIN_TRUST,
        trust,
        PLAIN_TRUST,
        trust,
      ]);
    });

    test('tries and events are appended with the outcomes of a batch and read the newest first', () => {
      const ledger = open();
      const at = {asset: 'raw.games', key: '2024-01-15'};
      const tried = {...at, expected: 15, found: 4, detail: null, durationMs: 3};
      const event = {...at, run: 'r1', game: undefined, source: 'nba', detail: '4 of 15 games'};
      ledger.recordOutcomes({
        run: 'r1',
        outcomes: [succeeded()],
        tries: [
          {...tried, source: 'nba', outcome: 'partial', at: 10},
          {...tried, source: 'bdl', outcome: 'covered', found: 15, at: 11},
        ],
        events: [{...event, kind: 'source-degraded', severity: 'warning', at: 10}],
      });
      ledger.recordEvents([
        {...event, kind: 'gap-accepted', severity: 'info', at: 12, run: undefined, game: 'g1'},
      ]);
      expect(
        ledger.tries(at, 10).map(({source, outcome, found, run}) => [source, outcome, found, run]),
      ).toEqual([
        ['bdl', 'covered', 15, 'r1'],
        ['nba', 'partial', 4, 'r1'],
      ]);
      expect(ledger.events({}).map(({kind, game}) => [kind, game])).toEqual([
        ['gap-accepted', 'g1'],
        ['source-degraded', undefined],
      ]);
      expect(ledger.events({kinds: ['source-degraded'], since: 10, severities: ['warning']})).toEqual([
        {...event, kind: 'source-degraded', severity: 'warning', at: 10},
      ]);
      expect(ledger.events({assets: ['raw.other']})).toEqual([]);
      expect(ledger.events({run: 'r1', game: 'g1'})).toEqual([]);
      expect(ledger.events({limit: 1}).map(({kind}) => kind)).toEqual(['gap-accepted']);
    });
  });

  describe('counts', () => {
    const day = 86_400_000;
    const runOf = (
      ledger: Ledger,
      run: string,
      startedAt: number,
      outcomes: Parameters<Ledger['recordOutcomes']>[0]['outcomes'],
    ) => {
      ledger.startRun({id: run, pipeline: 'p', target: 't', command: 'c', startedAt});
      ledger.recordOutcomes({run, outcomes});
      ledger.endRun(run, {endedAt: startedAt + 1500, status: 'succeeded', counts});
    };
    const sumsOf = (ledger: Ledger) => Object.fromEntries(ledger.measure().counted.sums);

    test('what is counted goes on from an earlier count, and is the same as if it were counted anew', () => {
      const ledger = open();
      runOf(ledger, 'r1', 0, [succeeded({})]);
      const before = ledger.measure();
      expect(before.counted.sums.get('["attempts","raw.games","succeeded"]')).toBe(1);
      runOf(ledger, 'r2', day, [failed({})]);
      const {counted, lastEnds} = ledger.measure(before.counted);
      expect(counted.sums).toEqual(ledger.measure().counted.sums);
      expect(Object.fromEntries(counted.sums)).toMatchObject({
        '["attempts","raw.games","succeeded"]': 1,
        '["attempts","raw.games","failed"]': 1,
        '["runs","run","succeeded"]': 2,
        '["run-ms","run"]': 3000,
        '["run-below","run","1"]': 0,
        '["run-below","run","5"]': 2,
        '["rows","raw.games"]': 10,
      });
      expect(lastEnds).toEqual(new Map([['succeeded', day + 1500]]));
    });

    test('what is deleted is counted on', () => {
      const ledger = open();
      for (let i = 0; i < 3; i++) runOf(ledger, `r${i}`, i * day, [succeeded({})]);
      const [before, earlier] = [sumsOf(ledger), ledger.measure().counted];
      ledger.deleteHistory(2 * day);
      const {'["cleanings"]': cleanings, ...after} = sumsOf(ledger);
      expect(cleanings).toBeGreaterThan(0);
      expect(after).toEqual(before);
      expect(ledger.measure(earlier).counted.sums).toEqual(ledger.measure().counted.sums);
    });
  });
});
