/** An app behind `safety`, that answers what the tests ask for. It does not deal with what the page answers. */
import {Hono} from 'hono';
import {type SafetyOptions, safety} from '../../server/safety.ts';

export const TOKEN = 'correct-horse-battery-staple';
export const PORT = 4400;
export const HOST = `127.0.0.1:${PORT}`;
export const ORIGIN = `http://${HOST}`;

export interface SafeApp {
  /** Asks as a browser that shows this page does, but for what `init` says. Undefined takes a header away. */
  ask(path: string, init?: Asked): Promise<Response>;
  /** The bodies that reached a route. */
  readonly reached: unknown[];
  clock: number;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

export function safeApp(options: Partial<SafetyOptions> = {}): SafeApp {
  const app = new Hono();
  const reached: unknown[] = [];
  const safe: SafeApp = {
    clock: Date.parse('2024-02-01T12:00:00Z'),
    reached,
    ask: async (path, {method = 'GET', headers = {}, body} = {}) => {
      const usual = {
        host: HOST,
        ...(method === 'POST' ? {origin: ORIGIN, 'content-type': 'application/json'} : {}),
      };
      const all = Object.entries({...usual, ...headers}).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as [string, string]],
      );
      const sent = body ?? (method === 'POST' ? '{}' : undefined);
      return await app.request(path, {method, headers: all, ...(sent === undefined ? {} : {body: sent})});
    },
  };
  app.use(
    safety({
      host: '127.0.0.1',
      port: () => PORT,
      token: undefined,
      isReadOnly: false,
      now: () => safe.clock,
      ...options,
    }),
  );
  app.get('*', context => context.text(`got ${context.req.path}`));
  app.post('*', async context => {
    reached.push(await context.req.json());
    return context.json({done: true});
  });
  return safe;
}

/** A form as the login page posts it. */
export function loginForm(token: string, next = '/'): Asked {
  return {
    method: 'POST',
    headers: {'content-type': 'application/x-www-form-urlencoded'},
    body: new URLSearchParams({token, next}).toString(),
  };
}

/** The cookie that an answer sets, as a browser sends it back. */
export function cookieOf(answer: Response): string {
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}
