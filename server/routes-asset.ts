/**
 * One asset: its declaration with its query, and how its partitions were made over time.
 * It does not read the warehouse.
 */
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {type OpenAPIHono, z} from '@hono/zod-openapi';
import {durationText} from '../planner/amount.ts';
import {orphansOf} from '../planner/asked.ts';
import {type AssetFrame, trustAt} from '../planner/frame.ts';
import type {Asset} from '../planner/pipeline.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import {readAttemptsOfAsset, readCoverageLog} from '../report/project-ledger.ts';
import {noStates, STATES_ALONE, statusOf} from '../report/status.ts';
import type {View} from './reader.ts';
import {declared, edgeBody} from './routes-pipeline.ts';
import {type AssetPageBody, assetPage, type SeriesBody, series} from './schema/asset.ts';
import {assetIn, newRoutes, reads, type Served} from './serving.ts';

const params = z.object({asset: z.string().max(300)});
const window = z.object({
  from: z.coerce.number().int().min(0).default(0),
  to: z.coerce.number().int().min(0).optional(),
});

export function assetRoutes(served: Served): OpenAPIHono {
  const routes = newRoutes();
  reads(
    routes,
    served,
    {path: '/assets/{asset}', summary: 'one asset', params, body: assetPage},
    (view, asked) => assetBody(served, view, assetIn(view, asked.params.asset)),
  );
  reads(
    routes,
    served,
    {
      path: '/assets/{asset}/series',
      summary: 'its partitions over time, by ordinal from `from` up to `to`',
      params,
      query: window,
      body: series,
    },
    (view, {params: {asset}, query}) => seriesOf(assetIn(view, asset), query),
  );
  return routes;
}

const ATTEMPTS = 200;
const FAILURES = 50;

function assetBody({clock}: Served, view: View, found: AssetFrame): AssetPageBody {
  const {project, planned, ledger} = view;
  const {asset, fingerprint} = found;
  const only = {...planned, request: {...WHOLE_REQUEST, only: new Map([[asset.name, new Set(found.keys)]])}};
  const [status] = [...statusOf(only, STATES_ALONE).groups.values()].flat();
  const {events} = readCoverageLog(
    project,
    {assets: [asset.name], kinds: ['check-failed'], limit: FAILURES},
    clock,
  );
  return {
    ...declared(found),
    sequence: ledger.sequence,
    source: sourceOf(view, asset),
    columns: asset.columns.map(({name, type, unit, description}) => ({
      name,
      type: unit === undefined ? type : `${type} (${unit})`,
      description: description ?? null,
    })),
    key: [...asset.key],
    downstream: [...planned.frame.assets.values()].flatMap(reader =>
      reader.edges.flatMap(({edge, upstream}) =>
        upstream === found ? [edgeBody(edge, reader.asset.name)] : [],
      ),
    ),
    checks: asset.checks.map(({name, severity}) => ({
      name,
      severity,
      failures: events
        .filter(({detail}) => detail.startsWith(`${name}:`))
        .map(({at, key, detail}) => ({at, key, text: detail})),
    })),
    facts: factsOf(asset),
    fingerprint: fingerprint.hash,
    states: {...(status?.states ?? noStates())},
    ...(status?.games === undefined ? {} : {games: {...status.games}}),
    quality: {...(status?.quality ?? {gold: 0, silver: 0, bronze: 0, poor: 0, unusable: 0})},
    orphans: orphansOf(found, WHOLE_REQUEST).map(({key}) => key),
    attempts: readAttemptsOfAsset(project, asset.name, ATTEMPTS, clock).map(
      ({run, key, endedAt, outcome, durationMs, rows}) => ({
        run,
        key,
        at: endedAt,
        outcome,
        durationMs,
        rows: rows ?? null,
      }),
    ),
  };
}

/** The manifest names the file, never the browser. */
function sourceOf({project}: View, {making}: Asset): AssetPageBody['source'] {
  const {sources, root} = project;
  if ('query' in making) {
    const query = sources.queries.get(making.query);
    return query === undefined ? null : {file: query.path, language: 'sql', text: query.text};
  }
  if (!('module' in making)) return null;
  const file = path.resolve(root, making.module);
  // The manifest's mistakes tell of one that is gone; what was last whole is shown on.
  if (!existsSync(file)) return null;
  return {file: making.module, language: 'typescript', text: readFileSync(file, 'utf8')};
}

/** What a reader of the manifest would ask about, beside its edges. */
function factsOf({
  due,
  refresh,
  covers,
  gate,
  batch,
  protect,
  retries,
  timeout,
  start,
  end,
  making,
  cascade,
}: Asset) {
  const facts: [string, string | undefined][] = [
    ['due', dueText(due)],
    ['refreshed', refresh && refreshText(refresh)],
    ['covers', covers && `at least ${Math.round(covers.atLeast * 100)} % of its games, by ${covers.column}`],
    ['gate', gate === undefined ? undefined : `waits where what it needs scores less than ${gate}`],
    ['sources', cascade && `${cascade.sources.map(({name}) => name).join(', then ')} (${cascade.take})`],
    ['from', start],
    ['to', end],
    ['batch', batch.kind === 'season' ? 'a season' : String(batch.count)],
    ['path', 'path' in making ? making.path : undefined],
    ['table', making.kind === 'external-table' ? making.table : undefined],
    ['protected', PROTECTED[protect]],
    ['retries', String(retries)],
    ['timeout', durationText(timeout)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [{name, value}]));
}

const PROTECTED: Readonly<Record<Asset['protect'], string | undefined>> = {
  never: undefined,
  always: 'yes',
  'first start': 'from the first start of its games',
  'last start': 'from the last start of its games',
};

function refreshText({every, until}: NonNullable<Asset['refresh']>): string {
  const end = typeof until === 'string' ? ` until the ${until} of its games` : '';
  return `every ${durationText(every)}${end}`;
}

function dueText(due: Asset['due']): string {
  if (due.kind === 'final') return 'when its games are final';
  if (due.kind === 'scheduled') return 'when its games are scheduled';
  const [hours, minutes] = [Math.floor(due.minute / 60), due.minute % 60].map(each =>
    String(each).padStart(2, '0'),
  );
  const days = Math.abs(due.days);
  const when =
    due.days === 0
      ? 'on its date'
      : `${days} ${days === 1 ? 'day' : 'days'} ${due.days < 0 ? 'before' : 'after'} its date`;
  return `${when}, at ${hours}:${minutes}`;
}

const NONE = -1;
const SEVERAL = -2;

function seriesOf(asset: AssetFrame, {from, to = asset.keys.length}: z.infer<typeof window>): SeriesBody {
  const ordinals: number[] = [];
  for (let at = from; at < Math.min(to, asset.keys.length); at++) ordinals.push(at);
  const {record, row, published} = asset;
  const {score} = asset.quality.scoresOf(asset);
  const column = (values: ArrayLike<number> | undefined) =>
    ordinals.map(at => (published[at] === 1 ? known(values?.[row[at] ?? -1]) : null));
  const names = new Map<string, number>();
  const source = ordinals.map(at => {
    const {sources} = trustAt(asset, at);
    const [first] = sources;
    if (published[at] !== 1 || first === undefined) return NONE;
    if (sources.length > 1) return SEVERAL;
    if (!names.has(first.name)) names.set(first.name, names.size);
    return names.get(first.name) ?? NONE;
  });
  return {
    asset: asset.asset.name,
    from,
    score: ordinals.map(at => known(score[at])),
    found: column(record?.found),
    expected: column(record?.expected),
    rows: column(record?.rows),
    durationMs: column(record?.durationMs),
    publishedAt: column(record?.publishedAt),
    sources: [...names.keys()],
    source,
  };
}

/** -1 stands for "not counted" in the ledger's columns, and NaN for "not published" among scores. */
function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) || value < 0 ? null : value;
}
