/**
 * `gameplan serve`: the web page over the pipeline, until it is interrupted.
 */
import path from 'node:path';
import {InvalidArgumentError} from 'commander';
import type {Loaded, Mistake} from '../../server/reader.ts';
import type {ServeOptions, Serving} from '../../server/serve.ts';
import type {Command, Invocation} from '../command.ts';
import {list, projectFlags} from '../flags.ts';
import {diagnosticJson, readManifest, readWithDiagnostics} from '../project.ts';
import {EXIT, Refusal, UsageError} from '../world.ts';

const HOST = '127.0.0.1';
const PORT = 4321;

export const serveCommand: Command = {
  name: 'serve',
  summary: 'the web page: see every gap, ask why, fill it',
  arguments: [],
  flags: [
    ...projectFlags,
    {
      flags: '--port <n>',
      description: `where it listens (default: ${PORT}; 0: any that is free)`,
      parse: port,
    },
    {flags: '--host <address>', description: `on which address (default: ${HOST}); any other needs a token`},
    {
      flags: '--token-file <path>',
      description:
        'a file with the token that opens the page (or set GAMEPLAN_TOKEN); at least 16 characters',
    },
    {
      flags: '--allow-host <name>',
      description: 'a name by which it is called as well, such as that of a proxy; may be given again',
      parse: list,
    },
    {flags: '--read-only', description: 'only show: nothing can be started or signed off'},
    {flags: '--open-metrics', description: '/metrics needs no token'},
  ],
  examples: [
    'gameplan serve',
    'gameplan serve --port 8080 --read-only',
    'gameplan serve --host 0.0.0.0 --token-file token.txt',
  ],
  run: async invocation => {
    const {world} = invocation;
    const serving = await start(invocation);
    world.write(`The page is at ${serving.url} until Ctrl-C; runs that it starts go on without it.\n`);
    const {promise: interrupted, resolve} = Promise.withResolvers<void>();
    const forget = world.onInterrupt(resolve);
    await interrupted;
    forget();
    await serving.close();
    return EXIT.done;
  },
};

async function start(invocation: Invocation): Promise<Serving> {
  const {options, world} = invocation;
  const {root} = readManifest(invocation);
  const {startServing} = await import('../../server/serve.ts');
  const {readToken, UnsafeAddress} = await import('../../server/safety.ts');
  const {host = HOST, port: at = PORT} = options;
  const about: ServeOptions = {
    load: () => load(invocation),
    clock: world.now,
    manifest: path.resolve(root, options.manifest ?? 'pipeline.yaml'),
    host,
    port: at,
    token: undefined,
    allowedHosts: options.allowHost ?? [],
    isReadOnly: options.readOnly === true,
    areMetricsOpen: options.openMetrics === true,
    // `npm run dev` builds the page elsewhere, again and again.
    web: world.env['GAMEPLAN_PAGE'] ?? world.web,
    isPageChanging: world.env['GAMEPLAN_PAGE'] !== undefined,
    version: world.version,
    complain: world.complain,
    work: {
      self: world.self,
      project: projectArguments(invocation),
      cwd: world.cwd,
      env: world.env,
      user: world.user(),
    },
  };
  try {
    return await startServing({
      ...about,
      token: readToken({
        env: world.env,
        file: options.tokenFile && path.resolve(world.cwd, options.tokenFile),
      }),
    });
  } catch (error) {
    if (error instanceof UnsafeAddress) throw new UsageError(error.message);
    throw listenError(error, {host, port: at});
  }
}

/** As the command lines of runs must be given them: the folder may be another than the server's own. */
function projectArguments({options: {directory, manifest, target}}: Invocation): readonly string[] {
  return [
    ...(directory === undefined ? [] : [`--directory=${directory}`]),
    ...(manifest === undefined ? [] : [`--manifest=${manifest}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
  ];
}

async function load(invocation: Invocation): Promise<Loaded> {
  const {project, diagnostics} = await readWithDiagnostics(invocation);
  const mistakes = diagnostics
    .filter(({severity}) => severity === 'error')
    // As `validate --json` prints them.
    .map(each => diagnosticJson(each) as Mistake);
  return {project, mistakes};
}

function listenError(
  error: unknown,
  {host, port: at}: {readonly host: string; readonly port: number},
): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new Refusal(
      `error: ${host}:${at} is taken by another program; choose another with --port, or --port 0.\n`,
    );
  if (code === 'EACCES')
    return new Refusal(`error: This user may not listen on ${host}:${at}; choose a --port above 1023.\n`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new UsageError(`--host ${host}: this machine has no such address.`);
  return error;
}

function port(text: string): number {
  const found = Number(text);
  if (/^\d{1,5}$/.test(text) && found <= 65_535) return found;
  throw new InvalidArgumentError('It must be a number from 0 to 65535.');
}
