/**
 * The rules of state once more, as slow and plain as can be: for every partition the list of all that it reads, worked
 * out anew from declarations and from what the oracle wrote down itself, and compared with the list of when it was
 * made. It shares no code with the planner, so that both can be held against each other.
 */
import type {Asset, Due, Edge} from '../../planner/pipeline.ts';
import type {
  ExemptReason,
  MissingReason,
  NotDueReason,
  Note,
  PartitionRef,
  Reason,
  StaleReason,
} from '../../planner/reason.ts';
import type {State} from '../../planner/state.ts';
import {Book, isSameMade, type Made} from './oracle-book.ts';
import {dateAfter, dayNumber, newYork, OracleCalendar} from './oracle-calendar.ts';
import {type Member, windowOf} from './oracle-window.ts';
import {name, type Toy} from './toy.ts';

export interface OracleVerdict {
  readonly state: State;
  readonly reasons: readonly Reason[];
  readonly notes: readonly Note[];
}

/** How many upstream partitions a reason names. */
const NAMED = 5;
/** 90 % of 10 games is 9, whatever floating point says. */
export const SLACK = 1e-9;

export class Oracle {
  readonly toy: Toy;
  readonly book = new Book();
  #stamp: readonly unknown[] = [];
  #known = new Map<string, unknown>();

  constructor(toy: Toy) {
    this.toy = toy;
  }

  /** `asset@key` is being made from what is there just now. */
  note(asset: string, key: string, version: string, absent: readonly string[] = []): void {
    const found = this.calendar.on(key).filter(({id}) => !absent.includes(id)).length;
    this.book.publish(asset, key, {made: this.made(asset, key), version, absent, found, now: this.toy.now});
  }

  noteFailure(asset: string, key: string, error: string, kind: 'failed' | 'quarantined' = 'failed'): void {
    this.book.fail(asset, key, {made: this.made(asset, key), kind, error, now: this.toy.now});
  }

  asset(asset: string): Asset {
    const found = this.toy.pipeline.assets.get(name(asset));
    if (found === undefined) throw new Error(`There is no asset ${asset}`);
    return found;
  }

  /** Worked out once, until anything happens. */
  #once<T>(what: string, find: () => T): T {
    const {pipeline, ledger, now} = this.toy;
    const stamp = [pipeline, this.toy.sources, ledger.calendars.get('nba'), now, this.book.count];
    if (stamp.some((part, i) => part !== this.#stamp[i])) {
      this.#stamp = stamp;
      this.#known = new Map();
    }
    if (!this.#known.has(what)) this.#known.set(what, find());
    return this.#known.get(what) as T; // set above under that name, by this method alone
  }

  get calendar(): OracleCalendar {
    return this.#once('calendar', () => new OracleCalendar(this.toy));
  }

  keys(asset: string): readonly string[] {
    const {kind} = this.asset(asset).partitioning;
    return kind === 'date' ? this.calendar.dates : kind === 'season' ? this.calendar.seasons : ['all'];
  }

  isDate(asset: string): boolean {
    return this.asset(asset).partitioning.kind === 'date';
  }

  isPublished(asset: string, key: string): boolean {
    return this.book.page(asset, key).published;
  }

  /** The members of an edge's window, whether or not they are there; windows by games name a date once for each team. */
  window(asset: string, edge: Edge, key: string): readonly Member[] {
    return this.#once(`window ${asset} ${edge.name} ${key}`, () => windowOf(this, asset, edge, key));
  }

  /** The keys of a window, once each, sorted. */
  members(asset: string, edge: Edge, key: string): readonly string[] {
    return [...new Set(this.window(asset, edge, key).map(member => member.key))].sort();
  }

  #definition(asset: string): string {
    const text = this.toy.spec.texts?.[asset] ?? '';
    if (isExternal(this.asset(asset))) return '';
    // Of queries comments do not count; those are the only ones that histories write.
    return 'query' in this.asset(asset).making ? text.replaceAll(/--.*\n/g, '').trim() : text;
  }

  made(asset: string, key: string): Made {
    const entry = this.#entry(asset, key);
    const inputs = [...this.#inputs(asset, key), ...(entry === '' ? [] : [`entry ${entry}`])].sort();
    return {definition: this.#definition(asset), inputs, entry};
  }

  #inputs(asset: string, key: string): readonly string[] {
    return this.asset(asset).upstream.flatMap(edge =>
      (edge.tracks ? this.window(asset, edge, key) : [])
        .filter(member => this.isPublished(edge.upstream, member.key))
        .filter(member => this.exemptReason(edge.upstream, member.key) === undefined)
        .map(({key: other, team, game}) =>
          [edge.name, team, game, other, this.book.page(edge.upstream, other).version].join(' '),
        ),
    );
  }

  /** The season of the date; its games and teams where the asset uses them. */
  #entry(asset: string, key: string): string {
    const {covers, making, upstream} = this.asset(asset);
    const isUsed =
      covers !== undefined ||
      making.kind === 'files' ||
      making.kind === 'rows' ||
      upstream.some(({window}) => window.kind === 'games');
    if (!this.isDate(asset) || isExternal(this.asset(asset))) return '';
    const games = isUsed ? this.calendar.on(key).map(({id, teams}) => `${id} ${teams.join(' ')}`) : [];
    return [this.calendar.season(key), ...games.sort()].join(', ');
  }

  /** The upstream key of an edge that maps a key to exactly one, where it is required. */
  #passing(asset: string, key: string): readonly {readonly upstream: string; readonly key: string}[] {
    return this.asset(asset)
      .upstream.filter(edge => edge.required && isOneToOne(edge))
      .flatMap(edge => this.members(asset, edge, key).map(other => ({upstream: edge.upstream, key: other})));
  }

  exemptReason(asset: string, key: string): ExemptReason | undefined {
    return this.#once(`exempt ${asset} ${key}`, () => this.#findExempt(asset, key));
  }

  #findExempt(asset: string, key: string): ExemptReason | undefined {
    const {start, end, skipFirstDays, partitioning} = this.asset(asset);
    if (partitioning.kind !== 'all') {
      const [first, last] = partitioning.kind === 'date' ? [key, key] : this.calendar.span(key);
      if (start !== undefined && last < start) return {kind: 'before-start', start};
      if (end !== undefined && first > end) return {kind: 'after-end', end};
    }
    if (partitioning.kind === 'date' && skipFirstDays > 0) {
      const [first = key] = this.calendar.datesOf(this.calendar.season(key));
      if (dayNumber(key) < dayNumber(first) + skipFirstDays) return {kind: 'bootstrap', days: skipFirstDays};
    }
    const through = this.#passing(asset, key).find(({upstream, key: other}) =>
      this.exemptReason(upstream, other),
    );
    return through && {kind: 'upstream-exempt', upstream: ref(through.upstream, through.key)};
  }

  /** Not published, and signed off by itself or through what it needs on the same key. */
  acceptedReason(asset: string, key: string): Reason | undefined {
    return this.#once(`accepted ${asset} ${key}`, () => {
      if (this.isPublished(asset, key) || this.exemptReason(asset, key) !== undefined) return undefined;
      return this.#findAccepted(asset, key);
    });
  }

  #findAccepted(asset: string, key: string): Reason | undefined {
    const gaps = this.#gaps(asset, key);
    const signed = gaps.flatMap(({games}) => games);
    const games = this.isDate(asset) ? this.calendar.on(key) : [];
    const isEvery = games.length > 0 && games.every(({id}) => signed.includes(id));
    const gap = gaps.find(candidate => candidate.games.length === 0 || isEvery);
    if (gap !== undefined)
      return {kind: 'accepted-gap', reason: gap.reason, by: gap.acceptedBy, on: gap.acceptedOn};
    const through = this.#passing(asset, key).find(({upstream, key: other}) =>
      this.acceptedReason(upstream, other),
    );
    return through && {kind: 'upstream-accepted', upstream: ref(through.upstream, through.key)};
  }

  #gaps(asset: string, key: string) {
    const {today} = this.calendar;
    return this.toy.pipeline.knownGaps.filter(
      ({asset: own, keys, until}) =>
        own === asset &&
        (until === undefined || today < until) &&
        keys.some(({from, to}) => from <= key && key <= to),
    );
  }

  /** Games held and games expected, signed-off ones left out of both; 1 and 0 or 1 where there is no coverage. */
  coverage(asset: string, key: string): {readonly held: number; readonly expected: number; absent: string[]} {
    const {published, absent: recorded, found} = this.book.page(asset, key);
    if (this.asset(asset).covers === undefined) {
      return {held: published ? 1 : 0, expected: 1, absent: []};
    }
    const games = this.calendar.on(key).map(({id}) => id);
    const signed = new Set(this.#gaps(asset, key).flatMap(gap => gap.games));
    const rest = games.filter(id => published && !recorded.includes(id));
    const open = games.filter(id => !rest.includes(id) && !signed.has(id));
    const absent = recorded.filter(id => !signed.has(id));
    // Games that the calendar has gained since were not counted: no more is held than was found.
    return {held: Math.min(rest.length, found), expected: rest.length + open.length, absent};
  }

  isCovered(asset: string, key: string): boolean {
    const {held, expected} = this.coverage(asset, key);
    return held >= (this.asset(asset).covers?.atLeast ?? 1) * expected - SLACK;
  }

  verdict(asset: string, key: string): OracleVerdict {
    return this.#once(`verdict ${asset} ${key}`, () => this.#decide(asset, key));
  }

  stateOf(asset: string, key: string): State {
    return this.verdict(asset, key).state;
  }

  /** The rules in their order; the first that holds decides. */
  #decide(asset: string, key: string): OracleVerdict {
    const exempt = this.exemptReason(asset, key);
    if (exempt !== undefined) return {state: 'exempt', reasons: [exempt], notes: []};
    if (this.isPublished(asset, key)) {
      const stale = this.#staleReasons(asset, key);
      if (stale.length > 0) return {state: 'stale', reasons: stale, notes: []};
      if (this.isCovered(asset, key)) return {state: 'fresh', reasons: [], notes: []};
      const {held, expected, absent} = this.coverage(asset, key);
      return {
        state: 'partial',
        reasons: [{kind: 'below-coverage', found: held, expected, absent}],
        notes: [],
      };
    }
    const accepted = this.acceptedReason(asset, key);
    if (accepted !== undefined) return {state: 'accepted', reasons: [accepted], notes: []};
    const due = this.#due(asset, key);
    if (typeof due === 'object') return {state: 'not-due', reasons: [due], notes: []};
    const notes: readonly Note[] = due === 'overdue' ? [{kind: 'schedule-not-final'}] : [];
    return {state: 'missing', reasons: [this.#missingReason(asset, key)], notes};
  }

  #missingReason(asset: string, key: string): MissingReason {
    const {lostAt, tried} = this.book.page(asset, key);
    const isOthers = isExternal(this.asset(asset));
    if (lostAt === 0) return {kind: isOthers ? 'not-observed' : 'never-materialized'};
    return {kind: isOthers && tried?.trouble !== undefined ? 'source-gone' : 'forgotten'};
  }

  #staleReasons(asset: string, key: string): readonly StaleReason[] {
    const {made, readAt} = this.book.page(asset, key);
    if (made === undefined) throw new Error(`${asset}@${key} was never noted`);
    const today = this.made(asset, key);
    if (isSameMade(made, today)) return [];
    const part = 'query' in this.asset(asset).making ? 'query' : 'code';
    const definition: readonly StaleReason[] =
      made.definition === today.definition ? [] : [{kind: 'definition-changed', part}];
    if (made.inputs.join('\n') === today.inputs.join('\n')) return definition;
    const named = [
      ...this.asset(asset)
        .upstream.filter(({tracks}) => tracks)
        .flatMap(edge => this.#news(asset, edge, key, readAt)),
      ...(made.entry === today.entry ? [] : [{kind: 'calendar-changed'} as const]),
    ];
    return [...definition, ...(named.length > 0 ? named : [{kind: 'window-changed'} as const])];
  }

  /** What changed, arrived and was lost in a window since `readAt`. */
  #news(asset: string, edge: Edge, key: string, readAt: number): readonly StaleReason[] {
    const pages = this.members(asset, edge, key)
      .filter(other => this.exemptReason(edge.upstream, other) === undefined)
      .map(other => ({other, ...this.book.page(edge.upstream, other)}));
    const list = (kind: NewsKind, found: typeof pages) => {
      const upstream = found.slice(0, NAMED).map(({other}) => ref(edge.upstream, other));
      return found.length === 0 ? [] : [{kind, upstream, count: found.length}];
    };
    const there = pages.filter(({published}) => published);
    const arrived = there.filter(({arrivedAt}) => arrivedAt > readAt);
    return [
      ...list(
        isExternal(this.asset(edge.upstream)) ? 'source-changed' : 'upstream-changed',
        there.filter(page => !arrived.includes(page) && page.changedAt > readAt),
      ),
      ...list('upstream-arrived', arrived),
      ...list(
        'upstream-lost',
        pages.filter(({published, lostAt}) => !published && lostAt > readAt),
      ),
    ];
  }

  #due(asset: string, key: string): 'due' | 'overdue' | NotDueReason {
    const own = this.#ownDue(asset, key);
    if (typeof own === 'object') return own;
    for (const edge of this.asset(asset).upstream) {
      if (!edge.required || !(this.isDate(asset) || edge.window.kind === 'same')) continue;
      const early = this.members(asset, edge, key).find(
        other => this.stateOf(edge.upstream, other) === 'not-due',
      );
      if (early !== undefined) return {kind: 'upstream-not-due', upstream: ref(edge.upstream, early)};
    }
    return own;
  }

  #ownDue(asset: string, key: string): 'due' | 'overdue' | NotDueReason {
    const {partitioning, due} = this.asset(asset);
    if (partitioning.kind === 'all') return 'due';
    if (partitioning.kind === 'season') {
      // The schedule comes before any game is known.
      if (asset === 'raw.schedule') return 'due';
      const [first] = this.calendar.datesOf(key);
      return first === undefined ? {kind: 'no-known-games'} : this.#dateDue(due, first);
    }
    return this.#dateDue(due, key);
  }

  #dateDue(due: Due, key: string): 'due' | 'overdue' | NotDueReason {
    if (due.kind === 'scheduled') return 'due';
    if (due.kind === 'clock') {
      const dueAt = newYork(dateAfter(key, due.days), due.minute);
      return dueAt <= this.toy.now ? 'due' : {kind: 'not-yet', dueAt};
    }
    const finality = this.calendar.finality(key);
    if (typeof finality === 'number') return {kind: 'games-not-final', games: finality};
    return finality === 'overdue' ? 'overdue' : 'due';
  }
}

type NewsKind = 'upstream-changed' | 'source-changed' | 'upstream-arrived' | 'upstream-lost';

export function isExternal({making}: Asset): boolean {
  return making.kind === 'external-table';
}

export function isOneToOne({window}: Edge): boolean {
  return window.kind === 'same' || window.kind === 'season-of-date' || window.kind === 'whole';
}

export function ref(asset: string, key: string): PartitionRef {
  return `${asset}@${key}`;
}
