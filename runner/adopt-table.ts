/**
 * Looks at what lies in an asset's table of partitions that nobody published, and judges it by the checks of today.
 * It does not take anything over (adopt.ts).
 */
import type {AssetFrame} from '../planner/frame.ts';
import {PLAIN_TRUST, type Trust} from '../planner/ledger.ts';
import {type Found, type Looked, NOTHING, type Surveying, type Wanted} from './adoption.ts';
import {coverageOf} from './finish.ts';
import {specsOf} from './inputs.ts';
import {auditOf, errorsIn} from './judge-rows.ts';
import {type Audit, type HeldTable, WarehouseError} from './warehouse.ts';
import {tableOf} from './workshop.ts';

/** Partitions that are judged together. */
const TOGETHER = 500;

export async function surveyTable(
  surveying: Surveying,
  asset: AssetFrame,
  wanted: readonly Wanted[],
): Promise<Looked> {
  try {
    const keys = wanted.map(({key}) => key);
    const held = await surveying.warehouse.versions({table: tableOf(asset.asset), keys});
    if (held === undefined) return {...NOTHING, absent: keys};
    const problem = otherTable(asset, held);
    return problem === undefined ? await surveyRows(surveying, asset, wanted, held) : {...NOTHING, problem};
  } catch (error) {
    // What cannot be read in the declared columns is a table of another shape.
    const isOther = error instanceof WarehouseError && (error.kind === 'query' || error.kind === 'statement');
    if (!isOther) throw error;
    const cause = error.message.replace(/\.$/, '');
    const problem = `its table cannot be read as ${asset.asset.name} declares it (${cause}): declare the columns as they are there`;
    return {...NOTHING, problem};
  }
}

/** Why a table is not one that gameplan could have written; undefined where it is. */
function otherTable(
  {asset: {name}}: AssetFrame,
  {absentColumns, otherColumns}: HeldTable,
): string | undefined {
  const listed = (names: readonly string[]): string =>
    `${names.length === 1 ? 'column' : 'columns'} ${names.map(each => `'${each}'`).join(', ')}`;
  if (absentColumns.length > 0)
    return `its table has no ${listed(absentColumns)}: declare the columns of ${name} as they are there, or add what is absent to the table`;
  if (otherColumns.length > 0)
    return `its table has the ${listed(otherColumns)}, not declared by ${name}, and the next publication would drop what is not: declare it, or take it out of the table`;
  return undefined;
}

async function surveyRows(
  surveying: Surveying,
  asset: AssetFrame,
  wanted: readonly Wanted[],
  {partitions}: HeldTable,
): Promise<Looked> {
  const isThere = ({key}: Wanted): boolean => (partitions.get(key)?.rows ?? 0) > 0;
  const there = wanted.filter(isThere);
  const judged: (Wanted & {readonly audit: Audit})[] = [];
  for (let from = 0; from < there.length; from += TOGETHER)
    judged.push(...(await judge(surveying, asset, there.slice(from, from + TOGETHER))));
  const found: Found[] = [];
  const refused: {key: Wanted['key']; because: string}[] = [];
  for (const {audit, ...each} of judged) {
    const errors = errorsIn(audit.violations);
    if (errors !== undefined && !surveying.request.anyway)
      refused.push({key: each.key, because: `${errors}; --anyway takes it over all the same`});
    else found.push({...each, result: resultOf(asset, each, audit), despite: errors});
  }
  return {...NOTHING, found, refused, absent: wanted.filter(each => !isThere(each)).map(({key}) => key)};
}

async function judge(
  {warehouse, sources, clock, frame}: Surveying,
  asset: AssetFrame,
  wanted: readonly Wanted[],
): Promise<readonly (Wanted & {readonly audit: Audit})[]> {
  const ordinals = wanted.map(({ordinal}) => ordinal);
  const staged = await warehouse.stagePublished(specsOf(asset, ordinals));
  try {
    // How old rows were when they were made is not known.
    const checks = asset.asset.checks.filter(({kind}) => kind !== 'freshness');
    const batch = {asset, jobs: wanted};
    const {partitions} = await auditOf({clock, sources, frame}, warehouse, {staged, batch, checks});
    const audits = new Map(partitions.map(audit => [audit.key, audit]));
    return wanted.flatMap(each => {
      const audit = audits.get(each.key);
      return audit === undefined ? [] : [{...each, audit}];
    });
  } finally {
    await warehouse.discard(staged);
  }
}

function resultOf(asset: AssetFrame, {ordinal}: Wanted, audit: Audit): Found['result'] {
  const warned = audit.violations
    .filter(({severity}) => severity === 'warn')
    .map(({check, count, penalty}) => ({check, count, penalty}));
  return {
    outcome: 'succeeded',
    version: audit.version,
    rows: audit.rows,
    coverage: audit.covered === undefined ? undefined : coverageOf(asset, ordinal, new Set(audit.covered)),
    trust: trustOf(asset, warned),
    warnings: [],
  };
}

/** Nobody knows which source rows came from: they count as those of the best, which is asked no more because of them. */
function trustOf({asset: {cascade}}: AssetFrame, warned: Trust['warned']): Trust {
  const [best] = cascade?.sources ?? [];
  return {...PLAIN_TRUST, ...(best === undefined ? {} : {depth: 1, ceiling: best.quality}), warned};
}
