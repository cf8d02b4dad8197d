/**
 * The server as a function from requests to answers: safety first, then the API, then the page.
 * It does not listen (serve.ts).
 */
import {OpenAPIHono} from '@hono/zod-openapi';
import type {MiddlewareHandler} from 'hono';
import {compress} from 'hono/compress';
import {actionRoutes} from './actions.ts';
import {tellingRoutes} from './api-routes.ts';
import type {ClockStanding} from './healing-clock.ts';
import {healthRoutes} from './health.ts';
import type {Plans} from './kept-plans.ts';
import type {Live} from './live.ts';
import {metricsAnswer} from './metrics.ts';
import {type RequestLog, requestLog} from './request-log.ts';
import {alertRoutes} from './routes-alert.ts';
import {type SafetyOptions, safety} from './safety.ts';
import {refusing, type Served} from './serving.ts';
import {type TriggerOptions, triggerRoutes} from './triggers.ts';
import type {Work} from './work.ts';

export interface AppOptions {
  readonly served: Served;
  readonly safety: SafetyOptions;
  readonly live: Live;
  readonly work: Work;
  readonly plans: Plans;
  /** Answers what is not of the API. */
  readonly page: MiddlewareHandler;
  /** Of healing on the schedule; undefined: this server does not. */
  readonly standing: () => ClockStanding | undefined;
  readonly triggers: Pick<TriggerOptions, 'ask' | 'triggerToken' | 'isPusher'>;
  readonly version: string;
  /** What those who are told of alerts are reached by. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** To the terminal. */
  readonly complain: (text: string) => void;
  /** Of requests; undefined: none is asked for. */
  readonly log?: RequestLog | undefined;
}

export function makeApp(options: AppOptions): OpenAPIHono {
  const {served, safety: about, live, work, plans, page, version, complain, log} = options;
  const app = new OpenAPIHono();
  app.route('/', healthRoutes(options));
  if (log !== undefined) app.use(requestLog(log));
  app.route('/', triggerRoutes({...about, ...options.triggers}));
  app.use(safety(about));
  app.use('/api/*', compress());
  app.onError(refusing(complain));
  const api = new OpenAPIHono();
  for (const routes of [
    ...tellingRoutes(served, {plans, work, paceOf: run => live.paceOf(run)}),
    alertRoutes(served, options.env ?? {}),
    actionRoutes({reader: served.reader, clock: served.clock, work}),
  ])
    api.route('/', routes);
  api.get('/stream', context => live.stream(context));
  api.doc31('/openapi.json', {openapi: '3.1.0', info: {title: 'gameplan', version}});
  api.all('*', context =>
    context.json({error: 'There is nothing at this address; /api/v1/openapi.json lists what is.'}, 404),
  );
  app.route('/api/v1', api);
  app.get('/metrics', compress(), metricsAnswer(served, version));
  app.use(page);
  return app;
}
