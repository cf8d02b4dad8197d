/**
 * The language server that editors start: what `validate` knows, while a file is typed in, and what its names mean. One
 * connection, until that ends. It reads the project through `check` and shows no rows of any table.
 */
import path from 'node:path';
import type {Readable, Writable} from 'node:stream';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {
  CompletionRequest,
  DefinitionRequest,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializeRequest,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type ServerCapabilities,
  ShutdownRequest,
  TextDocumentSyncKind,
} from 'vscode-languageserver-protocol';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import type {Diagnostic, SourceFile} from '../../planner/diagnostic.ts';
import type {Pipeline} from '../../planner/pipeline.ts';
import {completionsAt, definitionAt, fileAt, hoverAt, squiggleOf, type Text} from './answers.ts';
import {wordAt} from './place.ts';

/** A project as it is at the moment, with what is not saved yet. */
export interface Checked {
  /** Absolute folder of the project. */
  readonly root: string;
  /** Undefined where the manifest cannot be read for its mistakes. */
  readonly pipeline: Pipeline | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute path of a file that is named in it. */
  readonly placeOf: (file: SourceFile) => string;
}

export interface EditorOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly version: string;
  /** `folder` is the one that the editor has open; `unsaved` are texts by absolute path. Throws where nothing can be read. */
  readonly check: (folder: string | undefined, unsaved: ReadonlyMap<string, string>) => Promise<Checked>;
  readonly complain: (text: string) => void;
}

/** Milliseconds without a key pressed. */
const PAUSE_MS = 200;

/** Resolves when the connection has ended; whether the editor said so before, as it should. */
export async function serveEditor(options: EditorOptions): Promise<boolean> {
  const connection = createProtocolConnection(
    new StreamMessageReader(options.input),
    new StreamMessageWriter(options.output),
  );
  const {promise: ended, resolve} = Promise.withResolvers<void>();
  const session = new Session(connection, options);
  let isShutDown = false;
  connection.onRequest(InitializeRequest.type, ({rootUri, workspaceFolders}) => {
    session.folder = pathIn(workspaceFolders?.[0]?.uri ?? rootUri ?? undefined);
    return {capabilities: CAPABILITIES, serverInfo: {name: 'gameplan', version: options.version}};
  });
  connection.onRequest(ShutdownRequest.type, () => {
    isShutDown = true;
  });
  connection.onNotification(ExitNotification.type, () => resolve());
  connection.onClose(() => resolve());
  session.listen();
  connection.listen();
  await ended;
  session.end();
  connection.dispose();
  // Else it would be waited for.
  options.input.destroy();
  return isShutDown;
}

const CAPABILITIES: ServerCapabilities = {
  textDocumentSync: {openClose: true, change: TextDocumentSyncKind.Full, save: true},
  hoverProvider: true,
  definitionProvider: true,
  completionProvider: {triggerCharacters: ['.']},
};

function pathIn(uri: string | undefined): string | undefined {
  return uri?.startsWith('file:') === true ? fileURLToPath(uri) : undefined;
}

class Session {
  folder: string | undefined;
  readonly #connection: ProtocolConnection;
  readonly #options: EditorOptions;
  /** Texts as they are in the editor, by absolute path. */
  readonly #open = new Map<string, string>();
  /** Addresses that were told of mistakes. */
  #told: ReadonlySet<string> = new Set();
  #checked: Checked | undefined;
  /** The last one without mistakes in the manifest: names still mean what they did while something is typed. */
  #pipeline: Pipeline | undefined;
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  #isDirty = false;

  constructor(connection: ProtocolConnection, options: EditorOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  listen(): void {
    const connection = this.#connection;
    connection.onNotification(DidOpenTextDocumentNotification.type, ({textDocument: {uri, text}}) =>
      this.#put(uri, text),
    );
    connection.onNotification(DidChangeTextDocumentNotification.type, ({textDocument, contentChanges}) => {
      const last = contentChanges.at(-1);
      if (last !== undefined) this.#put(textDocument.uri, last.text);
    });
    connection.onNotification(DidCloseTextDocumentNotification.type, ({textDocument: {uri}}) => {
      this.#open.delete(pathIn(uri) ?? '');
      this.#ask();
    });
    connection.onNotification(DidSaveTextDocumentNotification.type, () => this.#ask());
    connection.onNotification(DidChangeWatchedFilesNotification.type, () => this.#ask());
    connection.onRequest(HoverRequest.type, ({textDocument, position}) => {
      const found = this.#find(textDocument.uri, position);
      const word = found && wordAt(found.text.line, position.character);
      return (found && word && hoverAt(found.pipeline, found.text, word)) ?? null;
    });
    connection.onRequest(DefinitionRequest.type, ({textDocument, position}) => {
      const found = this.#find(textDocument.uri, position);
      if (found === undefined) return null;
      const {pipeline, checked, text} = found;
      const file = fileAt(pipeline, text);
      if (file !== undefined) return {uri: addressOf(path.join(checked.root, file)), range: START};
      const word = wordAt(text.line, position.character);
      const address = (each: SourceFile) => addressOf(checked.placeOf(each));
      return (word && definitionAt(pipeline, text, word, address)) ?? null;
    });
    connection.onRequest(CompletionRequest.type, ({textDocument, position}) => {
      const found = this.#find(textDocument.uri, position);
      return found === undefined ? [] : [...completionsAt(found.pipeline, found.text)];
    });
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #put(uri: string, text: string): void {
    const file = pathIn(uri);
    if (file === undefined) return;
    this.#open.set(file, text);
    this.#ask();
  }

  #ask(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), PAUSE_MS);
  }

  /** One at a time; what changes meanwhile is looked at afterwards. */
  async #check(): Promise<void> {
    this.#isDirty = true;
    this.#checking ??= this.#checkAll().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking;
  }

  async #checkAll(): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false;
      try {
        this.#checked = await this.#options.check(this.folder, new Map(this.#open));
        this.#pipeline = this.#checked.pipeline ?? this.#pipeline;
        await this.#publish(this.#checked);
      } catch (error) {
        this.#options.complain(`${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
  }

  /** Files whose mistakes are mended are told so. */
  async #publish({diagnostics, placeOf}: Checked): Promise<void> {
    const address = (file: SourceFile): string => addressOf(placeOf(file));
    const byFile = Map.groupBy(diagnostics, ({at}) => address(at.file));
    for (const uri of new Set([...this.#told, ...byFile.keys()])) {
      const own = (byFile.get(uri) ?? []).map(each => squiggleOf(each, address));
      await this.#connection.sendNotification(PublishDiagnosticsNotification.type, {uri, diagnostics: own});
    }
    this.#told = new Set(byFile.keys());
  }

  #find(
    uri: string,
    {line, character}: Position,
  ): {readonly pipeline: Pipeline; readonly checked: Checked; readonly text: Text} | undefined {
    const [file, checked, pipeline] = [pathIn(uri), this.#checked, this.#pipeline];
    const open = this.#open.get(file ?? '');
    if (file === undefined || open === undefined || checked === undefined || pipeline === undefined)
      return undefined;
    const own = path.relative(checked.root, file).replaceAll(path.sep, '/');
    return {pipeline, checked, text: {path: own, line: open.split('\n')[line] ?? '', character}};
  }
}

const START = {start: {line: 0, character: 0}, end: {line: 0, character: 0}};

function addressOf(file: string): string {
  return pathToFileURL(file).href;
}
