/** `gameplan lsp` as editors meet it: the protocol over the standard input and output of a real process. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {
  CompletionRequest,
  createProtocolConnection,
  DefinitionRequest,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import {ToyProject} from '../cli/command-line.ts';

const bin = fileURLToPath(new URL('../../bin/gameplan.js', import.meta.url));

/** Keeps what it is told of every file, as an editor does. */
class Editor {
  readonly #child: ChildProcess;
  readonly #connection: ProtocolConnection;
  readonly #root: string;
  readonly #told = new Map<string, readonly Diagnostic[]>();
  #version = 1;
  readonly texts = new Map<string, string>();

  private constructor(root: string) {
    this.#root = root;
    // Elsewhere: the editor says which folder it has open.
    this.#child = spawn(process.execPath, [bin, 'lsp', '--stdio'], {cwd: path.dirname(root), stdio: 'pipe'});
    const {stdin, stdout} = this.#child;
    if (stdin === null || stdout === null) throw new Error('it has no pipes');
    this.#connection = createProtocolConnection(
      new StreamMessageReader(stdout),
      new StreamMessageWriter(stdin),
    );
    this.#connection.onNotification(PublishDiagnosticsNotification.type, ({uri, diagnostics}) => {
      this.#told.set(uri, diagnostics);
    });
    this.#connection.listen();
  }

  static async start(root: string): Promise<Editor> {
    const editor = new Editor(root);
    const about = {
      processId: process.pid,
      rootUri: pathToFileURL(root).href,
      capabilities: {},
      workspaceFolders: null,
    };
    await editor.#connection.sendRequest(InitializeRequest.type, about);
    await editor.#connection.sendNotification(InitializedNotification.type, {});
    return editor;
  }

  uri(file: string): string {
    return pathToFileURL(path.join(this.#root, file)).href;
  }

  async open(file: string): Promise<void> {
    const text = readFileSync(path.join(this.#root, file), 'utf8');
    this.texts.set(file, text);
    const textDocument = {uri: this.uri(file), languageId: path.extname(file).slice(1), version: 1, text};
    await this.#connection.sendNotification(DidOpenTextDocumentNotification.type, {textDocument});
  }

  async type(file: string, text: string): Promise<void> {
    this.texts.set(file, text);
    this.#version++;
    const textDocument = {uri: this.uri(file), version: this.#version};
    const change = {textDocument, contentChanges: [{text}]};
    await this.#connection.sendNotification(DidChangeTextDocumentNotification.type, change);
  }

  async save(file: string): Promise<void> {
    const about = {textDocument: {uri: this.uri(file)}};
    await this.#connection.sendNotification(DidSaveTextDocumentNotification.type, about);
  }

  /** Line and code of what a file is told; undefined before the first time. */
  squiggles(file: string): readonly string[] | undefined {
    return this.#told
      .get(this.uri(file))
      ?.map(({range: {start, end}, code}) =>
        [`${start.line}:${start.character}-${end.line}:${end.character}`, code].join(' '),
      );
  }

  /** Of the first place where `text` stands, `into` it. */
  at(file: string, text: string, into = 1): {textDocument: {uri: string}; position: Position} {
    const lines = (this.texts.get(file) ?? '').split('\n');
    const line = lines.findIndex(each => each.includes(text));
    const character = (lines[line] ?? '').indexOf(text) + into;
    return {textDocument: {uri: this.uri(file)}, position: {line, character}};
  }

  async hover(file: string, text: string, into?: number): Promise<string> {
    const found = await this.#connection.sendRequest(HoverRequest.type, this.at(file, text, into));
    const contents = found?.contents;
    return typeof contents === 'object' && 'value' in contents ? contents.value : '';
  }

  async definition(file: string, text: string, into?: number): Promise<unknown> {
    return await this.#connection.sendRequest(DefinitionRequest.type, this.at(file, text, into));
  }

  async complete(file: string, text: string): Promise<readonly string[]> {
    const found = await this.#connection.sendRequest(
      CompletionRequest.type,
      this.at(file, text, text.length),
    );
    return (Array.isArray(found) ? found : (found?.items ?? [])).map(({label}) => label);
  }

  async stop(): Promise<number | null> {
    await this.#connection.sendRequest(ShutdownRequest.type);
    const ended = once(this.#child, 'exit');
    await this.#connection.sendNotification(ExitNotification.type);
    const [code] = (await ended) as [number | null];
    this.#connection.dispose();
    return code;
  }
}

const QUERY = 'assets/totals.sql';
let project: ToyProject;
let editor: Editor;
beforeAll(async () => {
  project = new ToyProject();
  editor = await Editor.start(project.root);
});
afterAll(async () => {
  expect(await editor.stop()).toBe(0);
  project.remove();
});

const soon = {timeout: 10_000, interval: 20};

test('what is wrong with a query is told while it is typed, and taken back when it is mended', async () => {
  const text = readFileSync(path.join(project.root, QUERY), 'utf8');
  await editor.open(QUERY);
  await editor.type(QUERY, `${text.trimEnd()}\nHAVING count(*) > (SELECT 1 FROM piontz)\n`);
  await expect.poll(() => editor.squiggles(QUERY), soon).toEqual(['1:33-1:39 unknown-relation']);
  await editor.type(QUERY, text.replace('sum(points)', 'sum(pionts)'));
  await expect
    .poll(() => editor.squiggles(QUERY), soon)
    .toEqual([expect.stringMatching(/ (bad-query|unknown-column)$/)]);
  await editor.type(QUERY, text);
  await expect.poll(() => editor.squiggles(QUERY), soon).toEqual([]);
});

test('mistakes of the manifest are told at their places, with what is saved elsewhere', async () => {
  const text = readFileSync(path.join(project.root, 'pipeline.yaml'), 'utf8');
  await editor.open('pipeline.yaml');
  await editor.type('pipeline.yaml', text.replace('points: raw.points', 'points: raw.pionts'));
  await expect
    .poll(() => editor.squiggles('pipeline.yaml'), soon)
    .toEqual([expect.stringMatching(/^\d+:23-\d+:33 unknown-upstream$/)]);
  // While it is wrong, names mean what they did.
  expect(await editor.hover(QUERY, 'FROM points', 7)).toContain('**raw.points**');
  await editor.type('pipeline.yaml', text);
  await expect.poll(() => editor.squiggles('pipeline.yaml'), soon).toEqual([]);
  project.write('assets/running.sql', 'SELECT nothing FROM nowhere\n');
  await editor.save('assets/running.sql');
  await expect
    .poll(() => editor.squiggles('assets/running.sql'), soon)
    .toContain('0:20-0:27 unknown-relation');
});

test('an asset tells its description and columns, in the manifest and where a query reads it', async () => {
  const told = `**raw.points** (rows, by date)

Points of two players a date.

- \`game_date\` date, key
- \`player\` string, key
- \`points\` int64, points`;
  expect(await editor.hover('pipeline.yaml', 'raw.points}', 6)).toBe(told);
  expect(await editor.hover(QUERY, 'FROM points', 7)).toBe(told);
  expect(await editor.hover(QUERY, 'game_date,', 2)).toBe('points: `game_date` date, key');
  expect(await editor.hover(QUERY, 'SELECT', 2)).toBe('');
});

test('an edge leads to its asset, and the path of a query to the query', async () => {
  const line = editor.texts.get('pipeline.yaml')?.split('\n').indexOf('  raw.points:') ?? -1;
  const asset = {uri: editor.uri('pipeline.yaml'), range: {start: {line, character: 2}}};
  expect(await editor.definition(QUERY, 'FROM points', 7)).toMatchObject(asset);
  expect(await editor.definition('pipeline.yaml', 'raw.points}', 2)).toMatchObject(asset);
  expect(await editor.definition('pipeline.yaml', QUERY, 9)).toMatchObject({uri: editor.uri(QUERY)});
});

test('a query is offered its edges, and their columns', async () => {
  await editor.type(QUERY, 'SELECT game_date FROM po\nWHERE points.p\n');
  expect(await editor.complete(QUERY, 'FROM po')).toEqual([
    'points',
    'partitions',
    'game_date',
    'player',
    'points',
  ]);
  expect(await editor.complete(QUERY, 'points.p')).toEqual(['game_date', 'player', 'points']);
  expect(await editor.complete('pipeline.yaml', 'upstream: {points: raw.po')).toContain('stats.totals');
});

test("the page's problem matcher finds every mistake that is printed", async () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/editor.md', import.meta.url)), 'utf8');
  const [, pattern = '""'] = /"regexp": (".*"),/.exec(page) ?? [];
  const other = new ToyProject();
  other.write('assets/totals.sql', 'SELECT nothing FROM nowhere\n');
  const {err} = await other.run('validate');
  other.remove();
  const found = [...err.matchAll(new RegExp(JSON.parse(pattern), 'gm'))].map(each => each.slice(1, 6));
  expect(found).toContainEqual(['assets/totals.sql', '1', '21', 'error', 'unknown-relation']);
  expect(found).toHaveLength(Number(/(\d+) errors?\.\n$/.exec(err)?.[1]));
});
