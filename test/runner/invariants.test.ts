/**
 * What must hold on any small pipeline over real tables: the same rows whatever the order, a second run that asks
 * nothing, nothing outside a window. On a failure fast-check prints the seed; `GAMEPLAN_SEED` plays it again.
 */
import fc from 'fast-check';
import {afterEach, expect, test} from 'vitest';
import type {Row} from '../../runner/asset.ts';
import type {Event} from '../../runner/event.ts';
import {at, type Done, listed, manifest, Project, rowsFrom} from '../kit/project.ts';

const NOW = at('2024-06-01T12:00:00Z');
const seed = Number(process.env['GAMEPLAN_SEED'] ?? 20_240_115);
const runs = (usual: number): fc.Parameters<unknown> => ({
  seed,
  numRuns: Math.round(usual * Number(process.env['GAMEPLAN_RUNS'] ?? 1)),
  endOnFailure: true,
});

/** Dates with holes, in two seasons. */
const FIRST = ['2023-04-01', '2023-04-02', '2023-04-05', '2023-04-09'];
const SECOND = ['2023-10-24', '2023-10-25', '2023-10-28', '2023-10-29', '2023-11-02'];
const DATES = [...FIRST, ...SECOND];
const CALENDARS = listed({'2022-23': FIRST, '2023-24': SECOND});

interface EdgeSeed {
  readonly upstream: number;
  readonly window: 'same' | 'days' | 'dates' | 'season to date' | 'all' | 'previous';
  readonly count: number;
  readonly today: boolean;
  readonly crosses: boolean;
  readonly soft: boolean;
}

interface AssetSeed {
  readonly edges: readonly EdgeSeed[];
  readonly batch: number | 'season';
  readonly readsItself: boolean;
  readonly factor: number;
}

const edge: fc.Arbitrary<EdgeSeed> = fc.record({
  upstream: fc.nat({max: 9}),
  window: fc.constantFrom('same', 'days', 'dates', 'season to date', 'all', 'previous'),
  count: fc.integer({min: 1, max: 5}),
  today: fc.boolean(),
  crosses: fc.boolean(),
  soft: fc.boolean(),
});
const pipeline: fc.Arbitrary<readonly AssetSeed[]> = fc.array(
  fc.record({
    edges: fc.array(edge, {minLength: 1, maxLength: 2}),
    batch: fc.constantFrom<number | 'season'>(1, 2, 4, 'season'),
    readsItself: fc.nat({max: 3}).map(number => number === 0),
    factor: fc.integer({min: 1, max: 3}),
  }),
  {minLength: 2, maxLength: 4},
);

let project: Project | undefined;
afterEach(() => project?.remove());

const nameOf = (index: number): string => (index === 0 ? 'raw.base' : `mart.m${index}`);

function windowOf({window, count, today, crosses}: EdgeSeed): object {
  const through = today ? {through: 'today'} : {};
  const crossing = crosses ? {crosses_seasons: true} : {};
  switch (window) {
    case 'same':
      return {};
    case 'days':
    case 'dates':
      return {window: `${count} ${window}`, ...through, ...crossing};
    case 'season to date':
      return {window, ...through};
    case 'previous':
      return {window, ...crossing};
    case 'all':
      return {window, ...through};
  }
}

/** Sums what each edge's window holds, and counts the partitions that it reads. */
function queryOf({edges, readsItself, factor}: AssetSeed, index: number): string {
  const all = [
    ...edges.map((one, i) => ({name: `e${i}`, isSame: one.window === 'same'})),
    ...(readsItself ? [{name: 'own', isSame: false}] : []),
  ];
  const terms = all.map(({name, isSame}) =>
    isSame
      ? `coalesce((SELECT sum(x.value) FROM ${name} AS x WHERE x.game_date = p.game_date), 0)`
      : `coalesce((SELECT sum(x.value) + 100 * count(*) FROM ${name}_window AS w JOIN ${name} AS x ON x.game_date = w.upstream_key WHERE w.key = p.game_date), 0)`,
  );
  return `SELECT p.game_date, (${factor} * (${terms.join(' + ')}) + ${index}) % 1000003 AS value FROM partitions AS p`;
}

/** Keys that read the key before are made one after another. */
function isOneByOne({edges, readsItself}: AssetSeed): boolean {
  return readsItself || edges.some(({window}) => window === 'previous');
}

function assetsOf(seeds: readonly AssetSeed[]) {
  const columns = {game_date: 'date', value: 'int64'};
  const key = ['game_date'];
  const made = seeds.map((one, i) => {
    const upstream = one.edges.map((each, n) => [
      `e${n}`,
      {asset: nameOf(each.upstream % (i + 1)), required: !each.soft, ...windowOf(each)},
    ]);
    const own = one.readsItself ? [['own', {asset: nameOf(i + 1), window: 'previous'}]] : [];
    return [
      nameOf(i + 1),
      {
        sql: `assets/m${i + 1}.sql`,
        columns,
        key,
        ...(isOneByOne(one) ? {} : {batch: one.batch}),
        upstream: Object.fromEntries([...upstream, ...own]),
      },
    ] as const;
  });
  return {'raw.base': {rows: 'assets/base.ts', columns, key, batch: 3}, ...Object.fromEntries(made)};
}

const valueOn = (date: string): number => 1 + DATES.indexOf(date) ** 2;
const base = (change: Readonly<Record<string, number | string>> = {}) =>
  Object.fromEntries(
    DATES.map((date): [string, readonly Row[] | string] => {
      const value = change[date] ?? valueOn(date);
      return [date, typeof value === 'string' ? value : [{game_date: date, value}]];
    }),
  );

/** Builds a project, uses it and takes it away. */
async function withProject<T>(
  seeds: readonly AssetSeed[],
  use: (project: Project) => Promise<T>,
): Promise<T> {
  const files = Object.fromEntries(seeds.map((one, i) => [`assets/m${i + 1}.sql`, queryOf(one, i)]));
  const opened = new Project(
    {
      'pipeline.yaml': manifest({calendars: CALENDARS, assets: assetsOf(seeds)}),
      'assets/base.ts': rowsFrom('base'),
      ...files,
    },
    NOW,
  );
  project = opened;
  opened.data('base', base());
  const result = await use(opened);
  opened.remove();
  return result;
}

async function allRows(opened: Project, seeds: readonly AssetSeed[]): Promise<unknown> {
  const parts = ['raw.base', ...seeds.map((_, i) => nameOf(i + 1))].map(
    name => `SELECT '${name}' AS name, game_date, value FROM ${name}`,
  );
  return await opened.query(`${parts.join(' UNION ALL ')} ORDER BY ALL`);
}

/** Runs until there is nothing to do; what is soft may change when it comes late. */
async function settle(opened: Project): Promise<void> {
  for (let round = 0; round < 20; round++) {
    if ((await opened.materialize()).counts.requested === 0) return;
  }
  throw new Error('It does not come to rest.');
}

/** Counts add up, nothing ends twice, and nothing begins before a planned upstream partition has ended. */
function faultsOf(done: Done): readonly string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const event of done.events) {
    if (event.kind !== 'partition-ended') continue;
    const ref = `${event.asset}@${event.key}`;
    if (seen.has(ref)) faults.push(`${ref} ended twice`);
    seen.add(ref);
  }
  const {requested, ...counts} = done.counts;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (requested !== total) faults.push(`${requested} requested and ${total} ended`);
  return faults;
}

test('all at once, or date by date, or in parts, interrupted and resumed, the rows are the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      pipeline,
      fc.array(fc.nat({max: 8}), {maxLength: 3}),
      fc.nat({max: 12}),
      async (seeds, parts, after) => {
        const atOnce = await withProject(seeds, async opened => {
          const done = await opened.materialize();
          expect(faultsOf(done)).toEqual([]);
          expect(done.errors).toEqual(new Map());
          expect(done.counts.succeeded).toBe(DATES.length * (seeds.length + 1));
          const again = await opened.materialize();
          expect([again.counts.requested, again.warehouseCalls]).toEqual([0, 0]);
          return await allRows(opened, seeds);
        });
        const byDate = await withProject(seeds, async opened => {
          for (const date of DATES) await opened.materialize({range: {keys: [date]}});
          await settle(opened);
          return await allRows(opened, seeds);
        });
        expect(byDate).toEqual(atOnce);
        const inParts = await withProject(seeds, async opened => {
          for (const part of parts) {
            const stop = new AbortController();
            let left = after;
            const onEvent = (event: Event): void => {
              if (event.kind === 'partition-ended' && left-- === 0) stop.abort();
            };
            const select = part % 2 === 0 ? {} : {select: `+${nameOf(1 + (part % seeds.length))}`};
            const done = await opened.materialize({
              ...select,
              stop: stop.signal,
              onEvent,
              range: {from: DATES[part] ?? ''},
            });
            expect(faultsOf(done)).toEqual([]);
          }
          await settle(opened);
          return await allRows(opened, seeds);
        });
        expect(inParts).toEqual(atOnce);
      },
    ),
    runs(2),
  );
});

test('after any correction or failure, the rows come to be those of a pipeline that knew no other', async () => {
  await fc.assert(
    fc.asyncProperty(pipeline, fc.nat({max: 8}), fc.nat({max: 8}), async (seeds, corrected, failing) => {
      const [date = '', down = ''] = [DATES[corrected], DATES[failing]];
      const change = {[date]: 7777};
      const fromNothing = await withProject(seeds, async opened => {
        opened.data('base', base(change));
        await opened.materialize();
        return await allRows(opened, seeds);
      });
      const later = await withProject(seeds, async opened => {
        opened.data('base', base({[down]: 'down'}));
        const first = await opened.materialize();
        expect(faultsOf(first)).toEqual([]);
        expect(first.outcomes.get(`raw.base@${down}`)).toBe('failed');
        opened.data('base', base(change));
        await opened.materialize({select: 'raw.base', range: {keys: [date]}, force: true});
        await settle(opened);
        return await allRows(opened, seeds);
      });
      expect(later).toEqual(fromNothing);
    }),
    runs(3),
  );
});

test('a correction makes again only what comes after it in some window, and a comment nothing', async () => {
  await fc.assert(
    fc.asyncProperty(pipeline, fc.nat({max: 8}), async (seeds, corrected) => {
      await withProject(seeds, async opened => {
        await opened.materialize();
        seeds.forEach((one, i) => {
          opened.write(
            `assets/m${i + 1}.sql`,
            `-- said again\n${queryOf(one, i).replace('SELECT p', 'select   p')}`,
          );
        });
        expect((await opened.materialize()).counts.requested).toBe(0);
        const before = await opened.query('SELECT * FROM mart.m1 ORDER BY ALL');
        const date = DATES[corrected] ?? '';
        opened.data('base', base({[date]: 4242}));
        await opened.materialize({select: 'raw.base', range: {keys: [date]}, force: true});
        const done = await opened.materialize();
        expect(faultsOf(done)).toEqual([]);
        // Windows look back: nothing before the corrected date may be touched.
        expect([...done.outcomes.keys()].filter(ref => ref.slice(-10) < date)).toEqual([]);
        // Rows that are others now were made in this run.
        const after = await opened.query('SELECT * FROM mart.m1 ORDER BY ALL');
        after.forEach((row, i) => {
          if (row[1] !== before[i]?.[1]) expect(done.outcomes.get(`mart.m1@${row[0]}`)).toBe('succeeded');
        });
        expect((await opened.materialize()).counts.requested).toBe(0);
      });
    }),
    runs(2),
  );
});

test('a changed query makes that asset again, and what reads it where its rows change', async () => {
  await fc.assert(
    fc.asyncProperty(pipeline, async seeds => {
      await withProject(seeds, async opened => {
        await opened.materialize();
        const [first, ...rest] = seeds;
        if (first === undefined) return;
        opened.write('assets/m1.sql', queryOf(first, 0).replace('% 1000003', '% (1000003 + 0)'));
        const same = await opened.materialize();
        expect(same.counts).toMatchObject({unchanged: DATES.length, succeeded: 0, failed: 0});
        const changed = [{...first, factor: first.factor + 1}, ...rest];
        opened.write('assets/m1.sql', `${queryOf({...first, factor: first.factor + 1}, 5)}`);
        await settle(opened);
        const rows = await allRows(opened, seeds);
        const fresh = await withProject(changed, async other => {
          other.write('assets/m1.sql', `${queryOf({...first, factor: first.factor + 1}, 5)}`);
          await other.materialize();
          return await allRows(other, changed);
        });
        expect(rows).toEqual(fresh);
      });
    }),
    runs(2),
  );
});
