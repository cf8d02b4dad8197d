/**
 * Clients of the manifest's sites: pooled, rate limited, tried again where that may help.
 * It does not deal with what an answer means, nor with storing it.
 */
import {setTimeout as wait} from 'node:timers/promises';
import {number} from '../planner/amount.ts';
import type {Site} from '../planner/pipeline.ts';
import {budgetDay, limitOf} from '../planner/site-budget.ts';
import {Allowance} from './allowance.ts';
import type {Answer, SiteClient} from './asset.ts';
import {SiteError} from './asset-error.ts';
import type {Ledger} from './ledger.ts';
import type {Spending} from './ledger-spending.ts';
import {Secrets} from './secrets.ts';
import {answerFrom, beginning, type RawAnswer, shownUrl} from './site-answer.ts';
import {SiteClosed} from './site-health.ts';
import type {SitePool, Sleep} from './site-pool.ts';
import type {Agents} from './site-request.ts';
import {NO_TRACE, type Trace} from './trace.ts';

/** Milliseconds. The n-th wait is random, up to `FIRST_WAIT` doubled n - 1 times (full jitter). */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** A site that asks for a longer pause than this is given up for now. */
const LONGEST_PAUSE = 120_000;
const MAX_BYTES = 64 * 1024 * 1024;

export interface Retry {
  /** 1 for the first try that failed. */
  readonly attempt: number;
  readonly error: string;
  readonly waitMs: number;
}

export interface ClientOptions {
  readonly signal: AbortSignal;
  /** How often one request is tried again. */
  readonly retries: number;
  /** Milliseconds for one request, from sending to the last byte; waiting for its turn does not count. */
  readonly timeoutMs: number;
  readonly onRetry: (retry: Retry) => void;
  /** Whose fetch it is, where its site's days are counted. */
  readonly spender?: {readonly asset: string; readonly isOfNow: boolean};
}

export interface Sites {
  /** `site` is a name of the manifest. */
  client(site: string, options: ClientOptions): SiteClient;
  /** Shares out what sites allow in a minute among so many runs, this one among them. */
  shareAmong(runs: number): void;
  close(): Promise<void>;
}

/** Where requests to sites with a budget are counted, for all processes; `clock` says which day it is. */
export interface Purse {
  readonly ledger: Pick<Ledger, 'spend' | 'spendMore'>;
  readonly clock: () => number;
}

export interface SitesOptions {
  readonly sites: ReadonlyMap<string, Site>;
  /** Without it nothing is counted. */
  readonly purse?: Purse;
  readonly now?: () => number;
  readonly sleep?: Sleep;
  /** From 0 to 1. */
  readonly random?: () => number;
  /** The largest answer, decompressed. */
  readonly maxBytes?: number;
  readonly trace?: Trace;
}

/** One pool a site, shared by all clients of it. What HTTP needs is loaded at the first request. */
export function createSites(options: SitesOptions): Sites {
  const tools: Tools = {
    now: Date.now,
    sleep: async (ms, signal) => await wait(ms, undefined, {signal}),
    random: Math.random,
    maxBytes: MAX_BYTES,
    secrets: new Secrets(options.sites.values()),
    allowances: allowancesOf(options.sites.values()),
    trace: NO_TRACE,
    ...options,
  };
  let http: Promise<Http> | undefined;
  return {
    shareAmong(runs) {
      for (const allowance of tools.allowances.values())
        allowance.shareAmong({runs: Math.max(1, runs), at: tools.now()});
    },
    client(name, about) {
      const site = options.sites.get(name);
      if (site === undefined) throw new Error(`Internal error: no site '${name}'.`);
      let isBegun = false;
      const isFirst = (): boolean => {
        const was = isBegun;
        isBegun = true;
        return !was;
      };
      return {
        // The assets' code asks from a process of its own: what asks here belongs to whoever made this client.
        get: tools.trace.bind(async (path, query = {}, {cost = 1} = {}) => {
          if (!Number.isFinite(cost) || cost < 0)
            throw new Error(`'cost' of a request is ${cost}: it is a number of credits, 0 or more.`);
          http ??= openHttp(options.sites, tools);
          return await get(tools, {site, http: await http, about, path, query, cost, isFirst});
        }),
      };
    },
    async close() {
      for (const {agents} of (await http)?.ways.values() ?? []) {
        agents.http.destroy();
        agents.https.destroy();
      }
    },
  };
}

interface Tools {
  readonly purse?: Purse;
  readonly secrets: Secrets;
  readonly now: () => number;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly maxBytes: number;
  readonly trace: Trace;
  readonly allowances: ReadonlyMap<string, Allowance>;
}

interface Http {
  readonly ask: typeof import('./site-request.ts').ask;
  readonly ways: ReadonlyMap<Site, Way>;
}

/** How a site is reached: how often at once, and through what. */
interface Way {
  readonly pool: SitePool;
  readonly agents: Agents;
}

async function openHttp(sites: ReadonlyMap<string, Site>, tools: Tools): Promise<Http> {
  const [{ask, openAgents}, {SitePool}] = await Promise.all([
    import('./site-request.ts'),
    import('./site-pool.ts'),
  ]);
  const direct = await openAgents(undefined);
  const ways = new Map<Site, Way>();
  for (const site of sites.values()) {
    const agents = site.proxy === undefined ? direct : await openAgents(new URL(site.proxy));
    ways.set(site, {pool: new SitePool(site, tools), agents});
  }
  return {ask, ways};
}

interface Request {
  readonly site: Site;
  readonly http: Http;
  readonly about: ClientOptions;
  readonly path: string;
  readonly query: Readonly<Record<string, string | number>>;
  /** In credits. */
  readonly cost: number;
  /** Whether it is the first one of its fetch; once. */
  readonly isFirst: () => boolean;
}

async function get(tools: Tools, request: Request): Promise<Answer> {
  const {site, http, about, path, query} = request;
  const way = http.ways.get(site);
  if (way === undefined) throw new Error(`Internal error: no way to '${site.name}'.`);
  const {pool} = way;
  const {signal} = about;
  const url = urlOf(site, path, query);
  let failed: unknown;
  for (let attempt = 1; ; attempt++) {
    let isProbe = false;
    const send = tools.trace.bind((is: boolean): Promise<Answer> => {
      isProbe = is;
      return askTraced(tools, request, {...way, url, isProbe, attempt});
    });
    try {
      return await pool.run(send, {signal, url: shownUrl(url)});
    } catch (error) {
      signal.throwIfAborted();
      // What was tried has failed by itself; only what never was is not to blame.
      const isUnasked = error instanceof SiteClosed && error.cause === undefined;
      if (isUnasked && error.resetsAt === undefined && failed !== undefined) throw failed;
      if (isProbe) throw error;
      failed = error;
      const waitMs = waitAfter(error, {attempt, retries: about.retries, random: tools.random});
      if (waitMs === undefined || !(error instanceof SiteError)) throw error;
      if (error.retryAfterMs !== undefined) pool.closeUntil(tools.now() + error.retryAfterMs);
      about.onRetry({attempt, error: error.message, waitMs});
      await sleepUnlessAborted(tools, waitMs, signal);
    }
  }
}

function askTraced(
  tools: Tools,
  request: Request,
  {url, attempt, ...trying}: Trying & {readonly attempt: number},
): Promise<Answer> {
  const attributes = {
    'http.request.method': 'GET',
    'url.full': tools.secrets.hide(shownUrl(url)),
    'server.address': url.hostname,
    'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    'gameplan.site': request.site.name,
    ...(attempt === 1 ? {} : {'http.request.resend_count': attempt - 1}),
  };
  return tools.trace.span({name: 'GET', isClient: true, attributes}, async span => {
    try {
      const answer = await askOnce(tools, request, {url, ...trying});
      span.set({'http.response.status_code': answer.status, 'http.response.body.size': answer.bytes.length});
      return answer;
    } catch (error) {
      if (error instanceof SiteError && error.status !== undefined)
        span.set({'http.response.status_code': error.status});
      throw error;
    }
  });
}

interface Trying extends Way {
  readonly url: URL;
  readonly isProbe: boolean;
}

/** What comes of it is told of the site before the next request has its turn. */
async function askOnce(
  tools: Tools,
  request: Request,
  {pool, agents, url, isProbe}: Trying,
): Promise<Answer> {
  const {now, maxBytes, secrets} = tools;
  const {site, http, about} = request;
  const {health} = pool;
  const {signal, timeoutMs} = about;
  try {
    const counted = countRequest(tools, request, url);
    const raw = await http.ask(agents, {url, headers: site.headers, timeoutMs, maxBytes, signal});
    if (counted !== undefined) correct(tools, site, counted, raw);
    const answer = judged(raw, url, {now: now(), secrets, proxy: site.proxy});
    health.answered();
    return answer;
  } catch (error) {
    secrets.hideIn(error);
    if (signal.aborted) health.abandoned(isProbe);
    else tell(health, error, {site: site.name, isProbe, now: now()});
    throw error;
  }
}

/** Counts it before it is sent: a process that dies may have counted too much, never too little. */
function countRequest(
  {purse}: Tools,
  {site, about: {spender}, cost, isFirst}: Request,
  url: URL,
): Spending | undefined {
  const {perDay, name} = site;
  if (perDay === undefined || purse === undefined || spender === undefined) return undefined;
  const {asset, isOfNow} = spender;
  const day = budgetDay(perDay, purse.clock());
  const counted = perDay.unit === 'credits' ? cost : 1;
  const spending = {site: name, day: day.name, asset, cost: counted, isFirst: isFirst()};
  if (purse.ledger.spend(spending, limitOf(perDay, isOfNow))) return spending;
  const share = isOfNow ? '' : ', but for what is kept for dates of today';
  throw new SiteClosed(name, {
    url: shownUrl(url),
    because: `its day's ${number(perDay.amount)} ${perDay.unit} are used up${share}`,
    resetsAt: day.until,
  });
}

/** An answer may say what it cost. */
function correct({purse}: Tools, {perDay}: Site, counted: Spending, {headers}: RawAnswer): void {
  // An empty one says nothing.
  const said = Number(headers[perDay?.costHeader ?? ''] || Number.NaN);
  if (!Number.isFinite(said) || said < 0 || said === counted.cost) return;
  purse?.ledger.spendMore({...counted, cost: said - counted.cost, isFirst: false});
}

/** What a failure says of the site. Throws a `SiteClosed` for a quota that is used up: the request is not to blame. */
function tell(
  health: SitePool['health'],
  error: unknown,
  {site, isProbe, now}: {readonly site: string; readonly isProbe: boolean; readonly now: number},
): void {
  if (!(error instanceof SiteError)) {
    health.abandoned(isProbe);
    return;
  }
  const pause = error.retryAfterMs ?? 0;
  // One by the minute says so with the pause that it asks for, and is there again after it.
  const isBrief = error.status === 429 && error.retryAfterMs !== undefined && pause <= LONGEST_PAUSE;
  const isUsedUp = !isBrief && (error.isQuota || (error.status === 429 && pause > LONGEST_PAUSE));
  if (isUsedUp) {
    const because = `a quota is used up (${error.message})`;
    health.close(because, pause > 0 ? now + pause : Number.POSITIVE_INFINITY);
    throw new SiteClosed(site, {url: error.url, because, cause: error});
  }
  if (error.transient) health.failed(error.message, {isProbe, now});
  else if (error.status !== undefined) health.answered();
  else health.abandoned(isProbe);
}

async function sleepUnlessAborted({sleep}: Tools, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, signal);
  } finally {
    signal.throwIfAborted();
  }
}

/** Milliseconds; undefined: do not try again. */
function waitAfter(
  error: unknown,
  {attempt, retries, random}: {attempt: number; retries: number; random: () => number},
): number | undefined {
  if (!(error instanceof SiteError) || !error.transient || attempt > retries) return undefined;
  const jitter = random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1));
  const pause = error.retryAfterMs ?? 0;
  return pause > LONGEST_PAUSE ? undefined : Math.ceil(pause + jitter);
}

function urlOf(site: Site, path: string, query: Request['query']): URL {
  const [base = '', own = ''] = site.url.split('?');
  const text = `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path) || !URL.canParse(text)) {
    throw new SiteError(
      `'${path}' is not a path of the site '${site.name}'. Give what follows the site's URL, such as 'v1/games'.`,
      {url: path},
    );
  }
  const url = new URL(text);
  // Parameters of the site's own URL, such as a key, go with every request.
  for (const [name, value] of new URLSearchParams(own)) url.searchParams.set(name, value);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
}

function judged(
  raw: RawAnswer,
  url: URL,
  {
    now,
    secrets,
    proxy,
  }: {readonly now: number; readonly secrets: Secrets; readonly proxy: string | undefined},
): Answer {
  const {status} = raw;
  if (status >= 200 && status <= 299) return answerFrom(raw, url);
  const shown = shownUrl(url);
  const says = beginning(secrets.hide(new TextDecoder().decode(raw.bytes.subarray(0, 4000))));
  const via = proxy === undefined ? '' : ` through the proxy ${new URL(proxy).host}`;
  throw new SiteError(`${shown} answered HTTP ${status}${via}: ${says}. ${mendOf(status)}`, {
    url: shown,
    status,
    isQuota: isQuota(status, says),
    transient: status === 408 || status === 425 || status === 429 || status >= 500,
    retryAfterMs: retryAfter(raw.retryAfter, now),
  });
}

/** A refusal that asking again cannot help today: 402, and 403 or 429 whose text speaks of a quota. */
function isQuota(status: number, says: string): boolean {
  if (status === 402) return true;
  return (
    (status === 403 || status === 429) && /quota|credit|usage limit|out of requests|plan limit/i.test(says)
  );
}

function mendOf(status: number): string {
  if (status === 407) return "The proxy wants another user or password: check the site's 'proxy'.";
  if (status === 401 || status === 403) return "Check the site's headers in the manifest.";
  if (status === 429) return "Lower the site's 'per_minute' or 'concurrency' in the manifest.";
  if (status === 404 || status === 410) return 'Check the path and its parameters.';
  return status >= 500 ? 'The site is in trouble; try again later.' : 'Check what the asset asks for.';
}

/** Milliseconds; the header holds seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** By site, of those that count requests by the minute. */
function allowancesOf(sites: Iterable<Site>): ReadonlyMap<string, Allowance> {
  const counted = [...sites].flatMap(({name, perMinute}) =>
    perMinute === undefined ? [] : [[name, new Allowance(perMinute)] as const],
  );
  return new Map(counted);
}
