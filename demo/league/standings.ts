// Counts the standings of a season from its regular games.
// Does not deal with head-to-head tie-breaks: ties in a conference go by conference record, then points.
import type {Game} from './game.ts';
import {type Conference, type Franchise, findFranchise, franchises} from './teams.ts';

export interface Result {
  readonly won: boolean;
  /** Neither at a neutral site, which counts in no home or road record. */
  readonly place: 'home' | 'road' | 'neutral';
  readonly scored: number;
  readonly allowed: number;
  readonly opponent: Franchise;
  readonly month: number;
}

export interface Standing {
  readonly team: Franchise;
  readonly results: readonly Result[];
  readonly wins: number;
  readonly losses: number;
}

export function standingsOf(games: readonly Game[]): Standing[] {
  const results = new Map<number, Result[]>(franchises.map(team => [team.teamId, []]));
  for (const game of games) {
    for (const [own, other, home] of [
      [game.home, game.away, true] as const,
      [game.away, game.home, false] as const,
    ]) {
      const opponent = findFranchise(other.team.teamId);
      if (opponent === undefined) continue;
      results.get(own.team.teamId)?.push({
        won: own.score > other.score,
        place: game.neutral ? 'neutral' : home ? 'home' : 'road',
        scored: own.score,
        allowed: other.score,
        opponent,
        month: Number(game.date.slice(5, 7)),
      });
    }
  }
  return franchises.flatMap(team => {
    const own = results.get(team.teamId) ?? [];
    const wins = own.filter(result => result.won).length;
    return own.length === 0 ? [] : [{team, results: own, wins, losses: own.length - wins}];
  });
}

/** By conference, best first. */
export function ordered(standings: readonly Standing[], ranks: ReadonlyMap<number, number>): Standing[] {
  const rank = (standing: Standing): number => ranks.get(standing.team.teamId) ?? 0;
  return [...standings].sort(
    (a, b) =>
      (a.team.conference < b.team.conference ? -1 : a.team.conference > b.team.conference ? 1 : 0) ||
      rank(a) - rank(b) ||
      byRecord(a, b),
  );
}

function byRecord(a: Standing, b: Standing): number {
  return (
    share(b) - share(a) ||
    inConference(b) - inConference(a) ||
    pointsAhead(b) - pointsAhead(a) ||
    a.team.teamId - b.team.teamId
  );
}

function share({wins, losses}: Standing): number {
  return wins / (wins + losses);
}

function inConference({team, results}: Standing): number {
  return results.filter(r => r.won && r.opponent.conference === team.conference).length;
}

function pointsAhead({results}: Standing): number {
  return results.reduce((sum, result) => sum + result.scored - result.allowed, 0);
}

/** The standings of a conference, best first, from regular games. */
export function seedsOf(conference: Conference, games: readonly Game[]): Standing[] {
  return ordered(standingsOf(games), new Map()).filter(standing => standing.team.conference === conference);
}
