import {readFileSync} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {Served, until} from './served.ts';

const DAY = '2024-01-16';
const POINTS = `raw.points@${DAY}`;

let served: Served;
beforeAll(async () => {
  served = await new Served().open();
  for (const day of [DAY, '2024-01-18']) served.project.write(`fail-${day}`, '');
  served.command('materialize');
});
afterAll(() => served.remove());

const known = () => {
  try {
    return readFileSync(path.join(served.project.root, 'known-gaps.yaml'), 'utf8');
  } catch {
    return '';
  }
};
const events = () => served.ledger(ledger => ledger.events({kinds: ['gap-accepted', 'gap-reopened']}));
const lastRun = () => served.ledger(ledger => ledger.runs(1)[0]);

describe('what the page does is on record', () => {
  test('a gap is accepted and reopened, each with who and why', async () => {
    const reason = 'The source lost that day.\nNobody has its rows.';
    const {status, body} = await served.post('/gaps/accept', {
      partitions: POINTS,
      reason,
      by: 'bo',
      until: '2099-01-01',
    });
    expect([status, body.text]).toEqual([200, expect.stringContaining(POINTS.split('@')[0] ?? '')]);
    expect(known()).toContain('reason: The source lost that day. Nobody has its rows.');
    expect(known()).toContain('accepted_by: bo');
    const again = await served.post('/gaps/reopen', {partitions: POINTS, reason: 'it came after all'});
    expect(again.status).toBe(200);
    expect(events().map(({kind, key, detail}) => [kind, key, detail])).toEqual([
      ['gap-reopened', DAY, 'ada: it came after all'],
      ['gap-accepted', DAY, 'bo: The source lost that day. Nobody has its rows'],
    ]);
  });

  test('of several that cannot be signed off each is told in a line of its own', async () => {
    const partitions = 'raw.points@2030-01-01,2030-01-02';
    const {status, body} = await served.post('/gaps/accept', {partitions, reason: 'twice'});
    expect([status, body.details?.split(' cannot be accepted: ').length]).toEqual([409, 3]);
    expect(body.details).not.toContain('error:');
  });

  test('what would follow is told, and nothing is written', async () => {
    const [before, count] = [known(), events().length];
    for (const address of ['/gaps/accept', '/forget']) {
      const partitions = address === '/forget' ? 'raw.points@2024-01-15' : POINTS;
      const {status, body} = await served.post(address, {partitions, reason: 'x', dryRun: true});
      expect(status).toBe(200);
      expect(body.text).not.toBe('');
    }
    expect([known(), events().length]).toEqual([before, count]);
  });

  test('a partition is forgotten by a run of its own', async () => {
    const {status} = await served.post('/forget', {
      partitions: 'raw.points@2024-01-15',
      reason: 'bad feed',
      by: 'bo',
    });
    expect(status).toBe(200);
    expect(lastRun()).toMatchObject({kind: 'forget', by: 'bo', why: 'bad feed', end: {status: 'succeeded'}});
    served.command('materialize', 'raw.points', '--dates', '2024-01-15');
  });

  test('who asked a run to end is on record with the run; one that has ended is said to have', async () => {
    const slow = await new Served().open();
    try {
      slow.project.write(
        'assets/points.ts',
        `export const rows = async ({partition}) => {
          await new Promise(done => setTimeout(done, 1500));
          return [{game_date: partition.key, player: 'ana', points: 1}];
        };\n`,
      );
      const started = await slow.work.startRun(slow.planFile('raw.points'), {});
      const run = 'run' in started ? started.run : '';
      expect(await slow.post(`/runs/${run}/cancel`, {by: 'bo'})).toEqual({
        status: 200,
        body: {run, asked: 1},
      });
      // Pressed twice it is still one asking; the second is asked for by its number.
      expect((await slow.post(`/runs/${run}/cancel`, {asked: 1})).body).toEqual({run, asked: 1});
      expect((await slow.post(`/runs/${run}/cancel`, {asked: 2})).body).toEqual({run, asked: 2});
      await until(() => slow.run(run)?.end, 'its end');
      expect(slow.run(run)).toMatchObject({
        asked: [
          {times: 1, by: 'bo'},
          {times: 2, by: 'ada'},
        ],
        end: {status: 'interrupted'},
      });
      const late = await slow.post(`/runs/${run}/cancel`, {asked: 2});
      expect(late).toEqual({status: 409, body: {error: `Run ${run} has ended already: it was interrupted.`}});
    } finally {
      slow.remove();
    }
  });

  test('of a run that there is not, it is said', async () => {
    expect(await served.post('/runs/20240101-000000-abcdef/cancel', {})).toMatchObject({
      status: 409,
      body: {error: expect.stringContaining("There is no run '20240101-000000-abcdef'")},
    });
  });
});

describe('what only the warehouse can tell', () => {
  test('a few rows of the newest published partition', async () => {
    expect(await served.get('/assets/raw.points/sample?limit=1')).toEqual({
      status: 200,
      body: {columns: ['game_date', 'player', 'points'], rows: [['2024-01-15', 'ana', 15]]},
    });
    expect((await served.get('/assets/raw.points/sample?limit=0')).status).toBe(400);
    expect((await served.get('/assets/raw.points/sample?limit=1;DROP')).status).toBe(400);
  });

  test('rows that checks held back, with what did not hold', async () => {
    const broken = await new Served().open();
    try {
      broken.project.declare('max: 100', 'max: 18');
      broken.command('materialize');
      const {status, body} = await broken.get('/partitions/raw.points/2024-01-18/held');
      expect(status).toBe(200);
      expect(body).toEqual({
        violations: [expect.stringMatching(/^range\(points\): 1 row has points outside 0 to 18/)],
        columns: ['game_date', 'player', 'points'],
        rows: [
          ['2024-01-18', 'ana', 18],
          ['2024-01-18', 'bo', 19],
        ],
        outcome: 'quarantined',
      });
      expect((await broken.get('/partitions/raw.points/2024-01-15/held')).status).toBe(409);
    } finally {
      broken.remove();
    }
  });

  test.each([
    '/assets/raw.nothing/sample',
    '/assets/--help/sample',
    '/assets/raw.points;SELECT%201/sample',
    '/assets/..%2f..%2fpipeline.yaml/sample',
    '/assets/raw.points%00/sample',
    '/assets/__proto__/sample',
    '/partitions/raw.nothing/2024-01-15/held',
    '/partitions/-C/all/held',
  ])('%s is no asset', async address => {
    const {status, body} = await served.get(address);
    expect([status, body.error]).toEqual([404, expect.stringMatching(/^There is no asset '/)]);
  });

  test.each(['--json', '2024-01-15%0a', '2024-01-15%20--csv', "2024-01-15'%20OR%201=1", '*'])(
    'a key %s is none',
    async key => {
      expect((await served.get(`/partitions/raw.points/${key}/held`)).status).toBe(400);
    },
  );
});

describe('nothing of a browser is read as a flag', () => {
  test.each([
    '--dry-run',
    '--by=mallory',
    '-- raw.points@2024-01-15',
    'a\n--dry-run',
    '"; $(touch /tmp/owned) `id` #',
    'a\u001b[2J\0b',
  ])('the reason %j is a reason', async reason => {
    const one = reason.replace('\n', ' ').replaceAll('\0', '·').replaceAll('\u001b', '·');
    for (const address of ['/gaps/accept', '/gaps/reopen']) {
      const {status} = await served.post(address, {partitions: POINTS, reason, by: reason});
      expect([status, events()[0]?.detail]).toEqual([200, `${one}: ${one}`]);
    }
  });

  test.each([
    ['/forget', {partitions: '--help@all', reason: 'x'}],
    ['/forget', {partitions: '-C@all', reason: 'x'}],
    ['/forget', {partitions: 'raw.points@2024-01-15 --allow-protected', reason: 'x'}],
    ['/forget', {partitions: 'raw.points@2024-01-15\n--yes', reason: 'x'}],
    ['/forget', {partitions: 'raw.points', reason: 'x'}],
    ['/forget', {partitions: 'raw.points@2024-01-15', reason: ' '}],
    ['/forget', {partitions: 'raw.points@2024-01-15'}],
    ['/forget', {partitions: 'raw.points@2024-01-15', reason: 'x', allowProtected: true}],
    ['/forget', {partitions: ['raw.points@2024-01-15'], reason: 'x'}],
    ['/gaps/accept', {partitions: POINTS, reason: 'x', until: '--by'}],
    ['/gaps/accept', {partitions: POINTS, reason: 'x', games: ['a,b']}],
    ['/gaps/accept', {partitions: POINTS, reason: 'x', games: ['--yes --x']}],
    ['/gaps/accept', {partitions: POINTS, reason: 'x'.repeat(501)}],
    ['/gaps/accept', {partitions: POINTS, reason: 'x', by: ''}],
    ['/heal', {force: true}],
    ['/heal', []],
    ['/heal', null],
    ['/heal', '{'],
    ['/heal', '{"__proto__": {"by": "x"}, "by": 1}'],
    ['/runs/last --json/cancel', {}],
    ['/runs/..%2f..%2fx/cancel', {}],
    ['/runs/a%0ab/cancel', {}],
  ] as const)('%s with %j is not understood', async (address, body) => {
    const before = served.ledger(ledger => ledger.sequence());
    const {status, body: answer} = await served.post(address, body);
    expect([status, answer.error]).toEqual([400, expect.any(String)]);
    expect(served.ledger(ledger => ledger.sequence())).toBe(before);
  });

  test('an asset that there is not is told before any command is started', async () => {
    const {status, body} = await served.post('/forget', {partitions: 'raw.point@all', reason: 'x'});
    expect([status, body.error]).toEqual([404, expect.stringContaining("Did you mean 'raw.points'?")]);
  });
});

/** Instead of the command line: says what it was started with. */
const ECHO = [
  process.execPath,
  '-e',
  'process.stdout.write(JSON.stringify(process.argv.slice(1)))',
  '--',
] as const;

test('whatever a browser sends, a command is started with flags of its own alone, and one argument behind them', async () => {
  const echo = new Served({self: ECHO, user: undefined});
  const odd = fc.oneof(
    fc.string({unit: 'grapheme'}),
    fc.constantFrom(
      '--yes',
      '--',
      '-C',
      '--manifest=/etc/passwd',
      '\n--x',
      '\0',
      '\u001b[2J',
      '=',
      '--reason=--by=x',
      ' ',
    ),
  );
  const text = fc.array(odd, {minLength: 1, maxLength: 4}).map(parts => parts.join(''));
  const asked = fc.record({partitions: text, reason: text, by: text, dryRun: fc.boolean()});
  const flags = /^(?:-C|--json|--yes|--dry-run|--(?:reason|by)=[^\p{Cc}]*)$/su;
  try {
    await fc.assert(
      fc.asyncProperty(asked, async body => {
        const answers = await Promise.all([
          echo.work.forget(body),
          echo.work.reopenGaps(body),
          echo.work.acceptGaps(body),
        ]);
        for (const answer of answers) {
          // Node itself starts nothing with a NUL in an argument.
          if ('refusal' in answer) {
            expect(body.partitions).toContain('\0');
            continue;
          }
          const args = JSON.parse(answer.text) as string[];
          const end = args.indexOf('--');
          expect(args.slice(end + 1)).toEqual([Buffer.from(body.partitions).toString()]);
          const own = args.slice(0, end).filter(arg => !['forget', 'gaps', 'reopen', 'accept'].includes(arg));
          for (const arg of own.filter(each => each !== echo.project.root)) expect(arg).toMatch(flags);
        }
      }),
      {numRuns: 40},
    );
  } finally {
    echo.remove();
  }
});

test('in read-only mode nothing that changes anything is done', async () => {
  const shown = await new Served({project: ['-C', served.project.root]}, true).open();
  try {
    const before = served.ledger(ledger => ledger.sequence());
    for (const address of ['/heal', '/forget', '/gaps/accept', '/gaps/reopen', '/runs/x/cancel']) {
      const {status, body} = await shown.post(address, {partitions: POINTS, reason: 'x'});
      expect([status, body.error]).toEqual([403, expect.stringContaining('--read-only')]);
    }
    expect(served.ledger(ledger => ledger.sequence())).toBe(before);
    expect((await shown.get('/assets/raw.points/sample')).status).toBe(200);
  } finally {
    shown.remove();
  }
});
