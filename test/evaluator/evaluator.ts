/**
 * Google's reference evaluator of GoogleSQL as a process of our own: analyzes a query and runs it over tables in memory.
 * It does not install it (install.ts), and knows none of BigQuery's limits: no jobs, no partitions, no DML.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {createRequire} from 'node:module';
import {createServer} from 'node:net';
import path from 'node:path';
import type {ColumnType} from '../../planner/pipeline.ts';
import type {BigqueryParameters} from '../../runner/bigquery-parameters.ts';
import {functionsOf} from '../../runner/functions.ts';
import type {QueryResult, Value} from '../../runner/warehouse.ts';
import {customFunctions} from './custom-functions.ts';
import {cellOf, parameterOf, plainCell, TYPE_KINDS} from './google-value.ts';
import {packageIn, programIn} from './install.ts';

/** A relation that a query can read. */
export interface EvaluatorTable {
  readonly name: string;
  readonly columns: readonly {readonly name: string; readonly type: ColumnType}[];
  readonly rows: readonly (readonly Value[])[];
}

type Message = Readonly<Record<string, unknown>>;
type Call = (
  request: Message,
  answer: (error: (Error & {details?: string}) | null, value: Message) => void,
) => void;

interface Service {
  waitForReady(deadline: number, ready: (error?: Error) => void): void;
  close(): void;
}

/** GoogleSQL refused the text, or failed while it ran. */
export class EvaluatorError extends Error {}

const READY_MS = 20_000;

export class Evaluator {
  private readonly child: ChildProcess;
  private readonly service: Service;
  private language: Message = {};

  private constructor(child: ChildProcess, service: Service) {
    this.child = child;
    this.service = service;
  }

  /** Starts the one that is installed in a folder. */
  static async start(folder: string): Promise<Evaluator> {
    const port = await freePort();
    const child = spawn(programIn(folder), ['localhost', String(port)], {stdio: 'ignore'});
    const evaluator = new Evaluator(child, connect(folder, port));
    try {
      await evaluator.ready();
    } catch (error) {
      evaluator.close();
      throw error;
    }
    const all = await evaluator.call('GetLanguageOptions', {maximumFeatures: true});
    // As BigQuery: its types alone, and QUALIFY is a word of the language.
    evaluator.language = {...all, productMode: 'PRODUCT_EXTERNAL', reservedKeywords: ['QUALIFY']};
    return evaluator;
  }

  private async ready(): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.service.waitForReady(Date.now() + READY_MS, error => (error ? reject(error) : resolve())),
    );
  }

  /** Rows of one SELECT, with the function library in scope. Throws an EvaluatorError with line and column. */
  async run(
    sql: string,
    tables: readonly EvaluatorTable[],
    parameters: BigqueryParameters = {},
  ): Promise<QueryResult> {
    const bound = Object.entries(parameters).map(([name, value]) => ({name, ...parameterOf(value)}));
    const answer = await this.call('EvaluateQuery', {
      sql,
      params: bound.map(({name, value}) => ({name, value})),
      options: {
        queryParameters: bound.map(({name, type}) => ({name, type})),
        languageOptions: this.language,
        defaultTimezone: 'UTC',
        errorMessageMode: 'ERROR_MESSAGE_ONE_LINE',
        enabledRewrites: [
          'REWRITE_INLINE_SQL_FUNCTIONS',
          'REWRITE_BUILTIN_FUNCTION_INLINER',
          'REWRITE_LIKE_ANY_ALL',
          'REWRITE_PIVOT',
          'REWRITE_UNPIVOT',
        ],
      },
      simpleCatalog: {
        name: 'gameplan',
        builtinFunctionOptions: {languageOptions: this.language},
        customFunction: customFunctions(functionsOf('bigquery')),
        table: tables.map(({name, columns}) => ({
          name,
          column: columns.map(column => ({name: column.name, type: {typeKind: TYPE_KINDS[column.type]}})),
        })),
      },
      tableContent: Object.fromEntries(
        tables.map(({name, columns, rows}) => [
          name,
          {
            tableData: {
              row: rows.map(row => ({cell: columns.map(({type}, i) => cellOf(row[i] ?? null, type))})),
            },
          },
        ]),
      ),
    });
    return readAnswer(answer);
  }

  close(): void {
    this.service.close();
    this.child.kill('SIGKILL');
  }

  private async call(method: string, request: Message): Promise<Message> {
    // The service has a method of each name in its description, which no type knows.
    const calls = this.service as unknown as Record<string, Call>;
    return await new Promise((resolve, reject) => {
      calls[method]?.bind(this.service)(request, (error, value) => {
        if (error === null) resolve(value);
        else reject(new EvaluatorError(error.details ?? error.message));
      });
    });
  }
}

function readAnswer(answer: Message): QueryResult {
  // The form that the service's description gives its answer.
  const {content, prepared} = answer as {
    content: {tableData: {row: readonly {cell: readonly Message[]}[]}};
    prepared: {columns: readonly {name: string}[]};
  };
  return {
    columns: prepared.columns.map(({name}) => name),
    rows: content.tableData.row.map(({cell}) => cell.map(plainCell)),
  };
}

/** The modules of the evaluator's own folder: they are no dependency of the project. */
function connect(folder: string, port: number): Service {
  const load = createRequire(path.join(folder, 'node_modules', 'from-here.js'));
  const grpc = load('@grpc/grpc-js');
  const {loadSync} = load('@grpc/proto-loader');
  const description = loadSync('local_service.proto', {
    defaults: true,
    oneofs: true,
    longs: String,
    enums: String,
    includeDirs: [path.join(packageIn(folder), 'protos')],
  });
  const {zetasql} = grpc.loadPackageDefinition(description);
  return new zetasql.local_service.ZetaSqlLocalService(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
    {'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1},
  );
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
