/**
 * Listens, and stops: what was begun is answered, and runs that the page started go on.
 * It does not deal with what is answered (app.ts).
 */
import type {Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {type ServerType, serve} from '@hono/node-server';
import type {Project} from '../report/project-ledger.ts';
import {type PushAccount, pushJudge} from '../runner/push-token.ts';
import {makeApp} from './app.ts';
import {HealingClock} from './healing-clock.ts';
import {Plans} from './kept-plans.ts';
import {Live} from './live.ts';
import {servePage} from './page.ts';
import {Passes} from './passes.ts';
import {Reader, type ReaderOptions, Unusable} from './reader.ts';
import type {RequestLog} from './request-log.ts';
import {assertAddress} from './safety.ts';
import {Work, type WorkOptions} from './work.ts';

export interface ServeOptions extends ReaderOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly token: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly isReadOnly: boolean;
  /** `/metrics` needs no token. */
  readonly areMetricsOpen: boolean;
  readonly web: string;
  /** Its files are read anew at each request, for those who work on them. */
  readonly isPageChanging: boolean;
  readonly version: string;
  /** To the terminal. */
  readonly complain: (text: string) => void;
  readonly log?: RequestLog | undefined;
  readonly work: Omit<WorkOptions, 'onRunEnded'>;
  /** Opens the triggers alone. */
  readonly triggerToken: string | undefined;
  /** Who may push messages; undefined: nobody. */
  readonly pusher: PushAccount | undefined;
  /** To heal on the schedule; undefined: only when asked. */
  readonly healing: {readonly schedule: string | undefined} | undefined;
  /** To the terminal, as a pass ends. */
  readonly tell: (text: string) => void;
}

export interface Serving {
  readonly url: string;
  /** As its files lie there now; undefined while it cannot be used, and never could. */
  project(): Promise<Project | undefined>;
  /** A pass at work may take so long to end, unless `now` says that it is over. */
  close(stopping: {readonly graceMs: number; readonly now: AbortSignal}): Promise<void>;
}

/** Throws an `UnsafeAddress` where others could reach it without a token, and what the system says where it cannot listen. */
export async function startServing(options: ServeOptions): Promise<Serving> {
  const {host, token, allowedHosts, isReadOnly, areMetricsOpen, clock, version, complain} = options;
  assertAddress(host, token);
  const reader = new Reader(options);
  const served = {
    reader,
    clock,
    isReadOnly,
    hasLogin: token !== undefined,
    user: options.work.user,
  };
  const live = new Live(served);
  const plans = new Plans();
  const work = new Work({
    ...options.work,
    onRunEnded: (run, isCrash) => {
      reader.expire();
      live.tell({kind: 'run-ended', run, isCrash});
    },
  });
  const passes = new Passes({start: work.startPass.bind(work), tell: options.tell});
  const healing =
    options.healing &&
    new HealingClock({
      project: () => reader.project(),
      schedule: options.healing.schedule,
      clock,
      onTick: () => void passes.ask({trigger: 'schedule', by: undefined}),
      complain,
    });
  let port = options.port;
  const safety = {host, port: () => port, allowedHosts, token, isReadOnly, areMetricsOpen, now: clock};
  const {fetch} = makeApp({
    served,
    safety,
    live,
    work,
    plans,
    page: servePage(options.web, {isChanging: options.isPageChanging}),
    standing: () => healing?.standing(),
    triggers: {
      ask: asked => passes.ask(asked),
      triggerToken: options.triggerToken,
      isPusher: options.pusher && pushJudge(options.pusher),
    },
    version,
    complain,
    log: options.log,
    env: options.work.env,
  });
  const {promise: listening, resolve, reject} = Promise.withResolvers<AddressInfo>();
  const server = serve({fetch, hostname: host, port}, resolve);
  server.once('error', reject);
  const at = await listening;
  port = at.port;
  healing?.start();
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/`,
    project: () =>
      reader.project().catch((error: unknown) => {
        if (error instanceof Unusable) return undefined;
        throw error;
      }),
    close: async stopping => {
      // Another server heals on while this one waits for its pass.
      await healing?.stop();
      await passes.stop(stopping);
      live.close();
      await closed(server);
      plans.remove();
    },
  };
}

/** What is being answered may end for so long. Milliseconds. */
const PATIENCE_MS = 3000;
const LOOK_MS = 20;

/** A browser holds its lines open for what it may ask next. */
async function closed(server: ServerType): Promise<void> {
  const {promise, resolve} = Promise.withResolvers<void>();
  server.close(() => resolve());
  const of = server as Server; // no other kind is started
  const idle = setInterval(() => of.closeIdleConnections(), LOOK_MS);
  const all = setTimeout(() => of.closeAllConnections(), PATIENCE_MS);
  await promise;
  clearInterval(idle);
  clearTimeout(all);
}
