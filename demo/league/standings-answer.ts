// The standings table of a season, counted from its regular games, in the league API's result-set JSON.
// Does not deal with what a season's games cannot tell (quarters, clinching): those cells are null.
import {type Game, startYearOf} from './game.ts';
import {ordered, type Result, type Standing, standingsOf} from './standings.ts';
import {franchises} from './teams.ts';

const standingsHeaders: readonly string[] = `LeagueID SeasonID TeamID TeamCity TeamName TeamSlug Conference
  ConferenceRecord PlayoffRank ClinchIndicator Division DivisionRecord DivisionRank WINS LOSSES WinPCT LeagueRank
  Record HOME ROAD L10 Last10Home Last10Road OT ThreePTSOrLess TenPTSOrMore LongHomeStreak strLongHomeStreak
  LongRoadStreak strLongRoadStreak LongWinStreak LongLossStreak CurrentHomeStreak strCurrentHomeStreak
  CurrentRoadStreak strCurrentRoadStreak CurrentStreak strCurrentStreak ConferenceGamesBack DivisionGamesBack
  ClinchedConferenceTitle ClinchedDivisionTitle ClinchedPlayoffBirth ClinchedPlayIn EliminatedConference
  EliminatedDivision AheadAtHalf BehindAtHalf TiedAtHalf AheadAtThird BehindAtThird TiedAtThird Score100PTS
  OppScore100PTS OppOver500 LeadInFGPCT LeadInReb FewerTurnovers PointsPG OppPointsPG DiffPointsPG vsEast vsAtlantic
  vsCentral vsSoutheast vsWest vsNorthwest vsPacific vsSouthwest Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
  Score_80_Plus Opp_Score_80_Plus Score_Below_80 Opp_Score_Below_80 TotalPoints OppTotalPoints DiffTotalPoints`.split(
  /\s+/,
);

type Cell = string | number | null;

/** `games`: the regular games played so far; `ranks`: official conference ranks where they are on record. */
export function standingsAnswer(
  season: string,
  seasonType: string,
  games: readonly Game[],
  ranks: ReadonlyMap<number, number>,
): object {
  const table = ordered(standingsOf(games), ranks);
  return {
    resource: 'leaguestandings',
    parameters: {LeagueID: '00', SeasonID: null, SeasonYear: null, Season: season, SeasonType: seasonType},
    resultSets: [
      {
        name: 'Standings',
        headers: standingsHeaders,
        rowSet: table.map(standing => rowOf(season, standing, table)),
      },
    ],
  };
}

function rowOf(season: string, standing: Standing, table: readonly Standing[]): Cell[] {
  const cells = cellsOf(season, standing, table);
  return standingsHeaders.map(header => cells[header] ?? null);
}

function cellsOf(season: string, standing: Standing, table: readonly Standing[]): Record<string, Cell> {
  const {team, results, wins, losses} = standing;
  const conference = table.filter(other => other.team.conference === team.conference);
  const division = conference.filter(other => other.team.division === team.division);
  const games = results.length;
  const scored = results.reduce((sum, result) => sum + result.scored, 0);
  const allowed = results.reduce((sum, result) => sum + result.allowed, 0);
  const home = results.filter(result => result.place === 'home');
  const road = results.filter(result => result.place === 'road');
  return {
    LeagueID: '00',
    SeasonID: `2${startYearOf(season)}`,
    TeamID: team.teamId,
    TeamCity: team.city,
    TeamName: team.name,
    TeamSlug: team.slug,
    Conference: team.conference,
    ConferenceRecord: record(results.filter(r => r.opponent.conference === team.conference)),
    PlayoffRank: conference.indexOf(standing) + 1,
    Division: team.division,
    DivisionRecord: record(results.filter(r => r.opponent.division === team.division)),
    DivisionRank: division.indexOf(standing) + 1,
    WINS: wins,
    LOSSES: losses,
    WinPCT: rounded(wins / games, 1000),
    Record: `${wins}-${losses}`,
    HOME: record(home),
    ROAD: record(road),
    L10: record(results.slice(-10)),
    Last10Home: record(home.slice(-10)),
    Last10Road: record(road.slice(-10)),
    ThreePTSOrLess: record(results.filter(r => Math.abs(r.scored - r.allowed) <= 3)),
    TenPTSOrMore: record(results.filter(r => Math.abs(r.scored - r.allowed) >= 10)),
    LongWinStreak: longest(results, true),
    LongLossStreak: longest(results, false),
    ...streakCells('CurrentHomeStreak', home),
    ...streakCells('CurrentRoadStreak', road),
    ...streakCells('CurrentStreak', results),
    ConferenceGamesBack: gamesBack(standing, conference),
    DivisionGamesBack: gamesBack(standing, division),
    Score100PTS: record(results.filter(r => r.scored >= 100)),
    OppScore100PTS: record(results.filter(r => r.allowed >= 100)),
    PointsPG: rounded(scored / games, 10),
    OppPointsPG: rounded(allowed / games, 10),
    DiffPointsPG: rounded((scored - allowed) / games, 10),
    TotalPoints: scored,
    OppTotalPoints: allowed,
    DiffTotalPoints: scored - allowed,
    ...opponentCells(results),
    ...monthCells(results),
  };
}

function record(results: readonly Result[]): string {
  const wins = results.filter(result => result.won).length;
  return `${wins}-${results.length - wins}`;
}

function rounded(value: number, digits: number): number {
  return Math.round(value * digits) / digits;
}

function longest(results: readonly Result[], won: boolean): number {
  let best = 0;
  let run = 0;
  for (const result of results) {
    run = result.won === won ? run + 1 : 0;
    best = Math.max(best, run);
  }
  return best;
}

function streakCells(header: string, results: readonly Result[]): Record<string, Cell> {
  const won = results.at(-1)?.won ?? false;
  const broken = results.findLastIndex(result => result.won !== won);
  const length = results.length - 1 - broken;
  return {[header]: won ? length : -length, [`str${header}`]: `${won ? 'W' : 'L'} ${length}`};
}

function gamesBack(standing: Standing, group: readonly Standing[]): number {
  const behind = group.map(({wins, losses}) => (wins - standing.wins + standing.losses - losses) / 2);
  return Math.max(0, ...behind);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function monthCells(results: readonly Result[]): Record<string, Cell> {
  const cells: Record<string, Cell> = {};
  for (const [index, month] of months.entries()) {
    const played = results.filter(result => result.month === index + 1);
    if (played.length > 0) cells[month] = record(played);
  }
  return cells;
}

function opponentCells(results: readonly Result[]): Record<string, Cell> {
  const cells: Record<string, Cell> = {};
  for (const conference of ['East', 'West'] as const) {
    cells[`vs${conference}`] = record(results.filter(r => r.opponent.conference === conference));
  }
  for (const division of new Set(franchises.map(team => team.division))) {
    cells[`vs${division}`] = record(results.filter(r => r.opponent.division === division));
  }
  return cells;
}
