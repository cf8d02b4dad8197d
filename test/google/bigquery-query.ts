/**
 * A query job from its configuration to its statistics
 * (https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationQuery).
 * It does not deal with when it runs (bigquery-jobs.ts).
 */
import {relationOf} from './bigquery-catalog.ts';
import {BigqueryError, notModelled, stopped} from './bigquery-error.ts';
import type {Done, JobConfiguration, JobStatistics, QueryConfiguration} from './bigquery-job.ts';
import {statementsOf, type Token, tokenize} from './bigquery-lexer.ts';
import {destinationOf, type TableReference} from './bigquery-partition.ts';
import {billedBytes, scanOf} from './bigquery-scan.ts';
import {type Outcome, runStatement, statementType} from './bigquery-script.ts';
import {Session} from './bigquery-session.ts';
import type {World} from './bigquery-world.ts';
import {write} from './bigquery-write.ts';

export interface QueryRun {
  readonly configuration: JobConfiguration;
  readonly project: string;
  readonly location: string;
  /** A name of its own for each result. */
  readonly freshRelation: () => string;
  readonly beforeCommit: () => Promise<void>;
  /** Of each statement of a script, as it ends. */
  readonly child: (statistics: JobStatistics, result: Outcome['result']) => void;
  readonly signal: AbortSignal;
}

export async function runQuery(world: World, run: QueryRun): Promise<Done> {
  const {configuration, project, location} = run;
  const query = configuration.query ?? {};
  const text = query.query ?? '';
  if (query.useLegacySql !== false && !/^\s*#standardSQL/i.test(text))
    throw notModelled('legacy SQL: set useLegacySql to false');
  if (query.parameterMode === 'POSITIONAL') throw notModelled('positional parameters');
  world.quotas.checkQuery(text);
  const statements = statementsOf(tokenize(text));
  if (statements.length === 0)
    throw new BigqueryError('invalidQuery', 'Syntax error: Unexpected end of statement at [1:1]');
  const context = {
    query: text,
    location,
    parameters: query.queryParameters ?? [],
    defaultDataset: query.defaultDataset,
    project,
    beforeCommit: run.beforeCommit,
  };
  const session = await Session.open(world, context);
  const interrupt = () => session.connection.interrupt();
  run.signal.addEventListener('abort', interrupt);
  try {
    checkDestination(query, statements);
    return configuration.dryRun === true
      ? await estimate(session, statements)
      : await execute(session, query, statements, run);
  } catch (error) {
    await session.rollback();
    throw run.signal.aborted ? stopped() : error;
  } finally {
    run.signal.removeEventListener('abort', interrupt);
    session.close();
  }
}

/** Functions made before one query do not make it a script. */
function isScript(statements: readonly (readonly Token[])[]): boolean {
  return statements.filter(each => statementType(each) !== 'CREATE_FUNCTION').length > 1;
}

function checkDestination(
  {destinationTable}: QueryConfiguration,
  statements: readonly (readonly Token[])[],
): void {
  if (destinationTable === undefined) return;
  if (isScript(statements))
    throw new BigqueryError('invalid', 'configuration.query.destinationTable cannot be set for scripts');
  if (statementType(statements.at(-1) ?? []) !== 'SELECT')
    throw new BigqueryError(
      'invalidQuery',
      'Cannot set destination table in jobs with DML or DDL statements',
    );
}

/** https://cloud.google.com/bigquery/docs/running-queries#dry-run: nothing is run, and of a script only what can be known. */
async function estimate(session: Session, statements: readonly (readonly Token[])[]): Promise<Done> {
  let schema: {readonly fields: Awaited<ReturnType<Session['describe']>>} | undefined;
  let bytes = 0;
  for (const tokens of statements) {
    const type = statementType(tokens);
    bytes += (await scanOf(session, tokens)).bytes;
    if (type === 'CREATE_FUNCTION') await runStatement(session, tokens, '');
    else if (type === 'SELECT') schema = {fields: await session.describe(session.translate(tokens))};
    else if (/^(?:INSERT|UPDATE|DELETE|MERGE)$/.test(type)) {
      const translated = session.translate(tokens);
      await session.run(`EXPLAIN ${translated.sql}`, translated);
    }
  }
  const statistics = queryStatistics(
    session,
    isScript(statements) ? 'SCRIPT' : statementType(statements.at(-1) ?? []),
    bytes,
    0,
  );
  return {
    statistics: {
      ...statistics,
      query: {...required(statistics.query), ...(schema === undefined ? {} : {schema})},
    },
  };
}

async function execute(
  session: Session,
  query: QueryConfiguration,
  statements: readonly (readonly Token[])[],
  run: QueryRun,
): Promise<Done> {
  const script = isScript(statements);
  let total = 0;
  let billed = 0;
  let last: Outcome | undefined;
  let children = 0;
  for (const tokens of statements) {
    if (run.signal.aborted) throw stopped();
    const {bytes, tables} = await scanOf(session, tokens);
    const ofThis = billedBytes(bytes, tables);
    checkBilled(query, billed + ofThis);
    const outcome = await runStatement(session, tokens, run.freshRelation());
    total += bytes;
    billed += ofThis;
    if (outcome.statementType !== 'CREATE_FUNCTION')
      last =
        outcome.result === undefined && script
          ? {...outcome, ...(last?.result === undefined ? {} : {result: last.result})}
          : outcome;
    if (!script || outcome.statementType === 'CREATE_FUNCTION') continue;
    children += 1;
    run.child(
      withDml(queryStatistics(session, outcome.statementType, bytes, ofThis), outcome),
      outcome.result,
    );
  }
  if (session.inTransaction) await session.rollback();
  const statistics = queryStatistics(session, script ? 'SCRIPT' : (last?.statementType ?? ''), total, billed);
  if (script) return {statistics: {...statistics, numChildJobs: String(children)}, result: last?.result};
  if (query.destinationTable === undefined)
    return {statistics: withDml(statistics, last), result: last?.result};
  return {
    statistics,
    result: await writeResult(session, query, query.destinationTable, required(last?.result), run),
  };
}

async function writeResult(
  session: Session,
  query: QueryConfiguration,
  reference: TableReference,
  result: NonNullable<Outcome['result']>,
  {project, location}: QueryRun,
): Promise<Done['result']> {
  const {timePartitioning, clustering} = query;
  const {table} = await write(session.world, {
    connection: session.connection,
    source: result.relation,
    fields: result.fields,
    destination: destinationOf(reference, project),
    location,
    create: query.createDisposition ?? 'CREATE_IF_NEEDED',
    write: query.writeDisposition ?? 'WRITE_EMPTY',
    schemaUpdateOptions: query.schemaUpdateOptions ?? [],
    body: {
      ...(timePartitioning === undefined ? {} : {timePartitioning}),
      ...(clustering === undefined ? {} : {clustering}),
    },
    isLoad: false,
  });
  await session.connection.run(`DROP TABLE ${result.relation}`);
  return {relation: relationOf(table), fields: result.fields};
}

/** https://cloud.google.com/bigquery/docs/best-practices-costs#limit_query_costs_by_restricting_the_number_of_bytes_billed */
function checkBilled({maximumBytesBilled}: QueryConfiguration, billed: number): void {
  if (maximumBytesBilled === undefined || billed <= Number(maximumBytesBilled)) return;
  throw new BigqueryError(
    'bytesBilledLimitExceeded',
    `Query exceeded limit for bytes billed: ${maximumBytesBilled}. ${billed} or higher required.`,
  );
}

function queryStatistics(session: Session, type: string, bytes: number, billed: number): JobStatistics {
  const referencedTables = [...session.references.values()].map(({dataset, id}) => ({
    projectId: session.context.project,
    datasetId: dataset,
    tableId: id,
  }));
  // Made up: a second of a slot for each 100 MB, and a few milliseconds for any query.
  const totalSlotMs = String(5 + Math.ceil(bytes / 100_000));
  const own = {
    statementType: type,
    totalBytesProcessed: String(bytes),
    totalBytesBilled: String(billed),
    totalSlotMs,
    cacheHit: false,
    billingTier: 1,
    referencedTables,
  };
  return {totalBytesProcessed: String(bytes), totalSlotMs, query: own};
}

function withDml(statistics: JobStatistics, outcome: Outcome | undefined): JobStatistics {
  const {dml} = outcome ?? {};
  if (dml === undefined || statistics.query === undefined) return statistics;
  const rows = Number(dml.insertedRowCount) + Number(dml.deletedRowCount) + Number(dml.updatedRowCount);
  return {...statistics, query: {...statistics.query, numDmlAffectedRows: String(rows), dmlStats: dml}};
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('Internal error: a query without a result.');
  return value;
}
