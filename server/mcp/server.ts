/**
 * The server that assistants speak to: tools and resources over one connection, until that is closed. What a tool
 * cannot answer is an answer that says so, and never ends the connection. It listens nowhere (commands/mcp.ts).
 */
import {readFileSync} from 'node:fs';
import type {Readable, Writable} from 'node:stream';
import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js';
import {StdioServerTransport} from '@modelcontextprotocol/sdk/server/stdio.js';
import {z} from 'zod';
import {LedgerError} from '../../runner/ledger-error.ts';
import {Plans} from '../kept-plans.ts';
import {Reader, type ReaderOptions} from '../reader.ts';
import {Work, type WorkOptions} from '../work.ts';
import {type ActOptions, actTools} from './act-tools.ts';
import {Api} from './api.ts';
import {planTools} from './plan-tools.ts';
import {ABOUT_QUOTED} from './quoted.ts';
import {runTools} from './run-tools.ts';
import {stateTools} from './state-tools.ts';
import {bounded, type Tool, ToolRefusal} from './tool.ts';

export interface McpOptions extends ReaderOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly version: string;
  /** To the terminal. */
  readonly complain: (text: string) => void;
  readonly work: Omit<WorkOptions, 'onRunEnded'>;
  /** Undefined: nothing may be changed. */
  readonly actions: {readonly most: number} | undefined;
}

export interface McpServing {
  /** When the other end is gone. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

const INSTRUCTIONS = `gameplan fills tables that are sliced by date; one slice is a partition, written ASSET@KEY, such as raw.games@2024-01-15. Each is in one state: fresh (up to date), missing, partial (lacks games), stale (its definition or what it reads has changed), not-due, exempt (declared not to exist), accepted (missing, and signed off by a person), orphan (declared no more).
To find out why a date is missing: gaps with from and to names what is missing and the cause; explain of one of those partitions says where it begins and what has to happen.
${ABOUT_QUOTED}`;

const ONLY_READS =
  'Nothing can be made or signed off here: for that, the person who started this server starts it with --allow-actions.';

export async function serveMcp(options: McpOptions): Promise<McpServing> {
  const {clock, complain, version, actions, input} = options;
  const reader = new Reader(options);
  const plans = new Plans();
  const work = new Work({...options.work, onRunEnded: () => reader.expire()});
  const {user} = options.work;
  const served = {reader, clock, isReadOnly: actions === undefined, hasLogin: false, user};
  const api = new Api({served, plans, work, complain});
  const server = new McpServer(
    {name: 'gameplan', version},
    {
      instructions: actions === undefined ? `${INSTRUCTIONS}\n${ONLY_READS}` : INSTRUCTIONS,
    },
  );
  const about: ActOptions | undefined =
    actions === undefined ? undefined : {plans, work, user, most: actions.most, acted: () => reader.expire()};
  const tools = [
    ...stateTools(api),
    ...planTools(api),
    ...runTools(api),
    ...(about === undefined ? [] : actTools(about)),
  ];
  for (const tool of tools) addTool(server, tool, complain);
  addManifest(server, options);
  const {promise: closed, resolve} = Promise.withResolvers<void>();
  server.server.onclose = resolve;
  // The transport does not say so by itself.
  input.once('end', () => void server.close());
  input.once('close', () => void server.close());
  await server.connect(new StdioServerTransport(options.input, options.output));
  return {
    closed,
    close: async () => {
      await server.close();
      plans.remove();
      // Else it would be waited for.
      input.destroy();
    },
  };
}

function addTool(server: McpServer, tool: Tool, complain: (text: string) => void): void {
  const {name, title, description, input, output, isAction} = tool;
  const annotations = {
    title,
    readOnlyHint: !isAction,
    destructiveHint: false,
    idempotentHint: !isAction,
    openWorldHint: isAction,
  };
  const about = {title, description, inputSchema: input, outputSchema: output, annotations};
  server.registerTool(name, about, async asked => {
    try {
      const {text, data} = await tool.run(asked, {client: clientOf(server)});
      return {content: [{type: 'text', text: bounded(text)}], structuredContent: {...data}};
    } catch (error) {
      return {content: [{type: 'text', text: bounded(refusalText(error, name, complain))}], isError: true};
    }
  });
}

function clientOf(server: McpServer): string {
  const client = server.server.getClientVersion();
  return client === undefined ? 'an assistant' : `${client.name} ${client.version}`;
}

/** Place, cause and mend; of what nobody reckoned with the terminal is told more. */
function refusalText(error: unknown, name: string, complain: (text: string) => void): string {
  if (error instanceof ToolRefusal || error instanceof LedgerError) return error.message;
  if (error instanceof z.ZodError)
    return error.issues.map(({path, message}) => `${path.join('.')}: ${message}`).join('\n');
  complain(
    `Internal error: ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return `Internal error of the tool ${name}: what the server wrote to its standard error says which.`;
}

const MOST_BYTES = 200_000;

function addManifest(server: McpServer, {manifest}: McpOptions): void {
  const uri = 'gameplan://manifest';
  const about = {
    title: 'The manifest',
    description: 'pipeline.yaml as it lies there: every asset with what it reads.',
    mimeType: 'application/yaml',
  };
  server.registerResource('manifest', uri, about, () => {
    const text = readFileSync(manifest, 'utf8');
    const cut = text.length > MOST_BYTES ? `${text.slice(0, MOST_BYTES)}\n# … cut here.\n` : text;
    return {contents: [{uri, mimeType: 'application/yaml', text: cut}]};
  });
}
