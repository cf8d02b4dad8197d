/**
 * What asks for a pass of healing from outside: `POST /api/heal`, and `POST /api/notify` for messages that are pushed. Both
 * only ever mean "look now": what a message says is not read, so one that is lost loses nothing and one that comes twice
 * costs nothing. It does not deal with how many passes that makes (passes.ts).
 */

import {z} from '@hono/zod-openapi';
import {type Context, Hono, type MiddlewareHandler} from 'hono';
import {bodyLimit} from 'hono/body-limit';
import type {Listening} from './address.ts';
import {addressOf, bearerOf, pageOf, refuse, refuseName, refuseTries} from './caller.ts';
import type {PassAnswer, PassAsked} from './passes.ts';
import {Token} from './token.ts';
import {TryLimit} from './try-limit.ts';

export interface TriggerOptions extends Listening {
  /** Of the page: it opens these addresses as well. */
  readonly token: string | undefined;
  /** Opens these addresses alone. */
  readonly triggerToken: string | undefined;
  /** Whether a token that came with a pushed message is of the account that may push; undefined: none may. */
  readonly isPusher: ((token: string) => Promise<boolean>) | undefined;
  readonly isReadOnly: boolean;
  readonly now: () => number;
  readonly ask: (asked: PassAsked) => PassAnswer;
}

/** Bytes. A storage notification has about one thousand. */
const MOST_BYTES = 1024 * 1024;

const ASKING = z.strictObject({by: z.string().max(200).optional()});

/** Pub/Sub's envelope, or an event as Eventarc sends it, whole or with its attributes in headers. */
const MESSAGE = z.looseObject({message: z.looseObject({messageId: z.string().min(1)})});
const EVENT = z.looseObject({specversion: z.string(), id: z.string().min(1)});

export function triggerRoutes(options: TriggerOptions): Hono {
  const routes = new Hono();
  const {ask} = options;
  const limit = bodyLimit({
    maxSize: MOST_BYTES,
    onError: context => refuse(context, 413, `A request has at most ${MOST_BYTES} bytes.`),
  });
  const guard = guardOf(options);
  routes.post('/api/heal', guard, limit, async context => {
    const asked = ASKING.safeParse(parsed((await context.req.text()) || '{}'));
    if (!asked.success) return refuse(context, 400, 'Send nothing, or JSON such as {"by": "ada"}.');
    return answer(context, ask({trigger: 'request', by: asked.data.by}));
  });
  routes.post('/api/notify', guard, limit, async context => {
    const body = parsed(await context.req.text());
    const isEvent = (context.req.header('ce-id') ?? '') !== '' && typeof body === 'object';
    if (!isEvent && !MESSAGE.safeParse(body).success && !EVENT.safeParse(body).success)
      return refuse(context, 400, 'This is no message of Pub/Sub, nor an event of Eventarc.');
    return answer(context, ask({trigger: 'notification', by: undefined}));
  });
  for (const path of ['/api/heal', '/api/notify']) {
    routes.all(path, context => {
      context.header('Allow', 'POST');
      return refuse(context, 405, 'Only POST is answered here.');
    });
  }
  return routes;
}

function answer(context: Context, pass: PassAnswer): Response {
  context.header('Cache-Control', 'no-store');
  return context.json({pass}, 202);
}

/** Undefined: it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function guardOf(options: TriggerOptions): MiddlewareHandler {
  const {isReadOnly, now} = options;
  const isAllowed = judge(options);
  const limit = new TryLimit(now);
  return async (context, next) => {
    context.header('X-Content-Type-Options', 'nosniff');
    const {path} = context.req;
    const misnamed = refuseName(context, options);
    if (misnamed !== undefined) return misnamed;
    if (pageOf(context) === 'other') return refuse(context, 403, 'This request comes from another site.');
    if (isReadOnly) return refuse(context, 403, `This server only shows (--read-only): ${path} is not open.`);
    const address = addressOf(context);
    const waitMs = limit.waitMs(address);
    if (waitMs > 0) return refuseTries(context, waitMs);
    if (await isAllowed(context)) return await next();
    limit.failed(address);
    context.header('WWW-Authenticate', 'Bearer');
    return refuse(context, 401, 'Send the token: Authorization: Bearer TOKEN.');
  };
}

/** In a URL, where logs keep it, only the token that does nothing else will do. */
function judge({
  token,
  triggerToken,
  isPusher,
}: TriggerOptions): (context: Context) => boolean | Promise<boolean> {
  // Then only programs of this machine reach it.
  if (token === undefined && triggerToken === undefined && isPusher === undefined) return () => true;
  const [page, trigger] = [token, triggerToken].map(each =>
    each === undefined ? undefined : new Token(each),
  );
  return context => {
    const bearer = bearerOf(context);
    const loose = context.req.header('x-gameplan-token') ?? context.req.query('token');
    const given = [bearer, loose].filter(each => each !== undefined);
    if (given.some(each => trigger?.matches(each) === true)) return true;
    if (bearer === undefined) return false;
    if (page?.matches(bearer) === true) return true;
    return context.req.path === '/api/notify' && isPusher !== undefined ? isPusher(bearer) : false;
  };
}
