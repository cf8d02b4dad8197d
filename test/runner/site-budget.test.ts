/** What a site may be asked within a day: counted in the ledger before it is sent, for all processes, and planned with. */
import {afterEach, describe, expect, test} from 'vitest';
import {makePlan} from '../../planner/make-plan.ts';
import {siteUses} from '../../planner/over-budget.ts';
import {WHOLE_REQUEST} from '../../planner/plan.ts';
import {budgetSentence} from '../../report/budget-text.ts';
import {Answers} from '../kit/answers.ts';
import {at, listed, manifest, Project, tally} from '../kit/project.ts';

const NOON = at('2026-03-01T12:00:00Z');
const OLD = Array.from({length: 12}, (_, i) => `2026-01-${i + 10}`);

/** Asks as often, and with as many credits, as the address says. */
const FETCH = `import type {Files} from 'gameplan';
export const files: Files = async ({partition, site, put}) => {
  for (let n = 1; n <= TIMES; n++) {
    const answer = await site.get(partition.key, {n}, {cost: COST});
    await put(\`\${n}.json\`, answer.bytes);
  }
  return undefined;
};
`;

let project: Project;
let site: Answers;
afterEach(() => {
  project.remove();
  site.close();
});

async function open(
  per_day: unknown,
  {
    dates = OLD,
    times = 1,
    cost = 1,
    answering = () => '{}',
  }: {
    readonly dates?: readonly string[];
    readonly times?: number;
    readonly cost?: number;
    readonly answering?: Parameters<typeof Answers.open>[0];
  } = {},
): Promise<void> {
  site = await Answers.open(answering);
  project = new Project(
    {
      'pipeline.yaml': manifest({
        calendars: listed({'2025-26': dates}),
        sites: {odds: {url: site.url, concurrency: 1, per_day}},
        assets: {
          'landing.lines': {
            files: 'assets/fetch.ts',
            path: 'lines/{game_date}/',
            site: 'odds',
            retries: 2,
            concurrency: 1,
          },
        },
      }),
      'assets/fetch.ts': FETCH.replace('TIMES', `${times}`).replace('COST', `${cost}`),
    },
    NOON,
  );
}

/** What the plan says of the budget, and how many partitions run and are skipped. */
async function planned(): Promise<readonly unknown[]> {
  const target = await project.open();
  const {pipeline, sources, ledger} = target;
  const about = {pipeline, sources, ledger: ledger.snapshot(), now: project.now, request: WHOLE_REQUEST};
  const {plan, frame} = makePlan(about);
  const said = siteUses(frame, plan).map(use => budgetSentence(use, project.now));
  await target.close();
  return [plan.actions.run, plan.actions.skip, ...said];
}

const keysOf = async (): Promise<readonly string[]> =>
  (await project.plan()).partitions.filter(({action}) => action === 'run').map(({key}) => key);

describe('a day of requests', () => {
  test('is planned with, the newest dates first, asked no further, and begins anew', async () => {
    await open(8);
    // A quarter is left to dates from yesterday on.
    expect(await planned()).toEqual([
      6,
      6,
      "Of the day's 8 requests of 'odds' 8 are left, and this takes at least 6; 6 partitions do not fit in. It begins anew in 12 h 0 min.",
    ]);
    expect(await keysOf()).toEqual(OLD.slice(-6));
    const {reasons} = (await project.plan()).partitions[0] ?? {};
    expect(reasons?.at(-1)).toEqual({
      kind: 'over-budget',
      site: 'odds',
      resetsAt: at('2026-03-02T00:00:00Z'),
    });
    expect(tally(await project.materialize())).toEqual({succeeded: 6, skipped: 6});
    expect(site.total).toBe(6);
    // Nothing has failed, and nothing is asked for until tomorrow.
    expect(await planned()).toEqual([
      0,
      6,
      "Of the day's 8 requests of 'odds' 2 are left, and this takes about 0; 6 partitions do not fit in. It begins anew in 12 h 0 min.",
    ]);
    await project.materialize();
    expect(site.total).toBe(6);
    project.now = at('2026-03-02T00:00:00Z');
    expect(tally(await project.materialize())).toEqual({succeeded: 6});
    expect(site.total).toBe(12);
  });

  test('leaves a share to what is of today, whatever a backfill would take', async () => {
    await open({requests: 8, keep: '50%'}, {dates: [...OLD, '2026-02-28']});
    expect(await keysOf()).toEqual([...OLD.slice(-3), '2026-02-28']);
    await project.materialize();
    expect(site.total).toBe(4);
  });

  test('counts every try, also those that are made again', async () => {
    await open(9, {
      answering: ({response, count}) => {
        if (count < 3) response.statusCode = 503;
        return '{}';
      },
      dates: OLD.slice(0, 3),
    });
    // Three tries each, and six may be used for what is old.
    expect(tally(await project.materialize())).toEqual({succeeded: 2, skipped: 1});
    expect(site.total).toBe(6);
    const target = await project.open();
    expect(target.ledger.snapshot().spending).toEqual([
      {site: 'odds', day: '2026-03-01', asset: 'landing.lines', spent: 6, fetches: 2},
    ]);
    await target.close();
    expect((await planned())[2]).toContain('3 are left, and this takes about 0; 1 partition does not fit in');
  });

  test('that is used up amid a fetch leaves it skipped, not failed', async () => {
    await open(10, {times: 4});
    // Nobody knows yet that each takes four.
    expect(tally(await project.materialize())).toEqual({succeeded: 1, skipped: 11});
    expect(site.total).toBe(7);
    const plan = await project.plan();
    expect(plan.partitions.every(({reasons}) => reasons.every(({kind}) => kind !== 'parked'))).toBe(true);
    project.now = at('2026-03-02T00:00:00Z');
    // By now the plan knows: it counts what such a fetch took.
    expect(await keysOf()).toEqual(OLD.slice(-2));
  });
});

describe('a day of credits', () => {
  test('counts what the code says that a request costs', async () => {
    await open({credits: 100}, {cost: 30});
    await project.materialize();
    expect(site.total).toBe(2);
    expect((await planned())[2]).toContain("Of the day's 100 credits of 'odds' 40 are left");
  });

  test('counts what the answer says that it cost, which is known only afterwards', async () => {
    await open(
      {credits: 100, cost_header: 'X-Requests-Last'},
      {
        answering: ({response}) => {
          response.setHeader('x-requests-last', '40');
          return '{}';
        },
      },
    );
    await project.materialize();
    // The second went out while 60 were left of the 75 that old dates may use.
    expect(site.total).toBe(2);
    expect((await planned())[2]).toContain(
      '20 are left, and this takes about 0; 10 partitions do not fit in',
    );
  });

  test('begins anew at its own hour in its own zone', async () => {
    await open({credits: 4, resets: '03:00 America/New_York', keep: '0%'});
    await project.materialize();
    project.now = at('2026-03-02T07:59:59Z');
    expect((await planned()).slice(0, 2)).toEqual([0, 8]);
    project.now = at('2026-03-02T08:00:00Z');
    expect((await planned()).slice(0, 2)).toEqual([4, 4]);
  });

  test('an answer that says nothing of its cost is no gift, and code cannot earn any', async () => {
    await open(
      {credits: 4, keep: '0%', cost_header: 'X-Requests-Last'},
      {
        answering: ({response}) => {
          response.setHeader('x-requests-last', '');
          return '{}';
        },
      },
    );
    await project.materialize();
    expect(site.total).toBe(4);
    project.remove();
    site.close();
    await open({credits: 4, keep: '0%'}, {cost: -100});
    expect(tally(await project.materialize())).toMatchObject({failed: 4});
    expect(site.total).toBe(0);
  });

  test('begins once where its hour comes twice', async () => {
    await open({credits: 4, resets: '01:30 America/New_York', keep: '0%'});
    // 01:30 of summer time; then from 01:00 of winter time on it is the same day still.
    project.now = at('2026-11-01T05:30:00Z');
    await project.materialize();
    expect(site.total).toBe(4);
    project.now = at('2026-11-01T06:10:00Z');
    expect((await planned())[2]).toContain('0 are left');
    await project.materialize();
    expect(site.total).toBe(4);
  });
});
