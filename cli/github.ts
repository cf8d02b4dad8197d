/**
 * GitHub as a job of a workflow meets it: which pull request it is for, the job's summary, and the one comment that is
 * made once and then kept up to date. It does not know what stands in the comment (ci-report.ts).
 */
import {appendFileSync, readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import type {World} from './world.ts';

type Env = World['env'];

/** The pull request that the job is for. */
export interface PullRequest {
  readonly repository: string;
  readonly number: number;
  /** The commit that it is to be merged into. */
  readonly base: string;
}

/** Undefined where the job is for none, or this is no job of GitHub's. */
export function pullRequestOf(env: Env): PullRequest | undefined {
  const repository = env['GITHUB_REPOSITORY'];
  const file = env['GITHUB_EVENT_PATH'];
  if (repository === undefined || file === undefined) return undefined;
  const event = readEvent(file);
  const number = event?.pull_request?.number;
  const base = event?.pull_request?.base?.sha;
  if (typeof number !== 'number' || typeof base !== 'string') return undefined;
  return {repository, number, base};
}

interface PullRequestEvent {
  readonly pull_request?: {readonly number?: unknown; readonly base?: {readonly sha?: unknown}};
}

function readEvent(file: string): PullRequestEvent | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PullRequestEvent; // every part is looked at before it is used
  } catch {
    return undefined;
  }
}

/** Of one step's summary GitHub takes a mebibyte; false where there is none to write to. */
export function addToSummary(env: Env, text: string): boolean {
  const file = env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '') return false;
  appendFileSync(file, `${text}\n`);
  return true;
}

/** `refused`: the token may not write, as that of a fork; the sentence says so. `failed`: GitHub could not be reached. */
export type Commented =
  | {readonly kind: 'created' | 'updated' | 'unchanged'; readonly url: string}
  | {readonly kind: 'refused' | 'failed'; readonly why: string};

export interface CommentOrder {
  readonly env: Env;
  readonly token: string;
  readonly pullRequest: PullRequest;
  /** The text begins with it; by it the comment is found again. */
  readonly marker: string;
  readonly text: string;
  /** Milliseconds before a request that failed is made again; the default is for GitHub itself. */
  readonly pauseMs?: number;
}

interface Comment {
  readonly id: number;
  readonly body: string;
  readonly html_url: string;
}

/** Never throws for what GitHub answers: a comment that cannot be made fails no build. */
export async function comment(order: CommentOrder): Promise<Commented> {
  try {
    return await makeComment(order);
  } catch (error) {
    if (error instanceof Answered && (error.status === 401 || error.status === 403 || error.status === 404))
      return {kind: 'refused', why: `The token may not comment on this pull request (${error.message})`};
    return {kind: 'failed', why: error instanceof Error ? error.message : String(error)};
  }
}

async function makeComment(order: CommentOrder): Promise<Commented> {
  const {pullRequest, text} = order;
  const issue = `/repos/${pullRequest.repository}/issues/${pullRequest.number}/comments`;
  const found = await findComment(order, issue);
  if (found !== undefined) {
    if (found.body === text) return {kind: 'unchanged', url: found.html_url};
    const place = `/repos/${pullRequest.repository}/issues/comments/${found.id}`;
    try {
      const {body} = await ask(order, 'PATCH', place, {body: text});
      return {kind: 'updated', url: commentOf(body).html_url};
    } catch (error) {
      // Somebody else's that begins alike, or one that was deleted meanwhile: ours is made anew.
      if (!(error instanceof Answered && (error.status === 403 || error.status === 404))) throw error;
    }
  }
  const {body} = await ask(order, 'POST', issue, {body: text});
  return {kind: 'created', url: commentOf(body).html_url};
}

/** No pull request is talked about longer. */
const MOST_PAGES = 100;

async function findComment(order: CommentOrder, issue: string): Promise<Comment | undefined> {
  let next: string | undefined = `${issue}?per_page=100`;
  for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
    const {body, link} = await ask(order, 'GET', next, undefined);
    if (!Array.isArray(body)) throw new Error('GitHub answered something that is no list of comments');
    const found = body.map(commentOf).find(each => each.body.startsWith(order.marker));
    if (found !== undefined) return found;
    next = nextOf(link);
  }
  return undefined;
}

function commentOf(value: unknown): Comment {
  const {id, body, html_url: url} = value as Partial<Comment>; // looked at below
  if (typeof id !== 'number') throw new Error('GitHub answered something that is no comment');
  return {id, body: body ?? '', html_url: url ?? ''};
}

/** Of `<https://…>; rel="next", <…>; rel="last"`. */
function nextOf(link: string | null): string | undefined {
  return /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
}

class Answered extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const TRIES = 3;
const PATIENCE_MS = 20_000;
const PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;

/** `place` is a path below the API, or an address there. */
async function ask(
  order: CommentOrder,
  method: 'GET' | 'PATCH' | 'POST',
  place: string,
  sent: object | undefined,
): Promise<{readonly body: unknown; readonly link: string | null}> {
  const api = order.env['GITHUB_API_URL'] ?? 'https://api.github.com';
  const url = new URL(place.startsWith('/') ? `${api}${place}` : place);
  // The token goes nowhere else.
  if (url.origin !== new URL(api).origin) throw new Error(`GitHub named a page elsewhere: ${url.origin}`);
  for (let tried = 1; ; tried++) {
    const answer = await fetchOnce(order, method, url, sent);
    if (!(answer instanceof Again)) return answer;
    if (tried === TRIES) throw new Error(answer.why);
    await delay(answer.afterMs ?? (order.pauseMs ?? PAUSE_MS) * tried);
  }
}

/** To be asked again: nothing was done, or it may be done twice without harm. */
class Again {
  readonly why: string;
  readonly afterMs: number | undefined;

  constructor(why: string, afterMs?: number) {
    this.why = why;
    this.afterMs = afterMs;
  }
}

async function fetchOnce(
  {token}: CommentOrder,
  method: string,
  url: URL,
  sent: object | undefined,
): Promise<{readonly body: unknown; readonly link: string | null} | Again> {
  const what = `${method} ${url.pathname}`;
  try {
    const response = await fetch(url, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'user-agent': 'gameplan',
        'x-github-api-version': '2022-11-28',
      },
      ...(sent === undefined ? {} : {body: JSON.stringify(sent)}),
    });
    const text = await response.text();
    if (response.ok) return {body: JSON.parse(text), link: response.headers.get('link')};
    const told = `${what}: HTTP ${response.status} ${messageIn(text)}`.trimEnd();
    const after = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000;
    const isBusy = response.status === 429 || (response.status === 403 && !Number.isNaN(after));
    if (isBusy) return new Again(told, Math.min(after || PAUSE_MS, LONGEST_PAUSE_MS));
    // A new comment whose answer was lost may be there: the next run finds it, and a second one now would stay.
    if (response.status >= 500 && method !== 'POST') return new Again(told);
    throw new Answered(response.status, told);
  } catch (error) {
    if (error instanceof Answered || method === 'POST') throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return new Again(`${what}: ${error instanceof Error ? error.message : String(error)}${cause}`);
  }
}

/** What GitHub says of it, one line. */
function messageIn(text: string): string {
  try {
    const {message} = JSON.parse(text) as {readonly message?: unknown}; // any JSON has members, or none
    return typeof message === 'string' ? message.slice(0, 200) : '';
  } catch {
    return '';
  }
}
