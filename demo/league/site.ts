// The league's site: takes HTTP requests, answers from the league or the cache, and carries out faults.
// Does not deal with listening, nor with what an answer says.
import type {IncomingMessage, ServerResponse} from 'node:http';
import {answerTo} from './answer.ts';
import {AnswerCache} from './answer-cache.ts';
import type {Answer} from './asked.ts';
import {noEdits} from './edits.ts';
import {type FaultRule, readRules} from './fault-rule.ts';
import type {Faults, Strike} from './faults.ts';
import type {League} from './game.ts';
import type {News} from './news.ts';
import {type Question, readQuestion} from './question.ts';
import {type SiteName, siteOfPath} from './site-name.ts';
import {subjectOf} from './subject.ts';

export interface SiteOptions {
  readonly league: League;
  readonly faults: Faults;
  readonly early: {value: boolean};
  /** Games put off, by id, with the day they are moved to; the league looks at it. */
  readonly postponed: Map<string, string | undefined>;
  /** What became known within a day; the league looks at it. */
  readonly news: News[];
  readonly log: ((line: string) => void) | undefined;
}

interface Sendable {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

const cacheBytes = 24_000_000;

export class Site {
  readonly #options: SiteOptions;
  readonly #cache = new AnswerCache(cacheBytes);
  readonly #counts = new Map<string, number>();
  readonly #answered = new Map<string, number>();
  #now: string | undefined;

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  requests(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Moves the league to another moment; undefined is after the last game. */
  setNow(now: string | undefined): void {
    if (now !== undefined && Number.isNaN(Date.parse(now))) throw new Error(`'${now}' is no time.`);
    this.#now = now;
    this.#cache.clear();
  }

  setEarly(early: boolean): void {
    this.#options.early.value = early;
    this.#cache.clear();
  }

  /** Puts a game off, to a day where one is given. */
  postpone(game: string, to: string | undefined): void {
    this.#options.postponed.set(game, to);
    this.#cache.clear();
  }

  /** From a moment on, something of a game is otherwise. */
  tell(news: News): void {
    this.#options.news.push(news);
    this.#cache.clear();
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    this.#serve(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.log?.(`500 ${request.url ?? ''} ${message}`);
      if (!response.headersSent) send(response, plain(500, message));
      else response.destroy();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (path.startsWith('/_league/')) {
      send(response, await this.#control(request, path));
      return;
    }
    if (request.method !== 'GET') {
      send(response, plain(405, 'Only GET.'));
      return;
    }
    const reading = readQuestion(new URL(path, 'http://127.0.0.1'), request.headers);
    switch (reading.kind) {
      case 'wrong':
        return send(response, plain(400, reading.message));
      case 'refused':
        return send(response, plain(401, 'Give the key of this API.'));
      case 'unknown':
        return send(response, plain(404, 'Not found'));
      case 'question': {
        const {question} = reading;
        this.#counts.set(question.kind, (this.#counts.get(question.kind) ?? 0) + 1);
        const status = await this.#answer(question, path, response);
        this.#options.log?.(`${status} ${path}`);
        return;
      }
      default:
        return unreachable(reading);
    }
  }

  /** Gives what to write into the log: a status, or the name of the fault. */
  async #answer(question: Question, path: string, response: ServerResponse): Promise<string> {
    const {league, faults} = this.#options;
    const answersBefore = this.#answered.get(path) ?? 0;
    const strike: Strike = faults.isEmpty
      ? {transport: undefined, edits: undefined}
      : faults.strike(await subjectOf(league, question, {...located(path), answersBefore}));
    const rule = strike.transport;
    if (rule !== undefined && isWithoutAnswer(rule)) return this.#fail(rule, response);
    const answer = await this.#find(question, path, strike);
    if (rule?.kind === 'slow') await new Promise(resolve => setTimeout(resolve, rule.delayMs ?? 1000));
    const sent = spoiled(answer, rule, question);
    send(response, sent);
    if (sent === answer && answer.status === 200) this.#answered.set(path, answersBefore + 1);
    return `${sent.status}${rule === undefined ? '' : ` [${rule.kind}]`}`;
  }

  async #find(question: Question, path: string, {edits}: Strike): Promise<Sendable> {
    const {league, news} = this.#options;
    const asked = {league, question, now: this.#now, news};
    if (edits !== undefined) return answerTo({...asked, edits});
    const kept = this.#cache.find(path);
    if (kept !== undefined) return kept;
    const answer = await answerTo({...asked, edits: noEdits});
    // Play-by-plays are big and asked for once; they would only push the others out.
    return question.kind === 'play-by-play' ? answer : this.#cache.keep(path, answer);
  }

  #fail(rule: FaultRule, response: ServerResponse): string {
    // A timeout holds the connection until the client or the server's end closes it.
    if (rule.kind === 'reset') response.socket?.resetAndDestroy();
    else if (rule.kind === 'status') send(response, plain(rule.status ?? 500, 'A fault, as asked for.'));
    return rule.kind;
  }

  async #control(request: IncomingMessage, path: string): Promise<Answer> {
    const {faults} = this.#options;
    switch (`${request.method} ${path}`) {
      case 'GET /_league/requests':
        return json(this.requests());
      case 'GET /_league/faults':
        return json(faults.list());
      case 'DELETE /_league/faults':
        faults.clear();
        return json([]);
      case 'POST /_league/faults': {
        const reading = readRules(await readJson(request));
        if (!reading.ok) return plain(400, reading.message);
        faults.add(...reading.rules);
        return json(faults.list());
      }
      case 'POST /_league/early': {
        const early = (await readJson(request)) === true;
        this.setEarly(early);
        return json({early});
      }
      case 'POST /_league/postponed': {
        const asked = readPostponed(await readJson(request));
        if (asked === undefined) return plain(400, 'Send {"game": ID} or {"game": ID, "to": "YYYY-MM-DD"}.');
        this.postpone(asked.game, asked.to);
        return json(asked);
      }
      case 'POST /_league/news': {
        const news = readNews(await readJson(request));
        if (news === undefined)
          return plain(400, 'Send {"at": TIME, "game": ID, "about": "injuries" or "lines"}.');
        this.tell(news);
        return json(news);
      }
      case 'POST /_league/now': {
        const now = await readJson(request);
        if (now !== null && (typeof now !== 'string' || Number.isNaN(Date.parse(now)))) {
          return plain(400, 'Send a time as a JSON string, or null.');
        }
        this.setNow(now ?? undefined);
        return json({now});
      }
      default:
        return plain(404, 'Not found');
    }
  }
}

function isWithoutAnswer({kind}: FaultRule): boolean {
  return kind === 'timeout' || kind === 'reset' || kind === 'status';
}

function located(path: string): {readonly site: SiteName; readonly path: string} {
  const {site, within} = siteOfPath(path);
  return {site, path: within};
}

const blocked =
  '<!DOCTYPE html><html><head><title>Access denied</title></head><body>Access denied</body></html>';

/** A key every reader of the answer needs, and what it is renamed to. */
const renamed: Readonly<Record<Question['kind'], readonly [string, string]>> = {
  schedule: ['"gameDates":', '"dates":'],
  'game-log': ['"PTS"', '"POINTS"'],
  'box-score': ['"points":', '"pointsScored":'],
  standings: ['"WINS"', '"W"'],
  'play-by-play': ['"actionType":', '"type":'],
  players: ['"PERSON_ID"', '"PLAYER_ID"'],
  scoreboard: ['"gameId":', '"id":'],
  'bdl-stats': ['"abbreviation":', '"code":'],
  'espn-scoreboard': ['"competitors":', '"teams":'],
  'espn-box-score': ['"bxscr":', '"boxscore":'],
  'odds-events': ['"home_team":', '"home":'],
  odds: ['"bookmakers":', '"books":'],
  'bettingpros-events': ['"home":', '"home_team":'],
  'bettingpros-offers': ['"selections":', '"sides":'],
  // As long as it was, or the places in the file would be others.
  'injury-report': ['Current Status', 'Present Status'],
};

function spoiled(answer: Sendable, rule: FaultRule | undefined, question: Question): Sendable {
  switch (rule?.kind) {
    case 'html':
      return {status: 200, type: 'text/html', body: blocked};
    case 'not-json': {
      const whole = answer.body.toString();
      return {...answer, body: whole.slice(0, Math.floor(whole.length / 2))};
    }
    case 'changed-shape': {
      const [was, is] = renamed[question.kind];
      return {...answer, body: answer.body.toString().replaceAll(was, is)};
    }
    default:
      return answer;
  }
}

/** The request's body as JSON; undefined, which no rule is, where it is none. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readPostponed(value: unknown): {readonly game: string; readonly to?: string} | undefined {
  if (typeof value !== 'object' || value === null || !('game' in value)) return undefined;
  const {game} = value;
  const to = 'to' in value ? value.to : undefined;
  if (typeof game !== 'string' || !/^\d{10}$/.test(game)) return undefined;
  if (to === undefined) return {game};
  return typeof to === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(to) ? {game, to} : undefined;
}

function readNews(value: unknown): News | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('at' in value && 'game' in value && 'about' in value)) return undefined;
  const {at, game, about} = value;
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at)) || typeof game !== 'string') return undefined;
  return about === 'injuries' || about === 'lines' ? {at, game, about} : undefined;
}

function json(value: unknown): Answer {
  return {status: 200, type: 'application/json; charset=utf-8', body: JSON.stringify(value)};
}

function plain(status: number, body: string): Answer {
  return {status, type: 'text/plain; charset=utf-8', body};
}

function send(response: ServerResponse, {status, type, body}: Sendable): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, {'content-type': type, 'content-length': bytes.length});
  response.end(bytes);
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${JSON.stringify(value)}.`);
}
