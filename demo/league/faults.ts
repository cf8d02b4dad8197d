// Decides which of the faults asked for strike a request.
// Does not deal with carrying them out on a connection.
import {type Edits, editsOf} from './edits.ts';
import {contentKinds, type FaultRule, transportKinds} from './fault-rule.ts';
import {randomOf} from './random.ts';
import type {Subject} from './subject.ts';

export interface Strike {
  /** The first transport rule that strikes. */
  readonly transport: FaultRule | undefined;
  /** Undefined: the answer says what the league says. */
  readonly edits: Edits | undefined;
}

interface Entry {
  readonly rule: FaultRule;
  readonly index: number;
  matched: number;
  struck: number;
}

/** The rules of one server, with how often each matched and struck. */
export class Faults {
  readonly #seed: number;
  #entries: Entry[] = [];
  #added = 0;
  #drawn = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  add(...rules: readonly FaultRule[]): void {
    for (const rule of rules) this.#entries.push({rule, index: this.#added++, matched: 0, struck: 0});
  }

  clear(): void {
    this.#entries = [];
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Rules with counts of the requests they matched and struck. */
  list(): readonly (FaultRule & {readonly matched: number; readonly struck: number})[] {
    return this.#entries.map(({rule, matched, struck}) => ({...rule, matched, struck}));
  }

  strike(subject: Subject): Strike {
    const striking = this.#entries.filter(
      entry => matches(entry.rule, subject) && this.#strikes(entry, subject),
    );
    const transport = striking.find(({rule}) => includes(transportKinds, rule.kind))?.rule;
    const content = striking.flatMap(({rule}) => (includes(contentKinds, rule.kind) ? [rule] : []));
    return {transport, edits: content.length === 0 ? undefined : editsOf(content, this.#seed)};
  }

  #strikes(entry: Entry, subject: Subject): boolean {
    const {rule} = entry;
    if (rule.kind === 'corrected' && subject.answersBefore < (rule.after ?? 1)) return false;
    entry.matched++;
    if (rule.times !== undefined && entry.matched > rule.times) return false;
    if (rule.rate !== undefined && this.#draw(entry.index, subject.path) >= rule.rate) return false;
    entry.struck++;
    return true;
  }

  /** Depends on the request and how often it was asked, not on what other requests came between. */
  #draw(index: number, path: string): number {
    const key = `fault ${index} ${path}`;
    const times = (this.#drawn.get(key) ?? 0) + 1;
    this.#drawn.set(key, times);
    return randomOf(this.#seed, `${key} ${times}`)();
  }
}

function includes(kinds: readonly string[], kind: string): boolean {
  return kinds.includes(kind);
}

function matches({match, kind}: FaultRule, subject: Subject): boolean {
  const {site, path, game, season} = match;
  const {from = match.date, to = match.date} = match;
  if (site !== undefined && subject.site !== site) return false;
  if (path !== undefined && !matchesPath(path, subject.path)) return false;
  if (season !== undefined && subject.season !== season) return false;
  const isContent = includes(contentKinds, kind);
  // A schedule or a table loses or changes games only for a rule that names it.
  if (isContent && path === undefined && !subject.isBoxScores) return false;
  if (game !== undefined) {
    const named = subject.gameId === game;
    if (!named && !(isContent && subject.games.some(({gameId}) => gameId === game))) return false;
  }
  if (from === undefined && to === undefined) return true;
  if (subject.dates === undefined) return isContent;
  return (from ?? '') <= subject.dates.to && (to ?? '9999-12-31') >= subject.dates.from;
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.startsWith('/') ? path.startsWith(pattern) : new RegExp(pattern).test(path);
}
