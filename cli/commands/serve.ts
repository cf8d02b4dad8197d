/**
 * `gameplan serve`: the web page over the pipeline, until it is interrupted.
 */
import path from 'node:path';
import {InvalidArgumentError} from 'commander';
import type {ServeOptions, Serving} from '../../server/serve.ts';
import {tellEveryMinute} from '../alert-timer.ts';
import type {Command, Invocation} from '../command.ts';
import {list, projectFlags, span} from '../flags.ts';
import {listenForInterrupts} from '../interrupt.ts';
import {servedProject} from '../served-project.ts';
import {EXIT, Refusal, UsageError} from '../world.ts';

const HOST = '127.0.0.1';
const PORT = 4321;
/** Less than what service managers wait before they kill (deploy/). */
const GRACE_MS = 60_000;

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
    {
      flags: '--heal',
      description: "heal on the schedule of the manifest's `healing`; of several servers one does",
    },
    {
      flags: '--schedule <cron>',
      description: "with --heal: in place of the manifest's schedule, such as '*/10 * * * *'",
    },
    {
      flags: '--trigger-token-file <path>',
      description:
        'a file with a token that opens POST /api/heal and /api/notify alone (or set GAMEPLAN_TRIGGER_TOKEN)',
    },
    {
      flags: '--push-audience <text>',
      description: 'of Pub/Sub pushes to /api/notify: the audience of the subscription',
    },
    {flags: '--push-account <email>', description: 'and the service account that it signs as'},
    {
      flags: '--grace <time>',
      description: 'how long a pass at work may take to end when the server is stopped (default: 60s)',
      parse: span,
    },
  ],
  examples: [
    'gameplan serve',
    'gameplan serve --port 8080 --read-only',
    'gameplan serve --host 0.0.0.0 --token-file token.txt',
    "gameplan serve --heal --schedule '*/10 * * * *'",
    'gameplan serve --heal --grace 5m --open-metrics',
    'gameplan serve --heal --host 0.0.0.0 --token-file token.txt --trigger-token-file trigger.txt --allow-host gameplan.example',
  ],
  run: async invocation => {
    const {world, options} = invocation;
    await refuseSchedule(options);
    const serving = await start(invocation);
    const isShowing = options.readOnly === true;
    const endTelling = isShowing ? undefined : tellEveryMinute(world, () => serving.project());
    const heals = options.heal === true ? ', and heals on its schedule' : '';
    world.write(
      `The page is at ${serving.url} until Ctrl-C${heals}; runs that it starts go on without it.\n`,
    );
    const {promise: stopped, resolve} = Promise.withResolvers<void>();
    const interrupts = listenForInterrupts(world, () => resolve());
    await stopped;
    const graceMs = options.grace ?? GRACE_MS;
    // Beside each other: a receiver that is slow must not take the time that a pass has to end.
    await Promise.all([endTelling?.(), serving.close({graceMs, now: interrupts.cancel})]);
    interrupts.end();
    return EXIT.done;
  },
};

async function refuseSchedule({schedule, heal}: Invocation['options']): Promise<void> {
  if (schedule === undefined) return;
  if (heal !== true) throw new UsageError('--schedule says when to heal: give --heal as well.');
  const {cronTrouble} = await import('../../planner/cron.ts');
  const trouble = cronTrouble(schedule, {withSeconds: true});
  if (trouble !== undefined) throw new UsageError(`--schedule '${schedule}' ${trouble}.`);
}

async function start(invocation: Invocation): Promise<Serving> {
  const {options, world} = invocation;
  const {startServing} = await import('../../server/serve.ts');
  const {readToken, UnsafeAddress} = await import('../../server/safety.ts');
  const {host = HOST, port: at = PORT} = options;
  const about: ServeOptions = {
    ...servedProject(invocation),
    host,
    port: at,
    token: undefined,
    triggerToken: undefined,
    pusher: pusherOf(options),
    allowedHosts: options.allowHost ?? [],
    isReadOnly: options.readOnly === true,
    areMetricsOpen: options.openMetrics === true,
    // `npm run dev` builds the page elsewhere, again and again.
    web: world.env['GAMEPLAN_PAGE'] ?? world.web,
    isPageChanging: world.env['GAMEPLAN_PAGE'] !== undefined,
    log: world.log,
    tell: world.write,
    healing: options.heal === true ? {schedule: options.schedule} : undefined,
  };
  const fileOf = (name: string | undefined) => name && path.resolve(world.cwd, name);
  try {
    return await startServing({
      ...about,
      token: readToken({env: world.env, file: fileOf(options.tokenFile)}),
      triggerToken: readToken({env: world.env, file: fileOf(options.triggerTokenFile)}, 'triggers'),
    });
  } catch (error) {
    if (error instanceof UnsafeAddress) throw new UsageError(error.message);
    throw listenError(error, {host, port: at});
  }
}

/** An audience alone would let in everybody who can have a token of Google's. */
function pusherOf({
  pushAudience: audience,
  pushAccount: email,
}: Invocation['options']): ServeOptions['pusher'] {
  if (audience === undefined && email === undefined) return undefined;
  if (audience !== undefined && email !== undefined) return {audience, email};
  throw new UsageError('--push-audience and --push-account say together who may push: give both.');
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
