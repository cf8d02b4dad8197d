/**
 * The thirty teams as the league names them, and as other sites do: ESPN's codes, bookmakers' full names.
 * Finds the league's game behind two teams of a date. It does not deal with guests of the preseason and All-Stars.
 */
import type {Game} from 'gameplan';

const TABLE = `
1610612737 ATL Atlanta Hawks
1610612738 BOS Boston Celtics
1610612739 CLE Cleveland Cavaliers
1610612740 NOP New Orleans Pelicans
1610612741 CHI Chicago Bulls
1610612742 DAL Dallas Mavericks
1610612743 DEN Denver Nuggets
1610612744 GSW Golden State Warriors
1610612745 HOU Houston Rockets
1610612746 LAC LA Clippers
1610612747 LAL Los Angeles Lakers
1610612748 MIA Miami Heat
1610612749 MIL Milwaukee Bucks
1610612750 MIN Minnesota Timberwolves
1610612751 BKN Brooklyn Nets
1610612752 NYK New York Knicks
1610612753 ORL Orlando Magic
1610612754 IND Indiana Pacers
1610612755 PHI Philadelphia 76ers
1610612756 PHX Phoenix Suns
1610612757 POR Portland Trail Blazers
1610612758 SAC Sacramento Kings
1610612759 SAS San Antonio Spurs
1610612760 OKC Oklahoma City Thunder
1610612761 TOR Toronto Raptors
1610612762 UTA Utah Jazz
1610612763 MEM Memphis Grizzlies
1610612764 WAS Washington Wizards
1610612765 DET Detroit Pistons
1610612766 CHA Charlotte Hornets`;

export interface Team {
  readonly id: number;
  /** The league's three letters. */
  readonly code: string;
  readonly name: string;
}

const TEAMS: readonly Team[] = TABLE.trim()
  .split('\n')
  .map(line => ({id: Number(line.slice(0, 10)), code: line.slice(11, 14), name: line.slice(15)}));

/** What others call them where the league does not: ESPN's codes, and the Clippers' city in full. */
const OTHERS: Readonly<Record<string, string>> = {
  GS: 'GSW',
  NO: 'NOP',
  NY: 'NYK',
  SA: 'SAS',
  UTAH: 'UTA',
  WSH: 'WAS',
  'Los Angeles Clippers': 'LAC',
};

const BY_NAME = new Map<string, Team>(
  TEAMS.flatMap(team => {
    const others = Object.keys(OTHERS).filter(other => OTHERS[other] === team.code);
    return [team.code, team.name, ...others].map(name => [withoutSpaces(name), team] as const);
  }),
);

/** A PDF may have lost them. */
function withoutSpaces(name: string): string {
  return name.replaceAll(' ', '');
}

/** By any site's code or full name; undefined where it is none of the thirty. */
export function findTeam(name: string): Team | undefined {
  return BY_NAME.get(withoutSpaces(name));
}

/** By any site's code or full name; throws where it is none of the thirty, which has no league id. */
export function getTeam(name: string): Team {
  const team = findTeam(name);
  if (team === undefined)
    throw new Error(`'${name}' is no team of the league: its code or name is not known.`);
  return team;
}

/** The game of a date that both teams play, whatever the site calls them; nobody plays twice on a date. */
export function findGame(games: readonly Game[], one: string, other: string): Game | undefined {
  const game = gameOfTeam(games, one);
  return game !== undefined && game === gameOfTeam(games, other) ? game : undefined;
}

/** The game of a date that a team plays. */
export function gameOfTeam(games: readonly Game[], team: string): Game | undefined {
  const code = findTeam(team)?.code;
  return code === undefined ? undefined : games.find(({teams}) => teams.includes(code));
}
