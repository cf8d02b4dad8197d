import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {createServer as createSocketServer} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import {brotliCompressSync, deflateSync, gzipSync} from 'node:zlib';
import {describe, expect, onTestFinished, test} from 'vitest';
import {z} from 'zod';
import type {Site} from '../../planner/pipeline.ts';
import {SiteError} from '../../runner/asset.ts';
import {type ClientOptions, createSites, type Retry, type SitesOptions} from '../../runner/site.ts';

type Answering = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server that answers by `answering`; gives its URL and what it was asked. */
async function serve(answering: Answering): Promise<{url: string; asked: string[]}> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answering(request, response, asked.length);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {url: `http://127.0.0.1:${address.port}`, asked};
}

const json =
  (value: unknown): Answering =>
  (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };

interface Setting {
  readonly site?: Partial<Site>;
  readonly options?: Partial<SitesOptions>;
  readonly client?: Partial<ClientOptions>;
}

/** A client whose clock is its own: sleeping moves it. */
function clientOf(url: string, {site = {}, options = {}, client = {}}: Setting = {}) {
  const retries: Retry[] = [];
  const clock = {now: 1_700_000_000_000};
  const sleep = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    clock.now += ms;
  };
  const declared = {
    name: 'nba',
    url,
    headers: {},
    concurrency: 4,
    perMinute: undefined,
    perDay: undefined,
    proxy: undefined,
    ...site,
  };
  const sites = createSites({
    sites: new Map([['nba', declared]]),
    now: () => clock.now,
    sleep,
    random: () => 1,
    ...options,
  });
  onTestFinished(() => sites.close());
  const about = {
    signal: new AbortController().signal,
    retries: 3,
    timeoutMs: 5_000,
    onRetry: (retry: Retry) => retries.push(retry),
    ...client,
  };
  return {client: sites.client('nba', about), retries, clock, started: clock.now};
}

async function failure(promise: Promise<unknown>): Promise<SiteError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SiteError) return error;
  throw new Error(`not a SiteError: ${String(error)}`);
}

describe('asking', () => {
  test('a path and its parameters follow the URL of the site, with its headers', async () => {
    let referer: string | undefined;
    const {url, asked} = await serve((request, response) => {
      referer = request.headers.referer;
      response.end('{"games": [1]}');
    });
    const {client} = clientOf(`${url}/api/`, {site: {headers: {referer: 'https://www.nba.com/'}}});
    const answer = await client.get('/v1/games', {date: '2024-01-15', q: 'a&b'});
    expect(asked).toEqual(['/api/v1/games?date=2024-01-15&q=a%26b']);
    expect(referer).toBe('https://www.nba.com/');
    expect(answer).toMatchObject({status: 200, url: `${url}/api/v1/games?date=2024-01-15&q=a%26b`});
    expect(answer.text()).toBe('{"games": [1]}');
    expect(answer.json(z.object({games: z.array(z.number())}))).toEqual({games: [1]});
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('an answer in %s is the same answer', async (encoding, compress) => {
    const {url} = await serve((_, response) => {
      response.setHeader('content-encoding', encoding);
      response.end(compress('x'.repeat(1000)));
    });
    expect((await clientOf(url).client.get('a')).text()).toBe('x'.repeat(1000));
  });

  test('parameters of its own URL go with every request, and a secret among them is in no message', async () => {
    const {url, asked} = await serve((_, response) => {
      response.statusCode = 404;
      response.end('1');
    });
    const {client} = clientOf(`${url}/v4?apiKey=hunter2`);
    const error = await failure(client.get('events', {date: '2024-01-15'}));
    expect(asked).toEqual(['/v4/events?apiKey=hunter2&date=2024-01-15']);
    expect(error.message).toContain('/v4/events?apiKey=***&date=2024-01-15 answered HTTP 404');
  });

  test('connections are used again', async () => {
    const ports = new Set<number | undefined>();
    const {url} = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('1');
    });
    const {client} = clientOf(url);
    for (let i = 0; i < 5; i++) await client.get('a');
    expect(ports.size).toBe(1);
  });

  test('a redirect within the site keeps its headers, and one to another site loses them', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('there');
    });
    const {url} = await serve((request, response) => {
      seen.push(request.headers.authorization);
      const location = request.url === '/a' ? '/b' : other.url;
      response.writeHead(302, {location}).end();
    });
    const {client} = clientOf(url, {site: {headers: {authorization: 'Bearer s3cret'}}});
    expect((await client.get('a')).text()).toBe('there');
    expect(seen).toEqual(['Bearer s3cret', 'Bearer s3cret', undefined]);
  });

  test('redirects that never end are an error', async () => {
    const {url} = await serve((_, response) => response.writeHead(302, {location: '/a'}).end());
    expect((await failure(clientOf(url).client.get('a'))).message).toContain('redirects more than 5 times');
  });

  test.each(['https://elsewhere.example/a', 'file:///etc/passwd'])('%s is not a path', async path => {
    const {url, asked} = await serve(json({}));
    expect((await failure(clientOf(url).client.get(path))).message).toContain("not a path of the site 'nba'");
    expect(asked).toEqual([]);
  });

  test('a site that is not HTTP is an error that says so', async () => {
    expect((await failure(clientOf('ftp://127.0.0.1').client.get('a'))).message).toMatch(
      /Protocol "ftp:" not supported.*Check the site's URL/,
    );
  });
});

describe('trying again', () => {
  test.each([408, 425, 429, 500, 503])(
    'HTTP %i is tried again, each time after a longer wait',
    async status => {
      const {url, asked} = await serve((_, response, count) => {
        if (count < 4) response.statusCode = status;
        response.end('now');
      });
      const {client, retries, clock, started} = clientOf(url);
      expect((await client.get('a')).text()).toBe('now');
      expect(asked).toHaveLength(4);
      expect(retries.map(({attempt, waitMs}) => [attempt, waitMs])).toEqual([
        [1, 500],
        [2, 1000],
        [3, 2000],
      ]);
      expect(clock.now - started).toBe(3500);
    },
  );

  test('when the retries are used up the last error is told', async () => {
    const {url, asked} = await serve((_, response) => response.writeHead(500).end('<h1>oops</h1>'));
    const error = await failure(clientOf(url, {client: {retries: 2}}).client.get('a'));
    expect(asked).toHaveLength(3);
    expect(error).toMatchObject({status: 500, transient: true, url: `${url}/a`});
    expect(error.message).toBe(
      `${url}/a answered HTTP 500: it begins '<h1>oops</h1>'. The site is in trouble; try again later.`,
    );
  });

  test.each([400, 401, 403, 404, 410, 422])('HTTP %i is not tried again', async status => {
    const {url, asked} = await serve((_, response) => response.writeHead(status).end());
    const error = await failure(clientOf(url).client.get('a'));
    expect(error).toMatchObject({status, transient: false});
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['seconds', () => '7'],
    ['a date', (now: number) => new Date(now + 7000).toUTCString()],
  ])('Retry-After in %s is kept to', async (_, header) => {
    const {url} = await serve((_request, response, count) => {
      if (count > 1) return void response.end('now');
      response.writeHead(429, {'retry-after': header(1_700_000_000_000)}).end();
    });
    const {client, retries} = clientOf(url, {options: {random: () => 0}});
    await client.get('a');
    expect(retries.map(retry => retry.waitMs)).toEqual([7000]);
  });

  test('while a site asks for a pause, no other request begins', async () => {
    const begun: number[] = [];
    const {url} = await serve((request, response, count) => {
      begun.push(clock.now);
      if (count === 1) response.writeHead(503, {'retry-after': '60'}).end();
      else response.end(request.url);
    });
    const {client, clock, started} = clientOf(url, {site: {concurrency: 1}, options: {random: () => 0}});
    await Promise.all([client.get('a'), client.get('b')]);
    expect(begun.map(at => at - started)).toEqual([0, 60_000, 60_000]);
  });

  test('a site that asks for a pause of hours is given up', async () => {
    const {url, asked} = await serve((_, response) => response.writeHead(429, {'retry-after': '7200'}).end());
    const error = await failure(clientOf(url).client.get('a'));
    expect(error.retryAfterMs).toBe(7_200_000);
    expect(asked).toHaveLength(1);
  });

  test('a connection that breaks, before or within the answer, is tried again', async () => {
    const {url, asked} = await serve((request, response, count) => {
      if (count === 1) return void request.socket.destroy();
      if (count > 2) return void response.end('whole');
      response.writeHead(200, {'content-length': '100'});
      response.write('half', () => request.socket.destroy());
    });
    const {client, retries} = clientOf(url);
    expect((await client.get('a')).text()).toBe('whole');
    expect(asked).toHaveLength(3);
    expect(retries).toHaveLength(2);
  });

  test('a site that nobody serves is transient and says so', async () => {
    const {url} = await serve(json({}));
    const server = createSocketServer();
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    await new Promise(resolve => server.close(resolve));
    if (address === null || typeof address === 'string') throw new Error('no port');
    const error = await failure(clientOf(url.replace(/\d+$/, String(address.port))).client.get('a'));
    expect(error).toMatchObject({transient: true, status: undefined});
    expect(error.message).toContain('ECONNREFUSED');
  });

  test.each([
    ['never answers', () => undefined],
    ['stops within its answer', (response: ServerResponse) => void response.write('{"half":')],
  ])('a site that %s is given up after the timeout', async (_, answering) => {
    const {url, asked} = await serve((_request, response) => answering(response));
    const error = await failure(clientOf(url, {client: {timeoutMs: 50, retries: 1}}).client.get('a'));
    expect(error).toMatchObject({transient: true});
    expect(error.message).toContain('did not answer within 0.05 s');
    expect(asked).toHaveLength(2);
  });
});

describe('limits', () => {
  test('no more requests are at work than the site allows', async () => {
    let now = 0;
    let most = 0;
    const {url} = await serve((_, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.end('1');
      }, 5);
    });
    const {client} = clientOf(url, {site: {concurrency: 3}});
    await Promise.all(Array.from({length: 20}, () => client.get('a')));
    expect(most).toBe(3);
  });

  test('no 60 seconds see more requests than per_minute', async () => {
    const {url} = await serve(json(1));
    const begun: number[] = [];
    const {client, clock, started} = clientOf(url, {site: {concurrency: 2, perMinute: 5}});
    for (let i = 0; i < 12; i++) {
      clock.now += 1000;
      await client.get('a');
      begun.push(clock.now - started);
    }
    for (const at of begun) {
      expect(begun.filter(other => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(5);
    }
    // The sixth waits for the first to be a minute old, and no longer.
    expect(begun.slice(0, 7)).toEqual([1000, 2000, 3000, 4000, 5000, 61_000, 62_000]);
  });

  test('clients of one site share its limits', async () => {
    const {url} = await serve(json(1));
    const site = {
      name: 'nba',
      url,
      headers: {},
      concurrency: 9,
      perMinute: 1,
      perDay: undefined,
      proxy: undefined,
    };
    let slept = 0;
    let now = 0;
    const sites = createSites({
      sites: new Map([['nba', site]]),
      now: () => now,
      sleep: async ms => {
        slept += ms;
        now += ms;
      },
    });
    onTestFinished(() => sites.close());
    const about = {
      signal: new AbortController().signal,
      retries: 0,
      timeoutMs: 1000,
      onRetry: () => undefined,
    };
    await sites.client('nba', about).get('a');
    await sites.client('nba', about).get('b');
    expect(slept).toBe(60_000);
  });

  test('a stream without end is cut off', async () => {
    const {url} = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const error = await failure(clientOf(url, {options: {maxBytes: 2 * 1024 * 1024}}).client.get('a'));
    expect(error.message).toBe(
      `The answer of ${url}/a is larger than 2 MiB and was cut off. Ask for less at once.`,
    );
  });

  test('an answer that drips is cut off when its time is over', async () => {
    const {url} = await serve((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const error = await failure(clientOf(url, {client: {timeoutMs: 200, retries: 0}}).client.get('a'));
    expect(error.message).toBe(
      `${url}/a did not answer within 0.2 s. Raise the asset's 'timeout', or try again later.`,
    );
  });

  test('a small answer that would be 256 MiB large is cut off', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    const {url} = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(bomb);
    });
    const before = process.memoryUsage().rss;
    const error = await failure(clientOf(url, {options: {maxBytes: 2 * 1024 * 1024}}).client.get('a'));
    expect(error.message).toContain('is larger than 2 MiB and was cut off');
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
  });

  test.each(['identity', 'gzip'])('an answer that is too large (%s) is cut off', async encoding => {
    const {url, asked} = await serve((_, response) => {
      const bytes = Buffer.alloc(3 * 1024 * 1024);
      response.setHeader('content-encoding', encoding);
      response.end(encoding === 'gzip' ? gzipSync(bytes) : bytes);
    });
    const {client} = clientOf(url, {options: {maxBytes: 2 * 1024 * 1024}});
    const error = await failure(client.get('a'));
    expect(error.message).toBe(
      `The answer of ${url}/a is larger than 2 MiB and was cut off. Ask for less at once.`,
    );
    expect(asked).toHaveLength(1);
  });
});

describe('interrupting', () => {
  const reason = new Error('interrupted');

  test('an answer that is on its way is left', async () => {
    const controller = new AbortController();
    const {url} = await serve(() => setTimeout(() => controller.abort(reason), 10));
    const {client} = clientOf(url, {client: {signal: controller.signal}});
    await expect(client.get('a')).rejects.toBe(reason);
  });

  test('a wait before the next try is left, and so is one for a turn', async () => {
    const controller = new AbortController();
    const {url, asked} = await serve((_, response) => response.writeHead(500).end());
    const sleep = async (_: number, signal: AbortSignal) => {
      await wait(60_000, undefined, {signal});
    };
    const onRetry = () => void setTimeout(() => controller.abort(reason), 10);
    const {client} = clientOf(url, {options: {sleep}, client: {signal: controller.signal, onRetry}});
    await expect(client.get('a')).rejects.toBe(reason);
    await expect(client.get('a')).rejects.toBe(reason);
    expect(asked).toHaveLength(1);
  });
});

describe('answers', () => {
  test('one that is not JSON is named with its URL, type and beginning', async () => {
    const {url} = await serve((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<html>\n<p>${'Access denied. '.repeat(20)}`);
    });
    const answer = await clientOf(url).client.get('a');
    const error = await failure(Promise.resolve().then(() => answer.json(z.object({}))));
    expect(error.message).toBe(
      `The answer of ${url}/a is not JSON (text/html): it begins '<html> <p>${'Access denied. '.repeat(4)}Access den'. Open it in a browser; a site in trouble often answers with a page.`,
    );
    expect(error).toMatchObject({url: `${url}/a`, status: 200, transient: false});
  });

  const schema = z.object({games: z.array(z.object({id: z.string(), points: z.number().nullable()}))});

  test.each([
    [
      {
        games: [
          {id: 'g1', points: 1},
          {id: 7, points: 1},
        ],
      },
      "at 'games.1.id' stands 7",
    ],
    [{games: [{id: 'g1'}]}, "at 'games.0.points' there is nothing"],
    [{games: {g1: {}}}, `at 'games' stands {"g1":{}}`],
    [[], "at '' stands []"],
    [null, "at '' stands null"],
  ])('a changed shape %j is an error with its place, never nulls', async (value, place) => {
    const {url} = await serve(json(value));
    const answer = await clientOf(url).client.get('a');
    const error = await failure(Promise.resolve().then(() => answer.json(schema)));
    expect(error.message).toContain(`The answer of ${url}/a changed: ${place}`);
  });

  test('what may be a secret is in no message', async () => {
    const {url} = await serve((_, response) => response.writeHead(403).end());
    const {client} = clientOf(url.replace('//', '//user:hunter2@'), {
      site: {headers: {authorization: 'Bearer s3cret'}},
    });
    const error = await failure(client.get('a', {api_key: 'abc123', date: '2024-01-15'}));
    const told = JSON.stringify([error.message, error.url, error.stack]);
    expect(told).toContain('date=2024-01-15');
    for (const secret of ['abc123', 'hunter2', 's3cret']) expect(told).not.toContain(secret);
  });
});

describe('a site in trouble', () => {
  test('is left alone after eight failures in a row, and asked again when one request is answered', async () => {
    let isDown = true;
    const {url, asked} = await serve((_, response) => {
      response.statusCode = isDown ? 503 : 200;
      response.end('{}');
    });
    const {client, clock, started} = clientOf(url, {client: {retries: 0}});
    for (let i = 0; i < 8; i++) await failure(client.get(`a${i}`));
    expect(clock.now - started).toBeLessThan(1_000);
    isDown = false;
    expect((await client.get('b')).status).toBe(200);
    expect(clock.now - started).toBeGreaterThanOrEqual(15_000);
    expect((await client.get('c')).status).toBe(200);
    expect(asked).toHaveLength(10);
  });

  test('is closed where twenty more fail: nobody asks it for five minutes, and then one does', async () => {
    const {url, asked} = await serve((_, response) => response.writeHead(503).end('down'));
    const {client, clock} = clientOf(url, {client: {retries: 0}});
    for (let i = 0; i < 28; i++) expect((await failure(client.get(`a${i}`))).name).toBe('SiteError');
    expect(asked).toHaveLength(28);
    for (let i = 0; i < 50; i++) expect((await failure(client.get(`b${i}`))).name).toBe('SiteClosed');
    expect(asked).toHaveLength(28);
    clock.now += 300_000;
    expect((await failure(client.get('c'))).name).toBe('SiteError');
    expect(asked).toHaveLength(29);
  });

  test('is not taken for well or ill by a request that could not be sent', async () => {
    const {url} = await serve((_, response) => response.writeHead(503).end('down'));
    const {client, clock} = clientOf(url, {client: {retries: 0}, site: {headers: {}}});
    for (let i = 0; i < 8; i++) await failure(client.get(`a${i}`));
    clock.now += 15_000;
    await failure(client.get('http://elsewhere/x'));
    expect((await failure(client.get('b'))).status).toBe(503);
  });

  test('that names a short pause is asked again after it, also where it speaks of a quota', async () => {
    let count = 0;
    const {url, asked} = await serve((_, response) => {
      if (count++ > 0) response.end('{}');
      else response.writeHead(429, {'retry-after': '2'}).end('Quota exceeded: 60 read requests per minute');
    });
    const {client, clock, started} = clientOf(url);
    expect((await client.get('a')).status).toBe(200);
    expect(clock.now - started).toBeGreaterThanOrEqual(2_000);
    expect(asked).toHaveLength(2);
  });
});
