// The thirty teams of the league as its API names them: ids, places, divisions, arenas.
// Does not deal with guest and All-Star teams; those come with the games they play in.

export interface Team {
  readonly teamId: number;
  readonly tricode: string;
  readonly city: string;
  readonly name: string;
  readonly slug: string;
}

export type Conference = 'East' | 'West';

export interface Franchise extends Team {
  readonly conference: Conference;
  readonly division: string;
  readonly arena: string;
  readonly arenaCity: string;
  readonly arenaState: string;
  /** Hours to add to Eastern time for the local clock; Phoenix keeps winter time all year. */
  readonly hoursFromEastern: number;
}

const slugs = new Map<string, string>();

const table = `
1610612737 ATL Atlanta|Hawks|East|Southeast|State Farm Arena|Atlanta|GA|0
1610612738 BOS Boston|Celtics|East|Atlantic|TD Garden|Boston|MA|0
1610612739 CLE Cleveland|Cavaliers|East|Central|Rocket Arena|Cleveland|OH|0
1610612740 NOP New Orleans|Pelicans|West|Southwest|Smoothie King Center|New Orleans|LA|-1
1610612741 CHI Chicago|Bulls|East|Central|United Center|Chicago|IL|-1
1610612742 DAL Dallas|Mavericks|West|Southwest|American Airlines Center|Dallas|TX|-1
1610612743 DEN Denver|Nuggets|West|Northwest|Ball Arena|Denver|CO|-2
1610612744 GSW Golden State|Warriors|West|Pacific|Chase Center|San Francisco|CA|-3
1610612745 HOU Houston|Rockets|West|Southwest|Toyota Center|Houston|TX|-1
1610612746 LAC LA|Clippers|West|Pacific|Intuit Dome|Inglewood|CA|-3
1610612747 LAL Los Angeles|Lakers|West|Pacific|Crypto.com Arena|Los Angeles|CA|-3
1610612748 MIA Miami|Heat|East|Southeast|Kaseya Center|Miami|FL|0
1610612749 MIL Milwaukee|Bucks|East|Central|Fiserv Forum|Milwaukee|WI|-1
1610612750 MIN Minnesota|Timberwolves|West|Northwest|Target Center|Minneapolis|MN|-1
1610612751 BKN Brooklyn|Nets|East|Atlantic|Barclays Center|Brooklyn|NY|0
1610612752 NYK New York|Knicks|East|Atlantic|Madison Square Garden|New York|NY|0
1610612753 ORL Orlando|Magic|East|Southeast|Kia Center|Orlando|FL|0
1610612754 IND Indiana|Pacers|East|Central|Gainbridge Fieldhouse|Indianapolis|IN|0
1610612755 PHI Philadelphia|76ers|East|Atlantic|Xfinity Mobile Arena|Philadelphia|PA|0
1610612756 PHX Phoenix|Suns|West|Pacific|Footprint Center|Phoenix|AZ|-2
1610612757 POR Portland|Trail Blazers|West|Northwest|Moda Center|Portland|OR|-3
1610612758 SAC Sacramento|Kings|West|Pacific|Golden 1 Center|Sacramento|CA|-3
1610612759 SAS San Antonio|Spurs|West|Southwest|Frost Bank Center|San Antonio|TX|-1
1610612760 OKC Oklahoma City|Thunder|West|Northwest|Paycom Center|Oklahoma City|OK|-1
1610612761 TOR Toronto|Raptors|East|Atlantic|Scotiabank Arena|Toronto|ON|0
1610612762 UTA Utah|Jazz|West|Northwest|Delta Center|Salt Lake City|UT|-2
1610612763 MEM Memphis|Grizzlies|West|Southwest|FedExForum|Memphis|TN|-1
1610612764 WAS Washington|Wizards|East|Southeast|Capital One Arena|Washington|DC|0
1610612765 DET Detroit|Pistons|East|Central|Little Caesars Arena|Detroit|MI|0
1610612766 CHA Charlotte|Hornets|East|Southeast|Spectrum Center|Charlotte|NC|0`;

function parseFranchise(line: string): Franchise {
  const head = line.slice(0, 14);
  const [city = '', name = '', conference, division = '', arena = '', arenaCity = '', state = '', hours] =
    line.slice(15).split('|');
  return {
    teamId: Number(head.slice(0, 10)),
    tricode: head.slice(11),
    city,
    name,
    slug: name === '76ers' ? 'sixers' : slugOf(name).replace('trail-blazers', 'blazers'),
    conference: conference === 'East' ? 'East' : 'West',
    division,
    arena,
    arenaCity,
    arenaState: state,
    hoursFromEastern: Number(hours),
  };
}

/** All thirty, by team id. */
export const franchises: readonly Franchise[] = table.trim().split('\n').map(parseFranchise);

const byId = new Map(franchises.map(team => [team.teamId, team]));

export function findFranchise(teamId: number): Franchise | undefined {
  return byId.get(teamId);
}

/** Plain letters, digits and single hyphens, as the API's slugs are. Names recur, so their slugs are kept. */
export function slugOf(name: string): string {
  const found = slugs.get(name) ?? makeSlug(name);
  slugs.set(name, found);
  return found;
}

function makeSlug(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[\u0300-\u036f.'’]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
