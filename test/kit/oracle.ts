/**
 * The rules of staleness once more, as slow and plain as can be: for every partition the list of all that it reads,
 * worked out anew from declarations and ledger, and compared with the list written down when it was made.
 * It shares no code with the planner's windows, calendars and digests, so that both can be held against each other.
 */
import type {CalendarGame} from '../../planner/ledger.ts';
import type {Asset, Edge} from '../../planner/pipeline.ts';
import {name, type Toy} from './toy.ts';

/** One thing that a window holds; `team` only in windows by games. */
export interface Member {
  readonly key: string;
  readonly team: string;
}

const DAY_MS = 86_400_000;
const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

export class Oracle {
  readonly #toy: Toy;
  /** By `asset@key`: the definition and the list that the last publication was made from. */
  readonly #made = new Map<string, {readonly definition: string; readonly inputs: readonly string[]}>();

  constructor(toy: Toy) {
    this.#toy = toy;
  }

  /** Writes down what `asset@key` is made from just now. */
  note(asset: string, key: string): void {
    this.#made.set(`${asset}@${key}`, {definition: this.#definition(asset), inputs: this.inputs(asset, key)});
  }

  /** The text without comments, which are the only ones that histories write. */
  #definition(asset: string): string {
    const text = this.#toy.spec.texts?.[asset] ?? '';
    return text.replaceAll(/--.*\n/g, '').trim();
  }

  /** Whether a published partition is out of date. */
  isStale(asset: string, key: string): boolean {
    const made = this.#made.get(`${asset}@${key}`);
    if (made === undefined) throw new Error(`${asset}@${key} was never noted`);
    const now = this.inputs(asset, key);
    return made.definition !== this.#definition(asset) || made.inputs.join('\n') !== now.join('\n');
  }

  asset(asset: string): Asset {
    const found = this.#toy.pipeline.assets.get(name(asset));
    if (found === undefined) throw new Error(`There is no asset ${asset}`);
    return found;
  }

  /** Games that are played, by date. */
  #games(): readonly CalendarGame[] {
    const {start = '0000-01-01', end = '9999-12-31'} = this.#toy.pipeline;
    return (this.#toy.ledger.calendars.get('nba')?.games ?? []).filter(
      ({date, status}) => date >= start && date <= end && status !== 'postponed' && status !== 'cancelled',
    );
  }

  dates(): readonly string[] {
    return [...new Set(this.#games().map(({date}) => date))].sort();
  }

  season(date: string): string {
    return this.#games().find(game => game.date === date)?.season ?? '';
  }

  seasons(): readonly string[] {
    const known = new Set(this.#games().map(({season}) => season));
    for (let year = 2023; Date.parse(`${year}-07-01T04:00:00Z`) <= this.#toy.now; year++) {
      known.add(`${year}-${String(year - 1999).padStart(2, '0')}`);
    }
    return [...known].sort();
  }

  keys(asset: string): readonly string[] {
    const {kind} = this.asset(asset).partitioning;
    return kind === 'date' ? this.dates() : kind === 'season' ? this.seasons() : ['all'];
  }

  #row(asset: string, key: string): number | undefined {
    const row = this.#toy.ledger.rowOf(name(asset), key);
    return row !== undefined && this.#toy.ledger.find(name(asset))?.published[row] === 1 ? row : undefined;
  }

  isPublished(asset: string, key: string): boolean {
    return this.#row(asset, key) !== undefined;
  }

  #version(asset: string, key: string): string | undefined {
    const row = this.#row(asset, key);
    const version = this.#toy.ledger.find(name(asset))?.version;
    return row === undefined ? undefined : `${version?.hi[row]}:${version?.lo[row]}`;
  }

  isExempt(asset: string, key: string): boolean {
    const {start, end, skipFirstDays, partitioning, upstream} = this.asset(asset);
    if (partitioning.kind === 'date') {
      if (start !== undefined && key < start) return true;
      if (end !== undefined && key > end) return true;
      const first = this.dates().find(date => this.season(date) === this.season(key)) ?? key;
      if (dayNumber(key) < dayNumber(first) + skipFirstDays) return true;
    }
    return upstream.some(
      edge => edge.required && this.#sameKeys(edge, key).some(other => this.isExempt(edge.upstream, other)),
    );
  }

  /** Not published, and signed off by itself or through what it needs on the same key. */
  isAccepted(asset: string, key: string): boolean {
    if (this.isPublished(asset, key) || this.isExempt(asset, key)) return false;
    const {upstream} = this.asset(asset);
    const isSigned = this.#toy.pipeline.knownGaps.some(
      gap => gap.asset === asset && gap.keys.some(({from, to}) => from <= key && key <= to),
    );
    return (
      isSigned ||
      upstream.some(
        edge =>
          edge.required && this.#sameKeys(edge, key).some(other => this.isAccepted(edge.upstream, other)),
      )
    );
  }

  /** The upstream key of an edge that maps a key to exactly one. */
  #sameKeys({window}: Edge, key: string): readonly string[] {
    if (window.kind === 'same') return [key];
    if (window.kind === 'season-of-date') return [this.season(key)];
    return window.kind === 'whole' ? ['all'] : [];
  }

  /** All that `asset@key` would read now, one line each. */
  inputs(asset: string, key: string): readonly string[] {
    const declared = this.asset(asset);
    const lines: string[] = [];
    for (const edge of declared.upstream) {
      if (!edge.tracks) continue;
      for (const {team, key: other} of this.window(asset, edge, key)) {
        const version = this.#version(edge.upstream, other);
        if (version === undefined || this.isExempt(edge.upstream, other)) continue;
        lines.push(`${edge.name} ${team} ${other} ${version}`);
      }
    }
    const usesGames =
      declared.covers !== undefined || declared.upstream.some(({window}) => window.kind === 'games');
    if (declared.partitioning.kind === 'date' && usesGames) {
      for (const {id, date, teams} of this.#games())
        if (date === key) lines.push(`entry ${id} ${teams.join(' ')}`);
    }
    return lines.sort();
  }

  /** What a window holds, whether or not it is there. */
  window(asset: string, edge: Edge, key: string): readonly Member[] {
    const {window, throughToday, crossesSeasons} = edge;
    const isPast = (date: string): boolean => date < key || (throughToday && date === key);
    const isNear = (date: string): boolean => crossesSeasons || this.season(date) === this.season(key);
    const members = (keys: readonly string[]): readonly Member[] =>
      keys.map(other => ({key: other, team: ''}));
    const past = this.dates().filter(date => isPast(date) && isNear(date));
    switch (window.kind) {
      case 'same':
      case 'whole':
      case 'season-of-date':
        return members(this.#sameKeys(edge, key));
      case 'dates-of-season':
        return members(this.dates().filter(date => this.season(date) === key));
      case 'days': {
        const first = dayNumber(key) - window.count + (throughToday ? 1 : 0);
        return members(past.filter(date => dayNumber(date) >= first));
      }
      case 'dates':
        return members(past.slice(-window.count));
      case 'games':
        return this.#teams(key, window.teams).flatMap(team =>
          this.#games()
            .filter(({date, teams}) => isPast(date) && isNear(date) && teams.includes(team))
            .map(({date}) => ({key: date, team}))
            .slice(-window.count),
        );
      case 'season-to-date':
        return members(past.filter(date => this.season(date) === this.season(key)));
      case 'previous': {
        const before = this.keys(edge.upstream).filter(
          other => other < key && (this.asset(asset).partitioning.kind !== 'date' || isNear(other)),
        );
        const read = before.findLast(
          other => !this.isExempt(edge.upstream, other) && !this.isAccepted(edge.upstream, other),
        );
        return read === undefined ? [] : members([read]);
      }
      default:
        return members(this.keys(edge.upstream).filter(other => this.#isInAll(asset, edge, key, other)));
    }
  }

  #isInAll(asset: string, {upstream, throughToday}: Edge, key: string, other: string): boolean {
    if (this.asset(asset).partitioning.kind !== 'date') return true;
    const own = this.asset(upstream).partitioning.kind === 'date' ? key : this.season(key);
    return other < own || (throughToday && other === own);
  }

  #teams(key: string, which: 'every' | 'playing'): readonly string[] {
    const games = this.#games().filter(game =>
      which === 'playing' ? game.date === key : game.season === this.season(key),
    );
    return [...new Set(games.flatMap(({teams}) => teams))];
  }
}
