// The players of simulated seasons: who is under contract where, how good at what, hurt when.
// Does not deal with games; careers are made up, and no real player is meant.
import {addDays} from './calendar.ts';
import {seasonOf} from './game.ts';
import {familyNames, firstNames} from './names.ts';
import {bell, randomOf, shuffled, wholeBetween} from './random.ts';
import {franchises} from './teams.ts';

export interface Player {
  readonly playerId: number;
  readonly firstName: string;
  readonly familyName: string;
  readonly position: 'G' | 'F' | 'C';
  readonly jersey: string;
  /** About -2 to 3; who is better plays more. */
  readonly talent: number;
  /** Weights of being the one who shoots, assists, rebounds and so on. */
  readonly shots: number;
  readonly assists: number;
  readonly offensiveRebounds: number;
  readonly defensiveRebounds: number;
  readonly steals: number;
  readonly blocks: number;
  readonly turnovers: number;
  readonly fouls: number;
  /** Shares of shots: at the rim, up to eight feet, from the middle; the rest are threes. */
  readonly atRim: number;
  readonly short: number;
  readonly middle: number;
  /** Added to the chance of any shot. */
  readonly touch: number;
  readonly threeTouch: number;
  readonly freeThrows: number;
}

const slots = 17;
const trades = 12;

/** Team id to players, best first. After the February deadline twelve pairs have changed places. */
export type Rosters = ReadonlyMap<number, readonly Player[]>;

export interface SeasonRosters {
  readonly before: Rosters;
  readonly after: Rosters;
  /** The first date of the changed rosters. */
  readonly deadline: string;
}

export function rostersOf(seed: number, startYear: number): SeasonRosters {
  const before = new Map<number, Player[]>();
  for (const [index, team] of franchises.entries()) {
    // Some teams carry fewer than the most.
    const size = 15 + (randomOf(seed, `size ${team.teamId} ${startYear}`)() < 0.5 ? 0 : 2);
    const players = Array.from({length: size}, (_, slot) => playerOf(seed, index * slots + slot, startYear));
    before.set(team.teamId, bestFirst(players));
  }
  return {before, after: afterTrades(seed, startYear, before), deadline: `${startYear + 1}-02-08`};
}

function bestFirst(players: readonly Player[]): Player[] {
  return [...players].sort((a, b) => b.talent - a.talent || a.playerId - b.playerId);
}

function afterTrades(seed: number, startYear: number, before: ReadonlyMap<number, Player[]>): Rosters {
  const random = randomOf(seed, `trades ${seasonOf(startYear)}`);
  const after = new Map([...before].map(([teamId, players]) => [teamId, [...players]]));
  const teams = shuffled(random, franchises);
  for (let trade = 0; trade < trades; trade++) {
    const one = after.get(teams[2 * trade]?.teamId ?? 0);
    const other = after.get(teams[2 * trade + 1]?.teamId ?? 0);
    if (one === undefined || other === undefined) continue;
    const place = wholeBetween(random, 2, 9);
    const [sent] = one.splice(place, 1);
    const [received] = other.splice(place, 1);
    if (sent !== undefined) other.push(sent);
    if (received !== undefined) one.push(received);
  }
  return new Map([...after].map(([teamId, players]) => [teamId, bestFirst(players)]));
}

/** A slot is held by one player after another, each for two to eight seasons. */
function playerOf(seed: number, slot: number, startYear: number): Player {
  const random = randomOf(seed, `slot ${slot}`);
  let year = 2010 + wholeBetween(random, 0, 4);
  let generation = 0;
  for (let until = year + wholeBetween(random, 2, 8); until <= startYear; generation++) {
    year = until;
    until += wholeBetween(random, 2, 8);
  }
  return {...identityOf(seed, slot, generation), ...skillsOf(seed, slot, generation, startYear - year)};
}

type Identity = Pick<Player, 'playerId' | 'firstName' | 'familyName' | 'jersey'>;

function identityOf(seed: number, slot: number, generation: number): Identity {
  const names = firstNames.length * familyNames.length;
  const start = wholeBetween(randomOf(seed, 'names'), 0, names - 1);
  // The list lengths and the step have no common factor, so no two of the first `names` players share a name.
  const index = (start + (slot * 8 + Math.min(generation, 7)) * 1009) % names;
  return {
    playerId: 1_700_000 + slot * 8 + Math.min(generation, 7),
    firstName: firstNames[index % firstNames.length] ?? '',
    familyName: familyNames[index % familyNames.length] ?? '',
    jersey: String((slot * 7 + generation * 13) % 56),
  };
}

function skillsOf(
  seed: number,
  slot: number,
  generation: number,
  experience: number,
): Omit<Player, keyof Identity> {
  const random = randomOf(seed, `skills ${slot} ${generation}`);
  const place = slot % slots;
  const position = place % 5 === 4 ? 'C' : place % 5 >= 2 ? 'F' : 'G';
  // A team has a few very good players and many fair ones; most get better for some years.
  const level = 1.9 - 0.24 * place + 0.55 * bell(random);
  const talent = level + 0.08 * Math.min(experience, 5);
  const big = position === 'C' ? 1 : position === 'F' ? 0.45 : 0;
  const spread = (): number => Math.exp(0.3 * bell(random));
  return {
    position,
    talent,
    shots: Math.exp(0.33 * talent) * spread(),
    assists: (0.5 + 1.6 * (1 - big)) * Math.exp(0.25 * talent) * spread(),
    offensiveRebounds: (0.3 + 2 * big) * spread(),
    defensiveRebounds: (0.8 + 1.6 * big) * spread(),
    steals: (0.7 + 0.5 * (1 - big)) * spread(),
    blocks: (0.2 + 2 * big) * spread(),
    turnovers: (0.8 + 0.3 * (1 - big)) * Math.exp(0.25 * talent) * spread(),
    fouls: (0.7 + 0.6 * big) * spread(),
    atRim: 0.23 + 0.25 * big + 0.05 * bell(random) * 0.6,
    short: 0.14 + 0.09 * big,
    middle: 0.11,
    touch: 0.012 * talent + 0.015 * bell(random),
    threeTouch: 0.01 * talent + 0.02 * bell(random) - 0.03 * big,
    freeThrows: Math.max(0.45, Math.min(0.95, 0.8 + 0.06 * bell(random) - 0.08 * big)),
  };
}

/** Strength of a team in a season, about normal; it changes slowly from season to season. */
export function strengthOf(seed: number, teamId: number, startYear: number): number {
  const part = (year: number): number => bell(randomOf(seed, `strength ${teamId} ${year}`));
  return 0.6 * part(startYear) + 0.55 * part(startYear - 1) + 0.45 * part(startYear - 2);
}

/** The spells a player is hurt in during a season, as half-open date ranges. */
export function injuriesOf(
  seed: number,
  player: Player,
  startYear: number,
): readonly (readonly [string, string])[] {
  const random = randomOf(seed, `injuries ${player.playerId} ${startYear}`);
  const spells = Math.floor(random() * 3);
  return Array.from({length: spells}, () => {
    const from = addDays(`${startYear}-10-01`, wholeBetween(random, 0, 250));
    const days = Math.round(3 + 40 * random() ** 3);
    return [from, addDays(from, days)] as const;
  });
}
