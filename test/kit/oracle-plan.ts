/**
 * What a plan must say of every selected partition, worked out by the oracle one partition at a time: the action, and
 * each reason and note in its place. It shares no code with the planner.
 */
import type {Edge} from '../../planner/pipeline.ts';
import type {PlanRequest} from '../../planner/plan.ts';
import type {Note, Reason, WaitReason} from '../../planner/reason.ts';
import type {Action, State} from '../../planner/state.ts';
import {isExternal, isOneToOne, type Oracle, ref, SLACK} from './oracle.ts';
import {isSameMade} from './oracle-book.ts';
import {dateAfter, newYork} from './oracle-calendar.ts';
import {earlier} from './oracle-window.ts';

export interface OracleLine {
  readonly ref: string;
  readonly state: State;
  readonly action: Action | undefined;
  readonly reasons: readonly Reason[];
  readonly notes: readonly Note[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Every selected partition, fresh ones as well, in the order of `assets`, which must be topological. */
export function oraclePlan(
  oracle: Oracle,
  request: PlanRequest,
  assets: readonly string[],
): readonly OracleLine[] {
  const deciding = new Deciding(oracle, request);
  return assets.flatMap(asset => [
    ...oracle
      .keys(asset)
      .filter(key => deciding.isMeant(asset, key))
      .map(key => deciding.line(asset, key)),
    ...deciding.orphans(asset),
  ]);
}

type Want = 'nothing' | 'follow' | {readonly run: readonly Reason[]} | {readonly skip: Reason};

/** Windows of one upstream key, over which accepted gaps are passed down. */
const SAME_KEY: readonly string[] = ['same', 'season-of-date', 'whole'];

class Deciding {
  readonly #oracle: Oracle;
  readonly #request: PlanRequest;
  readonly #planned = new Set<string>();
  #left: number;

  constructor(oracle: Oracle, request: PlanRequest) {
    this.#oracle = oracle;
    this.#request = request;
    this.#left = request.limit ?? Number.POSITIVE_INFINITY;
  }

  #isSelected(asset: string, state: State): boolean {
    const {selection} = this.#request;
    return (
      selection === undefined ||
      selection.some(
        ({assets, states}) =>
          [...assets].some(other => other === asset) && (states === undefined || states.has(state)),
      )
    );
  }

  isMeant(asset: string, key: string): boolean {
    const {calendar} = this.#oracle;
    const {kind} = this.#oracle.asset(asset).partitioning;
    if (!this.#isSelected(asset, this.#oracle.stateOf(asset, key))) return false;
    if (kind === 'all') return true;
    const [first, last] = kind === 'date' ? [key, key] : calendar.span(key);
    const {from = first, to = last, keys = [key], seasons} = this.#request.range;
    const season = kind === 'date' ? calendar.season(key) : key;
    return (
      from <= last &&
      first <= to &&
      (seasons === undefined || seasons.includes(season)) &&
      keys.some(other => other === key || (kind === 'season' && first <= other && other <= last))
    );
  }

  orphans(asset: string): readonly OracleLine[] {
    const declared = this.#oracle.keys(asset);
    const {from = '', to = '9', keys, seasons} = this.#request.range;
    if (!this.#isSelected(asset, 'orphan')) return [];
    const {prune, allowProtected} = this.#request;
    const isKept = this.#oracle.asset(asset).protect !== 'never' && !allowProtected;
    return this.#oracle.book
      .keys(asset)
      .filter(key => !declared.includes(key))
      .filter(key => keys === undefined || keys.includes(key))
      .filter(key =>
        this.#oracle.isDate(asset)
          ? from <= key && key <= to
          : keys !== undefined || seasons !== undefined || (from === '' && to === '9'),
      )
      .filter(key => seasons === undefined || seasons.some(season => this.#isOfSeason(key, season)))
      .map(key => ({
        ref: ref(asset, key),
        state: 'orphan',
        action: prune ? (isKept ? 'skip' : 'drop') : undefined,
        reasons: [{kind: 'undeclared'}, ...(prune && isKept ? [{kind: 'protected'} as const] : [])],
        notes: [],
      }));
  }

  #isOfSeason(key: string, season: string): boolean {
    const [first, last] = this.#oracle.calendar.span(season);
    return key === season || (first <= key && key <= last);
  }

  line(asset: string, key: string): OracleLine {
    const {state, reasons, notes} = this.#oracle.verdict(asset, key);
    const own = ref(asset, key);
    const because = [...reasons, ...this.#trouble(asset, key)];
    const want = this.#want(asset, key, state);
    const base = {ref: own, state, notes};
    if (want === 'nothing') return {...base, action: undefined, reasons: because};
    if (want === 'follow') return this.#follow(asset, key, {...base, reasons: because});
    if ('skip' in want) {
      const skipped = {...base, action: 'skip', reasons: [...because, want.skip]} as const;
      // An input that comes out another ends the parking.
      const followed =
        want.skip.kind === 'parked' ? this.#follow(asset, key, {...base, reasons: because}) : skipped;
      return followed.action === undefined ? skipped : followed;
    }
    const line = {...base, notes: [...notes, ...this.#notes(asset, key)]};
    const waits = this.#waits(asset, key);
    if (waits.length > 0) {
      // What was signed off is not waited for, unless someone asked for it.
      if (state === 'accepted' && want.run.length === 0)
        return {...line, action: undefined, reasons: because};
      return {...line, action: 'wait', reasons: [...because, ...want.run, ...waits]};
    }
    if (this.#left <= 0) return {...line, action: undefined, reasons: because};
    this.#left--;
    this.#planned.add(own);
    return {...line, action: 'run', reasons: [...because, ...want.run]};
  }

  #trouble(asset: string, key: string): readonly Reason[] {
    const trouble = this.#oracle.book.page(asset, key).tried?.trouble;
    return trouble === undefined ? [] : [{kind: `last-attempt-${trouble.kind}`, error: trouble.error}];
  }

  #want(asset: string, key: string, state: State): Want {
    const {force, missingOnly, allowProtected} = this.#request;
    if (state === 'exempt' || state === 'not-due') return 'nothing';
    if (missingOnly && state !== 'missing') return 'nothing';
    const {protect, making} = this.#oracle.asset(asset);
    if (protect !== 'never' && !allowProtected && this.#oracle.isPublished(asset, key)) {
      return force || state === 'stale' ? {skip: {kind: 'protected'}} : 'nothing';
    }
    if (force) return this.#isPassedDown(asset, key, state) ? 'nothing' : {run: [{kind: 'forced'}]};
    const isRedefined = this.#oracle
      .verdict(asset, key)
      .reasons.every(({kind}) => kind === 'definition-changed');
    const isWanted =
      state === 'missing' ||
      (state === 'stale' && !(making.kind === 'files' && isRedefined)) ||
      (state === 'accepted' && this.#hasOtherInputs(asset, key));
    // What is stale may turn out as it was; the clock asks for it all the same.
    const onClock = this.#clock(asset, key, state);
    if (isWanted) return this.#parked(asset, key) ?? (state === 'stale' ? onClock : undefined) ?? {run: []};
    return onClock ?? 'follow';
  }

  /** Signed off through its own key's input, which is not tried. */
  #isPassedDown(asset: string, key: string, state: State): boolean {
    return state === 'accepted' && this.#edges(asset).some(edge => this.#lacksOwnKey(edge, asset, key));
  }

  #lacksOwnKey(edge: Edge, asset: string, key: string): boolean {
    if (!edge.required || !SAME_KEY.includes(edge.window.kind)) return false;
    return this.#oracle
      .window(asset, edge, key)
      .some(
        ({key: other}) =>
          this.#oracle.stateOf(edge.upstream, other) === 'accepted' &&
          !this.#planned.has(ref(edge.upstream, other)),
      );
  }

  /** A gap is tried again when what it needs on its key is there, and is not what it was tried with. */
  #hasOtherInputs(asset: string, key: string): boolean {
    const needs = this.#needs(asset, key);
    const {tried} = this.#oracle.book.page(asset, key);
    if (!needs.every(other => this.#oracle.isPublished(...other))) return false;
    return tried === undefined ? needs.length > 0 : !isSameMade(tried, this.#oracle.made(asset, key));
  }

  #needs(asset: string, key: string): readonly (readonly [asset: string, key: string])[] {
    return this.#oracle
      .asset(asset)
      .upstream.filter(edge => edge.required && isOneToOne(edge))
      .flatMap(edge => this.#oracle.members(asset, edge, key).map(other => [edge.upstream, other] as const));
  }

  /** Failed three times with what is there now; a fetch is asked for again after an hour, six hours, then daily. */
  #parked(asset: string, key: string): Want | undefined {
    const {tried} = this.#oracle.book.page(asset, key);
    if (tried?.trouble === undefined || tried.failures < 3) return undefined;
    if (!isSameMade(tried, this.#oracle.made(asset, key))) return undefined;
    const {failures, trouble} = tried;
    const parked = {kind: 'parked', failures, error: trouble.error} as const;
    const isOutside = this.#isFetch(asset) || isExternal(this.#oracle.asset(asset));
    if (!isOutside) return {skip: {...parked, nextTryAt: undefined}};
    const nextTryAt = tried.at + (failures === 3 ? HOUR_MS : failures === 4 ? 6 * HOUR_MS : DAY_MS);
    return nextTryAt <= this.#oracle.toy.now ? undefined : {skip: {...parked, nextTryAt}};
  }

  #clock(asset: string, key: string, state: State): Want | undefined {
    const {tried, published} = this.#oracle.book.page(asset, key);
    const {refresh} = this.#oracle.asset(asset);
    if (tried === undefined) return undefined;
    const since = this.#oracle.toy.now - tried.at;
    const isFetch = this.#isFetch(asset);
    const isOutside = isFetch || isExternal(this.#oracle.asset(asset));
    if (state === 'accepted') return isOutside && since >= DAY_MS ? {run: []} : undefined;
    if (!published) return undefined;
    if (refresh !== undefined && since >= refresh.every && this.#isOpen(asset, key))
      return {run: [{kind: 'refresh', lastTriedAt: tried.at}]};
    return isFetch && state === 'partial' && since >= (refresh?.every ?? DAY_MS) ? {run: []} : undefined;
  }

  #isFetch(asset: string): boolean {
    return this.#oracle.asset(asset).making.kind === 'files';
  }

  /** Whether `refresh` still asks for it. */
  #isOpen(asset: string, key: string): boolean {
    const {calendar, book} = this.#oracle;
    const {partitioning, refresh, due} = this.#oracle.asset(asset);
    const {answeredAt} = book.page(asset, key);
    // Its pipelines end no refresh with a start.
    const until = typeof refresh?.until === 'string' ? undefined : refresh?.until;
    if (partitioning.kind === 'all') return true;
    if (partitioning.kind === 'date') {
      const dueAt =
        due.kind === 'clock' ? newYork(dateAfter(key, due.days), due.minute) : newYork(dateAfter(key, 1), 0);
      return answeredAt < dueAt + (until ?? 3 * DAY_MS);
    }
    const [, last] = calendar.span(key);
    if (answeredAt >= newYork(dateAfter(last, 1), 0)) return false;
    const dates = calendar.datesOf(key);
    const lastDate = dates.at(-1);
    if (lastDate === undefined || dates.some(date => calendar.finality(date) !== 'final')) return true;
    return answeredAt < newYork(dateAfter(lastDate, 1), 0) + (until ?? 7 * DAY_MS);
  }

  /** Edges to others in the manifest's order, then the asset's own. */
  #edges(asset: string): readonly Edge[] {
    const {upstream} = this.#oracle.asset(asset);
    return [
      ...upstream.filter(edge => edge.upstream !== asset),
      ...upstream.filter(edge => edge.upstream === asset),
    ];
  }

  #follow(asset: string, key: string, line: Omit<OracleLine, 'action'>): OracleLine {
    // A gap that was never tried is made with what it needs, and not for what it would read besides.
    const isUntried = line.state === 'accepted' && this.#oracle.book.page(asset, key).tried === undefined;
    const edges = this.#edges(asset).filter(edge =>
      isUntried ? edge.required && isOneToOne(edge) : edge.tracks,
    );
    for (const edge of edges) {
      const planned = this.#oracle
        .members(asset, edge, key)
        .filter(other => this.#planned.has(ref(edge.upstream, other)));
      const [first] = planned;
      if (first === undefined) continue;
      this.#planned.add(line.ref);
      const because = {
        kind: 'upstream-planned',
        upstream: ref(edge.upstream, first),
        count: planned.length,
      } as const;
      return {...line, action: 'run-if', reasons: [...line.reasons, because]};
    }
    return {...line, action: undefined};
  }

  #waits(asset: string, key: string): readonly WaitReason[] {
    return this.#edges(asset)
      .filter(({required}) => required)
      .flatMap(edge => this.#waitOf(asset, edge, key) ?? []);
  }

  /** Exempt and accepted ones, and in a season or `all` those that are not due, are left out. */
  #counts(asset: string, edge: Edge, key: string): boolean {
    const state = this.#oracle.stateOf(edge.upstream, key);
    if (state === 'exempt') return false;
    if (state === 'accepted')
      return SAME_KEY.includes(edge.window.kind) || this.#planned.has(ref(edge.upstream, key));
    return !(state === 'not-due' && !this.#oracle.isDate(asset));
  }

  #share(upstream: string, key: string): {readonly held: number; readonly expected: number; whole: boolean} {
    const {held, expected} = this.#oracle.coverage(upstream, key);
    if (this.#planned.has(ref(upstream, key))) return {held: expected, expected, whole: true};
    const whole = this.#oracle.isPublished(upstream, key) && this.#oracle.isCovered(upstream, key);
    return {held, expected, whole};
  }

  #waitOf(asset: string, edge: Edge, key: string): WaitReason | undefined {
    const {upstream, atLeast} = edge;
    const isGone = this.#lacksOwnKey(edge, asset, key);
    const window = this.#oracle
      .window(asset, edge, key)
      .filter(({key: other}) => this.#counts(asset, edge, other));
    const keys = [...new Set(window.map(member => member.key))].sort();
    if (atLeast === undefined) {
      const lacking = keys.filter(other => !this.#share(upstream, other).whole);
      const [first] = lacking;
      if (first === undefined) return undefined;
      if (!this.#oracle.isPublished(upstream, first))
        return {kind: 'upstream-missing', upstream: ref(upstream, first), count: lacking.length};
      const {held, expected} = this.#oracle.coverage(upstream, first);
      const share = this.#oracle.asset(upstream).covers?.atLeast ?? 1;
      return {
        kind: 'upstream-partial',
        upstream: ref(upstream, first),
        parts: 1,
        held,
        expected,
        atLeast: share,
        count: 1,
      };
    }
    const shares = window.map(member => this.#share(upstream, member.key));
    const held = isGone ? 0 : shares.reduce((sum, share) => sum + share.held, 0);
    const expected = isGone ? 1 : shares.reduce((sum, share) => sum + share.expected, 0);
    if (held >= atLeast * expected - SLACK) return undefined;
    const short = keys.find(
      other => isGone || this.#share(upstream, other).held < this.#share(upstream, other).expected,
    );
    return {
      kind: 'upstream-partial',
      upstream: ref(upstream, short ?? ''),
      parts: this.#oracle.members(asset, edge, key).length,
      held,
      expected,
      atLeast,
      count: 1,
    };
  }

  #notes(asset: string, key: string): readonly Note[] {
    return this.#edges(asset).flatMap(edge => {
      const {upstream} = edge;
      const members = this.#oracle.members(asset, edge, key);
      const stale = members.filter(
        other =>
          this.#oracle.stateOf(upstream, other) === 'stale' && !this.#planned.has(ref(upstream, other)),
      );
      const notes: Note[] = [];
      if (stale[0] !== undefined)
        notes.push({kind: 'built-on-stale', upstream: ref(upstream, stale[0]), count: stale.length});
      if (edge.window.kind !== 'previous') return notes;
      const passed = earlier(this.#oracle, asset, edge, key).findLast(
        other => other > (members[0] ?? '') && this.#oracle.stateOf(upstream, other) === 'accepted',
      );
      if (passed !== undefined) notes.push({kind: 'previous-passed-over', upstream: ref(upstream, passed)});
      return notes;
    });
  }
}
