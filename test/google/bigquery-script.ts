/**
 * The statements of a query job, one after another
 * (https://cloud.google.com/bigquery/docs/reference/standard-sql/procedural-language).
 * It does not deal with blocks, loops and procedures; tables are made through the REST interface, but for those AS a query.
 */
import type {Dataset} from './bigquery-catalog.ts';
import {type DmlStats, pathAt, runDml, targetOf} from './bigquery-dml.ts';
import {BigqueryError, notModelled} from './bigquery-error.ts';
import {closing, isSymbol, isWord, splitAtCommas, syntaxError, type Token} from './bigquery-lexer.ts';
import {type Field, quotedName} from './bigquery-schema.ts';
import type {Session} from './bigquery-session.ts';
import {nameOf} from './bigquery-translate.ts';
import {parseType} from './bigquery-types.ts';
import {write} from './bigquery-write.ts';

/** What one statement did. */
export interface Outcome {
  readonly statementType: string;
  /** Of a query: where its rows lie in DuckDB. */
  readonly result?: {readonly relation: string; readonly fields: readonly Field[]};
  readonly dml?: DmlStats;
}

export function statementType(tokens: readonly Token[]): string {
  const [first, second, third, fourth] = tokens;
  if (isWord(first, 'SELECT', 'WITH') || isSymbol(first, '(')) return 'SELECT';
  if (isWord(first, 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'ASSERT', 'DECLARE', 'SET', 'COMMIT', 'ROLLBACK'))
    return first?.value ?? '';
  if (isWord(first, 'BEGIN')) return 'BEGIN';
  if (isWord(first, 'TRUNCATE')) return 'TRUNCATE_TABLE';
  if (isWord(first, 'DROP') && isWord(second, 'TABLE')) return 'DROP_TABLE';
  if (isWord(first, 'CREATE')) {
    const words = [second, third, fourth, tokens[4]];
    if (words.some(word => isWord(word, 'FUNCTION'))) return 'CREATE_FUNCTION';
    if (words.some(word => isWord(word, 'TABLE'))) return 'CREATE_TABLE_AS_SELECT';
  }
  return first?.value ?? '';
}

export async function runStatement(
  session: Session,
  tokens: readonly Token[],
  relation: string,
): Promise<Outcome> {
  const type = statementType(tokens);
  switch (type) {
    case 'SELECT': {
      const fields = await session.materialize(session.translate(tokens), relation);
      return {statementType: type, result: {relation, fields}};
    }
    case 'INSERT':
    case 'UPDATE':
    case 'DELETE':
    case 'MERGE':
    case 'TRUNCATE_TABLE':
      return {statementType: type, dml: await runDml(session, tokens)};
    case 'BEGIN':
      await session.begin();
      return {statementType: 'BEGIN_TRANSACTION'};
    case 'COMMIT':
      await session.commit();
      return {statementType: 'COMMIT_TRANSACTION'};
    case 'ROLLBACK':
      await session.rollback();
      return {statementType: 'ROLLBACK_TRANSACTION'};
    case 'CREATE_FUNCTION':
      await createFunction(session, tokens);
      return {statementType: type};
    case 'CREATE_TABLE_AS_SELECT':
      await createTable(session, tokens, relation);
      return {statementType: type};
    case 'DROP_TABLE':
      await dropTable(session, tokens);
      return {statementType: type};
    case 'ASSERT':
      await assert(session, tokens);
      return {statementType: type};
    case 'DECLARE':
    case 'SET':
      await setVariable(session, tokens);
      return {statementType: type};
    default: {
      const [first] = tokens;
      if (/^(?:CREATE|ALTER|DROP|IF|LOOP|WHILE|REPEAT|FOR|CALL|EXECUTE|EXPORT|LOAD|GRANT|RAISE)$/.test(type))
        throw notModelled(`the statement ${type}`);
      throw syntaxError(
        session.context.query,
        first?.start ?? 0,
        `Unexpected ${first?.kind === 'name' ? `identifier ${JSON.stringify(first.text)}` : JSON.stringify(first?.text)}`,
      );
    }
  }
}

/** `CREATE TEMP FUNCTION f(a INT64, b ANY TYPE) [RETURNS T] AS (expression)`. */
async function createFunction(session: Session, tokens: readonly Token[]): Promise<void> {
  const {query} = session.context;
  const word = tokens.findIndex(token => isWord(token, 'FUNCTION'));
  if (!tokens.slice(0, word).some(token => isWord(token, 'TEMP', 'TEMPORARY')))
    throw notModelled('functions that last');
  const name = tokens[word + 1];
  if (name === undefined) throw syntaxError(query, query.length, 'Unexpected end of script');
  const close = closing(query, tokens, word + 2);
  const variables = new Map<string, string>();
  const parameters = splitAtCommas(tokens, word + 3, close).map(([from]) => {
    const parameter = tokens[from];
    const own = parameter === undefined ? '' : quotedName(nameOf(parameter).toLowerCase());
    const {sql} = parseType(query, tokens, from + 1);
    if (parameter !== undefined)
      variables.set(nameOf(parameter).toUpperCase(), sql === undefined ? own : `CAST(${own} AS ${sql})`);
    return own;
  });
  let at = close + 1;
  let type: string | undefined;
  if (isWord(tokens[at], 'RETURNS')) ({sql: type, next: at} = parseType(query, tokens, at + 1));
  if (!isWord(tokens[at], 'AS') || !isSymbol(tokens[at + 1], '('))
    throw notModelled('functions in other languages than SQL');
  const translated = session.translate(tokens.slice(at + 1), {...session.names(), variables});
  const body = type === undefined ? translated.sql : `CAST(${translated.sql} AS ${type})`;
  const macro = quotedName(nameOf(name).toLowerCase());
  await session.run(`CREATE OR REPLACE TEMP MACRO ${macro}(${parameters.join(', ')}) AS ${body}`, translated);
  session.functions.add(nameOf(name).toUpperCase());
}

/** `CREATE [OR REPLACE] [TEMP] TABLE name AS query`. */
async function createTable(session: Session, tokens: readonly Token[], relation: string): Promise<void> {
  const word = tokens.findIndex(token => isWord(token, 'TABLE'));
  const isTemporary = tokens.slice(0, word).some(token => isWord(token, 'TEMP', 'TEMPORARY'));
  const isReplacing = isWord(tokens[1], 'OR');
  const {path, next} = pathAt(tokens, word + 1);
  if (!isWord(tokens[next], 'AS'))
    throw notModelled('CREATE TABLE but for `CREATE TABLE name AS query`: use tables.insert');
  const fields = await session.materialize(session.translate(tokens.slice(next + 1)), relation);
  if (isTemporary) {
    session.temporary.set((path.at(-1) ?? '').toLowerCase(), relation);
    return;
  }
  if (session.inTransaction)
    throw new BigqueryError(
      'invalidQuery',
      'DDL statements are not supported in a transaction, except for those applied on a temporary table.',
    );
  const {world, context, connection} = session;
  const [table = '', dataset = context.defaultDataset?.datasetId ?? '', project = context.project] =
    path.toReversed();
  await write(world, {
    connection,
    source: relation,
    fields,
    destination: {project, dataset, table, partition: undefined},
    location: context.location,
    create: 'CREATE_IF_NEEDED',
    write: isReplacing ? 'WRITE_TRUNCATE' : 'WRITE_EMPTY',
    schemaUpdateOptions: [],
    body: {},
    isLoad: false,
  });
}

async function dropTable(session: Session, tokens: readonly Token[]): Promise<void> {
  const isLenient = isWord(tokens[2], 'IF');
  const at = isLenient ? 4 : 2;
  const {path} = pathAt(tokens, at);
  if (path.length === 1 && session.temporary.delete((path[0] ?? '').toLowerCase())) return;
  const [table = '', dataset = ''] = path.toReversed();
  const found: Dataset | undefined = session.world.catalog.datasets.get(dataset);
  if (isLenient && found?.tables.has(table) !== true) return;
  await session.world.catalog.dropTable(targetOf(session, tokens.slice(at - 2)));
}

/** `ASSERT condition [AS 'message']`. */
async function assert(session: Session, tokens: readonly Token[]): Promise<void> {
  const as = tokens.findLastIndex(token => isWord(token, 'AS'));
  const hasText = as > 0 && tokens[as + 1]?.kind === 'string' && as + 2 === tokens.length;
  const translated = session.translate(tokens.slice(1, hasText ? as : tokens.length));
  const {rows} = await session.run(`SELECT (${translated.sql}\n)`, translated);
  if (rows[0]?.[0] !== true)
    throw new BigqueryError('invalidQuery', hasText ? (tokens[as + 1]?.value ?? '') : 'Assertion failed');
}

/** `DECLARE a [type] [DEFAULT expression]` and `SET a = expression`. */
async function setVariable(session: Session, tokens: readonly Token[]): Promise<void> {
  const name = tokens[1];
  if (name === undefined)
    throw syntaxError(session.context.query, session.context.query.length, 'Unexpected end of script');
  const isSet = isWord(tokens[0], 'SET');
  const type =
    isSet || isWord(tokens[2], 'DEFAULT')
      ? {sql: undefined, next: 2}
      : parseType(session.context.query, tokens, 2);
  const value = session.translate(tokens.slice(type.next + 1));
  const variable = `bqs_${nameOf(name).toLowerCase()}`;
  const text = value.sql.trim() === '' ? 'NULL' : `(${value.sql}\n)`;
  await session.run(
    `SET VARIABLE ${quotedName(variable)} = ${type.sql === undefined ? text : `CAST(${text} AS ${type.sql})`}`,
    value,
  );
  session.variables.set(nameOf(name).toUpperCase(), `getvariable('${variable}')`);
}
