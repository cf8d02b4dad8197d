/**
 * What routes have in common: the view that they answer from, names of answers, refusals.
 * It does not deal with any one of them.
 */
import path from 'node:path';
import {createRoute, OpenAPIHono, z} from '@hono/zod-openapi';
import type {Context} from 'hono';
import {HTTPException} from 'hono/http-exception';
import type {ContentfulStatusCode} from 'hono/utils/http-status';
import type {AssetFrame} from '../planner/frame.ts';
import {frameOf} from '../planner/frame.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {didYouMean} from '../planner/suggest.ts';
import {LedgerError} from '../runner/ledger-error.ts';
import {type Reader, Unusable, type View} from './reader.ts';
import type {RefusalBody} from './schema/common.ts';
import {refusal} from './schema/common.ts';

/** What the server was started with. */
export interface Served {
  readonly reader: Reader;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly isReadOnly: boolean;
  /** Whether a token is asked for. */
  readonly hasLogin: boolean;
  /** Who is written down where nobody else is named. */
  readonly user: string | undefined;
}

/** A request that cannot be answered: `status` and text go to whoever asked. */
export class ApiRefusal extends Error {
  readonly status: 400 | 403 | 404 | 409 | 429 | 503;
  readonly details: string | undefined;

  constructor(status: ApiRefusal['status'], error: string, details?: string) {
    super(error);
    this.status = status;
    this.details = details;
  }
}

/** Routes of one noun: what does not fit its schema is refused with its place. */
export function newRoutes(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result, context) => {
      if (result.success) return undefined;
      const [first] = result.error.issues;
      const place = first?.path.join('.') ?? '';
      const error = `${place === '' ? '' : `${place}: `}${first?.message ?? 'not understood'}`;
      return context.json({error} satisfies RefusalBody, 400);
    },
  });
}

/** Answers what is thrown. `complain` is told what nobody reckoned with: a browser need not know the paths that it names. */
export function refusing(complain: (text: string) => void): (error: Error, context: Context) => Response {
  return (error, context) => {
    const refused = refusalOf(error);
    if (refused !== undefined) return context.json(refused.body, refused.status);
    const {method, path: asked} = context.req;
    complain(`Internal error: ${method} ${asked}: ${error.stack ?? error.message}\n`);
    const body: RefusalBody = {error: 'Internal error: the terminal of the server says which.'};
    return context.json(body, 500);
  };
}

/** Undefined: nobody reckoned with it. */
function refusalOf(
  error: Error,
): {readonly body: RefusalBody; readonly status: ContentfulStatusCode} | undefined {
  if (error instanceof ApiRefusal) {
    const {status, message, details} = error;
    return {body: {error: message, ...(details === undefined ? {} : {details})}, status};
  }
  if (error instanceof Unusable) {
    const details = error.mistakes
      .map(each => `${each.file}:${each.line}:${each.column} ${each.message}`)
      .join('\n');
    return {body: {error: 'The manifest has mistakes.', details}, status: 503};
  }
  // Says path, cause and mend; of the path the name will do.
  if (error instanceof LedgerError) {
    return {body: {error: error.message.replaceAll(error.path, path.basename(error.path))}, status: 500};
  }
  // Such as a body that is no JSON.
  if (error instanceof HTTPException) return {body: {error: error.message}, status: error.status};
  return undefined;
}

/** An address that is read: what it takes, and the schema of what it answers. */
interface Reading<Params, Query, Body> {
  /** Below /api/v1, such as `/assets/{asset}`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject<z.ZodRawShape> & z.ZodType<Params>;
  readonly query?: z.ZodObject<z.ZodRawShape> & z.ZodType<Query>;
  /** A schema: JSON. Or the media type of what `answer` returns as it is. */
  readonly body: z.ZodType<Body> | 'application/octet-stream' | 'text/markdown' | 'application/json';
}

/** Bytes or text that are sent as they are. */
export type Raw = Uint8Array<ArrayBuffer> | string;

/**
 * Adds an address that answers from the view. Whoever has that answer already is told so and no more: its name is what
 * the view was read from.
 */
export function reads<Params = object, Query = object, Body = Raw>(
  routes: OpenAPIHono,
  {reader}: Served,
  {path, summary, params, query, body}: Reading<Params, Query, Body>,
  answer: (view: View, asked: {readonly params: Params; readonly query: Query}) => Body | Promise<Body>,
): void {
  const type = typeof body === 'string' ? body : 'application/json';
  const schema = typeof body === 'string' ? z.string() : body;
  const route = createRoute({
    method: 'get',
    path,
    summary,
    request: {...(params === undefined ? {} : {params}), ...(query === undefined ? {} : {query})},
    responses: {200: {description: summary, content: {[type]: {schema}}}, ...refusals(400, 404, 503)},
  });
  const respond = async (context: Context): Promise<Response> => {
    const view = await reader.view();
    const etag = `W/"${view.tag}"`;
    const headers = {etag, 'cache-control': 'private, no-cache', vary: 'cookie'};
    if (context.req.header('if-none-match') === etag) return new Response(null, {status: 304, headers});
    // What was validated by the schemas above.
    const valid = context.req.valid as (of: 'param' | 'query') => unknown;
    const asked = {
      params: (params === undefined ? {} : valid.call(context.req, 'param')) as Params,
      query: (query === undefined ? {} : valid.call(context.req, 'query')) as Query,
    };
    const found = await answer(view, asked);
    const content = typeof body === 'string' ? (found as Raw) : JSON.stringify(found); // as `body` says
    return new Response(content, {headers: {...headers, 'content-type': type}});
  };
  // The schema of the answer is given above; hono would have it once more as a type of its own.
  routes.openapi(route, respond as never);
}

/** What is worked out of a view once, however often it is asked for. */
export function ofView<Body>(answer: (view: View) => Body): (view: View) => Body {
  const known = new WeakMap<View, {readonly body: Body}>();
  return view => {
    const found = known.get(view) ?? {body: answer(view)};
    known.set(view, found);
    return found.body;
  };
}

/** Adds an address that does something: `act` gets the body that its schema let through. */
export function acts<Params = object, Asked = object, Body = object>(
  routes: OpenAPIHono,
  {
    path,
    summary,
    params,
    asks,
    body,
    status = 200,
  }: {
    readonly path: string;
    readonly summary: string;
    readonly params?: z.ZodObject<z.ZodRawShape> & z.ZodType<Params>;
    readonly asks: z.ZodType<Asked>;
    readonly body: z.ZodType<Body>;
    readonly status?: 200 | 201 | 202;
  },
  act: (asked: Asked, params: Params) => Promise<Body>,
): void {
  const route = createRoute({
    method: 'post',
    path,
    summary,
    request: {
      ...(params === undefined ? {} : {params}),
      body: {required: true, content: {'application/json': {schema: asks}}},
    },
    responses: {
      [status]: {description: summary, content: {'application/json': {schema: body}}},
      ...refusals(400, 403, 404, 409, 503),
    },
  });
  const respond = async (context: Context): Promise<Response> => {
    // What was validated by the schemas above.
    const valid = context.req.valid as (of: 'param' | 'json') => unknown;
    const given = (params === undefined ? {} : valid.call(context.req, 'param')) as Params;
    return context.json((await act(valid.call(context.req, 'json') as Asked, given)) as object, status);
  };
  // As above.
  routes.openapi(route, respond as never);
}

function refusals(...all: readonly number[]) {
  const one = (description: string) => ({description, content: {'application/json': {schema: refusal}}});
  return Object.fromEntries(all.map(status => [status, one(REFUSED[status] ?? 'refused')]));
}

const REFUSED: Readonly<Record<number, string>> = {
  400: 'not understood',
  403: 'not allowed',
  404: 'there is no such thing',
  409: 'not as things stand',
  503: 'the manifest has mistakes',
};

/** Throws an `ApiRefusal` for an asset that nothing declares. */
export function assetIn({planned: {frame}}: View, name: string): AssetFrame {
  // Only to look it up.
  if (!frame.assets.has(name as AssetName)) {
    const meant = didYouMean(name, frame.assets.keys());
    const mend = meant === '' ? '; the overview lists them.' : `.${meant}`;
    throw new ApiRefusal(404, `There is no asset '${name}'${mend}`);
  }
  return frameOf(frame, name as AssetName);
}
