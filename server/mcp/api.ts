/**
 * The page's own API, asked in this process: an assistant is told what the page shows, and nothing is worked out twice.
 * It does not listen.
 */
import {OpenAPIHono} from '@hono/zod-openapi';
import type {z} from 'zod';
import {tellingRoutes} from '../api-routes.ts';
import type {Plans} from '../kept-plans.ts';
import {refusal} from '../schema/common.ts';
import {refusing, type Served} from '../serving.ts';
import type {Work} from '../work.ts';
import {ToolRefusal} from './tool.ts';

export interface ApiOptions {
  readonly served: Served;
  readonly plans: Plans;
  readonly work: Work;
  readonly complain: (text: string) => void;
}

type Query = Readonly<Record<string, string | number | undefined>>;

export class Api {
  readonly #app = new OpenAPIHono();

  constructor({served, plans, work, complain}: ApiOptions) {
    this.#app.onError(refusing(complain));
    for (const routes of tellingRoutes(served, {plans, work, paceOf: () => undefined}))
      this.#app.route('/', routes);
  }

  /** Throws a `ToolRefusal` with what the page would be told. */
  async get<Body>(path: string, body: z.ZodType<Body>, query: Query = {}): Promise<Body> {
    const words = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    );
    const search = new URLSearchParams(words).toString();
    return await this.#answered(this.#app.request(search === '' ? path : `${path}?${search}`), body);
  }

  async post<Body>(path: string, body: z.ZodType<Body>, sent: object): Promise<Body> {
    const init = {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(sent),
    };
    return await this.#answered(this.#app.request(path, init), body);
  }

  async #answered<Body>(asked: Response | Promise<Response>, body: z.ZodType<Body>): Promise<Body> {
    const response = await asked;
    const value: unknown = await response.json();
    if (response.ok) return body.parse(value);
    const {error, details} = refusal.parse(value);
    throw new ToolRefusal(details === undefined || details === error ? error : `${error}\n${details}`);
  }
}

/** As a part of a path. */
export function part(text: string): string {
  return encodeURIComponent(text);
}
