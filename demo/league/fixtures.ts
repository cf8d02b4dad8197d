// Who meets whom on which day of a regular season: 1,230 games, 82 a team, 41 of them at home.
// Does not deal with results, tip-off times, or the games before and after the season.
import {dayNumber, weekday} from './calendar.ts';
import {bell, type Random, shuffled} from './random.ts';
import {type Franchise, franchises} from './teams.ts';

export interface Fixture {
  readonly home: Franchise;
  readonly away: Franchise;
}

export interface DatedFixture extends Fixture {
  readonly date: string;
}

/** The games of a season by date, in a seeded order within it. Nobody plays twice on a date. */
export function regularSeason(random: Random, dates: readonly string[]): DatedFixture[] {
  const pool = shuffled(random, pairings(random));
  const book = new Book(dates);
  const last = dates.at(-1) ?? '';
  for (const fixture of roundOf(random, pool)) take(book, pool, fixture, last);
  const targets = gamesPerDate(random, dates);
  for (const [index, date] of dates.slice(0, -1).entries()) {
    fillDate({random, book, pool, date, target: targets[index] ?? 1, datesLeft: dates.length - index});
  }
  for (const fixture of [...pool]) take(book, pool, fixture, book.bestDateFor(fixture));
  book.fillEmptyDates();
  return book.inOrder();
}

function take(book: Book, pool: Fixture[], fixture: Fixture, date: string): void {
  pool.splice(pool.indexOf(fixture), 1);
  book.add(fixture, date);
}

/** Four games against division rivals, three or four in the conference, two across. */
function pairings(random: Random): Fixture[] {
  const games: Fixture[] = [];
  const shift = Math.floor(random() * 5);
  for (const [index, one] of franchises.entries()) {
    for (const other of franchises.slice(index + 1)) games.push(...meetings(one, other, shift));
  }
  return games;
}

function meetings(one: Franchise, other: Franchise, shift: number): Fixture[] {
  const atOne = {home: one, away: other};
  const atOther = {home: other, away: one};
  if (one.conference !== other.conference) return [atOne, atOther];
  if (one.division === other.division) return [atOne, atOne, atOther, atOther];
  // Of two divisions' 25 pairs ten meet three times, two a team, once with the extra game on each side.
  const [first, second] = one.division < other.division ? [one, other] : [other, one];
  const atFirst = first === one ? atOne : atOther;
  const atSecond = first === one ? atOther : atOne;
  const step = (placeInDivision(first) + placeInDivision(second) + shift) % 5;
  if (step === 0) return [atFirst, atFirst, atSecond];
  if (step === 1) return [atFirst, atSecond, atSecond];
  return [atFirst, atFirst, atSecond, atSecond];
}

function placeInDivision(team: Franchise): number {
  return franchises.filter(other => other.division === team.division).indexOf(team);
}

/** Fifteen games for all thirty teams. */
function roundOf(random: Random, pool: readonly Fixture[]): Fixture[] {
  for (;;) {
    const busy = new Set<Franchise>();
    const round = shuffled(random, pool).filter(({home, away}) => {
      if (busy.has(home) || busy.has(away)) return false;
      busy.add(home).add(away);
      return true;
    });
    if (round.length === 15) return round;
  }
}

/** By weekday as the league spreads them, with five at Christmas and two on opening night. */
const weekdayShare = [7.5, 8.2, 6, 9.2, 5.6, 8.8, 7.3];

function gamesPerDate(random: Random, dates: readonly string[]): number[] {
  const wished = dates.map((date, index) => {
    if (index === 0) return 2;
    if (index === dates.length - 1) return 15;
    if (date.endsWith('-12-25')) return 5;
    return Math.max(1, Math.min(14, (weekdayShare[weekday(date)] ?? 7) + 2.2 * bell(random)));
  });
  const isFixed = (index: number): boolean => index === 0 || wished[index] === 15 || wished[index] === 5;
  const sumOf = (fixed: boolean): number =>
    wished.reduce((sum, count, index) => (isFixed(index) === fixed ? sum + count : sum), 0);
  const scale = (1230 - sumOf(true)) / sumOf(false);
  // What rounding takes from one date the next one gets, so that all of them sum to 1,230.
  let owed = 0;
  return wished.map((count, index) => {
    if (isFixed(index)) return count;
    const exact = count * scale + owed;
    const games = Math.max(1, Math.min(14, Math.round(exact)));
    owed = exact - games;
    return games;
  });
}

interface DateToFill {
  readonly random: Random;
  readonly book: Book;
  readonly pool: Fixture[];
  readonly date: string;
  readonly target: number;
  readonly datesLeft: number;
}

/** Takes the games whose teams are most behind and best rested. */
function fillDate({random, book, pool, date, target, datesLeft}: DateToFill): void {
  const ratings = new Map(franchises.map(team => [team, readiness(book, team, date, datesLeft)]));
  const rated = pool
    .map(fixture => ({
      fixture,
      rating: (ratings.get(fixture.home) ?? 0) + (ratings.get(fixture.away) ?? 0) + 0.35 * random(),
    }))
    .sort((a, b) => b.rating - a.rating);
  let games = 0;
  for (const {fixture, rating} of rated) {
    if (games === target) break;
    if (rating < -50 || book.isBusy(fixture, date)) continue;
    take(book, pool, fixture, date);
    games++;
  }
}

function readiness(book: Book, team: Franchise, date: string, datesLeft: number): number {
  const behind = (82 - book.countOf(team)) / datesLeft;
  if (book.makesThreeInARow(team, date)) return -100;
  const sinceLast = book.restBefore(team, date);
  const rest = sinceLast === 1 ? -0.55 : Math.min(4, sinceLast) * 0.12;
  return 4 * behind + rest;
}

/** The games given a date so far. */
class Book {
  readonly #dates: readonly string[];
  readonly #byDate: Map<string, Fixture[]>;
  /** Day numbers, which are quicker to count with than dates. */
  readonly #byTeam = new Map<Franchise, Set<number>>(franchises.map(team => [team, new Set()]));

  constructor(dates: readonly string[]) {
    this.#dates = dates;
    this.#byDate = new Map(dates.map(date => [date, []]));
  }

  add(fixture: Fixture, date: string): void {
    this.#byDate.get(date)?.push(fixture);
    this.#daysOf(fixture.home).add(dayNumber(date));
    this.#daysOf(fixture.away).add(dayNumber(date));
  }

  countOf(team: Franchise): number {
    return this.#daysOf(team).size;
  }

  isBusy({home, away}: Fixture, date: string): boolean {
    const day = dayNumber(date);
    return this.#daysOf(home).has(day) || this.#daysOf(away).has(day);
  }

  makesThreeInARow(team: Franchise, date: string): boolean {
    const days = this.#daysOf(team);
    const day = dayNumber(date);
    const [before2, before, after, after2] = [-2, -1, 1, 2].map(step => days.has(day + step));
    return (before2 && before) || (before && after) || (after && after2) || false;
  }

  /** Days since the team's last game before the date, 9 where it has none. */
  restBefore(team: Franchise, date: string): number {
    const day = dayNumber(date);
    for (let days = 1; days < 9; days++) if (this.#daysOf(team).has(day - days)) return days;
    return 9;
  }

  /** The emptiest date both teams are free on; without three days in a row if there is one. */
  bestDateFor(fixture: Fixture): string {
    const free = this.#dates.filter(date => !this.isBusy(fixture, date) && this.#gamesOn(date) < 15);
    const rested = free.filter(
      date => !this.makesThreeInARow(fixture.home, date) && !this.makesThreeInARow(fixture.away, date),
    );
    const best = (rested.length > 0 ? rested : free).sort((a, b) => this.#gamesOn(a) - this.#gamesOn(b))[0];
    if (best === undefined) throw new Error('Internal error: no free date for a game of the season.');
    return best;
  }

  /** Moves a game to every date that got none. */
  fillEmptyDates(): void {
    for (const empty of this.#dates.filter(date => this.#gamesOn(date) === 0)) {
      const moved = this.#dates
        .filter(date => this.#gamesOn(date) > 2)
        .flatMap(date => (this.#byDate.get(date) ?? []).map(fixture => ({fixture, date})))
        .find(
          ({fixture}) =>
            !this.isBusy(fixture, empty) &&
            !this.makesThreeInARow(fixture.home, empty) &&
            !this.makesThreeInARow(fixture.away, empty),
        );
      if (moved === undefined) throw new Error(`Internal error: no game can be moved to ${empty}.`);
      this.#remove(moved.fixture, moved.date);
      this.add(moved.fixture, empty);
    }
  }

  #remove(fixture: Fixture, date: string): void {
    const games = this.#byDate.get(date) ?? [];
    games.splice(games.indexOf(fixture), 1);
    this.#daysOf(fixture.home).delete(dayNumber(date));
    this.#daysOf(fixture.away).delete(dayNumber(date));
  }

  inOrder(): DatedFixture[] {
    return [...this.#byDate].flatMap(([date, fixtures]) => fixtures.map(fixture => ({...fixture, date})));
  }

  #gamesOn(date: string): number {
    return this.#byDate.get(date)?.length ?? 0;
  }

  #daysOf(team: Franchise): Set<number> {
    const days = this.#byTeam.get(team);
    if (days === undefined) throw new Error(`Internal error: ${team.tricode} is not in the league.`);
    return days;
  }
}

/** Preseason games: every team about five times, over most of the days before the season. */
export function preseasonGames(random: Random, dates: readonly string[]): DatedFixture[] {
  return dates.flatMap(date => {
    const teams = shuffled(random, franchises);
    const games = 4 + Math.floor(random() * 3);
    return Array.from({length: games}, (_, index) => {
      const [home, away] = [teams[2 * index], teams[2 * index + 1]];
      return home === undefined || away === undefined ? [] : [{home, away, date}];
    }).flat();
  });
}
