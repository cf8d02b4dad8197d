// Plays one game, possession by possession, so that its box score and its play-by-play are one thing.
// Does not deal with printing either; a watcher sees each event as it happens.
import {type Bench, chooseFive, type Line, type Need, openBench} from './bench.ts';
import type {Player} from './players.ts';
import {type Random, randomOf} from './random.ts';

export type Zone = 'rim' | 'short' | 'middle' | 'three';
export type TurnoverKind = 'bad pass' | 'lost ball' | 'traveling' | 'offensive foul';
export type FoulKind = 'shooting' | 'personal' | 'offensive';

export type Happening =
  | {readonly kind: 'period'; readonly edge: 'start' | 'end'}
  | {readonly kind: 'jump ball'; readonly winner: Line; readonly loser: Line; readonly receiver: Line}
  | {
      readonly kind: 'shot';
      readonly shooter: Line;
      readonly zone: Zone;
      readonly made: boolean;
      readonly helper: Line | undefined;
      readonly blocker: Line | undefined;
    }
  | {
      readonly kind: 'free throw';
      readonly shooter: Line;
      readonly made: boolean;
      readonly nth: number;
      readonly of: number;
    }
  | {readonly kind: 'rebound'; readonly player: Line; readonly offensive: boolean}
  | {
      readonly kind: 'turnover';
      readonly player: Line;
      readonly how: TurnoverKind;
      readonly thief: Line | undefined;
    }
  | {
      readonly kind: 'foul';
      readonly player: Line;
      readonly how: FoulKind;
      readonly drawn: Line;
      readonly shots: number;
    }
  | {readonly kind: 'substitution'; readonly out: Line; readonly into: Line}
  | {readonly kind: 'game over'};

export interface Moment {
  readonly period: number;
  /** Seconds left in the period. */
  readonly clock: number;
  readonly home: number;
  readonly away: number;
  /** The team the happening is about; neither for the start of a period. */
  readonly side: 'home' | 'away' | undefined;
}

export type Watcher = (happening: Happening, moment: Moment) => void;

export interface MatchSetup {
  readonly seed: number;
  readonly gameId: string;
  /** Who dressed, best first. */
  readonly home: readonly Player[];
  readonly away: readonly Player[];
  /** How much better the home team's shots fall than the visitors', all told. */
  readonly homeEdge: number;
  readonly watch?: Watcher;
}

export interface Match {
  readonly home: Bench;
  readonly away: Bench;
  readonly periods: number;
}

interface Floor {
  readonly random: Random;
  readonly home: Bench;
  readonly away: Bench;
  readonly watch: Watcher | undefined;
  period: number;
  clock: number;
  /** Seconds played of the whole game. */
  elapsed: number;
  /** The clock at which the next fresh players come. */
  nextChange: number;
}

export function playMatch({seed, gameId, home, away, homeEdge, watch}: MatchSetup): Match {
  const random = randomOf(seed, `game ${gameId}`);
  const floor: Floor = {
    random,
    home: openBench(random, 'home', home, homeEdge / 2),
    away: openBench(random, 'away', away, -homeEdge / 2),
    watch,
    period: 1,
    clock: 720,
    elapsed: 0,
    nextChange: 540,
  };
  while (floor.period <= 4 || floor.home.score === floor.away.score) {
    playPeriod(floor);
    floor.period++;
  }
  floor.period--;
  tell(floor, undefined, {kind: 'game over'});
  return {home: floor.home, away: floor.away, periods: floor.period};
}

function tell(floor: Floor, bench: Bench | undefined, happening: Happening): void {
  if (floor.watch === undefined) return;
  const {period, clock, home, away} = floor;
  floor.watch(happening, {period, clock, home: home.score, away: away.score, side: bench?.side});
}

function playPeriod(floor: Floor): void {
  const {random, home, away} = floor;
  floor.clock = floor.period <= 4 ? 720 : 300;
  floor.nextChange = floor.clock - 180;
  home.teamFouls = 0;
  away.teamFouls = 0;
  const need: Need = floor.period === 1 || floor.period === 3 ? 'starters' : needNow(floor);
  for (const bench of [home, away]) sendIn(floor, bench, need, floor.period > 1);
  tell(floor, undefined, {kind: 'period', edge: 'start'});
  const first = floor.period === 1 || floor.period > 4 ? jumpBall(floor) : random() < 0.5 ? home : away;
  let offense = first;
  while (floor.clock > 0) {
    if (floor.clock <= floor.nextChange) changePlayers(floor);
    offense = playPossession(floor, offense, other(floor, offense));
  }
  tell(floor, undefined, {kind: 'period', edge: 'end'});
}

function other(floor: Floor, bench: Bench): Bench {
  return bench === floor.home ? floor.away : floor.home;
}

function jumpBall(floor: Floor): Bench {
  const [winners, losers] = floor.random() < 0.5 ? [floor.home, floor.away] : [floor.away, floor.home];
  const winner = pick(floor.random, winners, tallest);
  const loser = pick(floor.random, losers, tallest);
  const receiver = pick(floor.random, winners, line => (line === winner ? 0 : line.player.shots));
  tell(floor, winners, {kind: 'jump ball', winner, loser, receiver});
  return winners;
}

function tallest({player}: Line): number {
  return player.position === 'C' ? 100 : player.position === 'F' ? 10 : 1;
}

function changePlayers(floor: Floor): void {
  floor.nextChange -= 180;
  const need = needNow(floor);
  for (const bench of [floor.home, floor.away]) sendIn(floor, bench, need, true);
}

/** A decided game is for those who seldom play; a close end for the best. */
function needNow({period, clock, home, away}: Floor): Need {
  const margin = Math.abs(home.score - away.score);
  if (period >= 4 && margin >= 22) return 'rest';
  if (period > 4 || (period === 4 && clock <= 360)) return 'best';
  return 'rotation';
}

function sendIn(floor: Floor, bench: Bench, need: Need, visible: boolean): void {
  const next = chooseFive(floor.random, bench, need, Math.min(2880, floor.elapsed + 180));
  replaceFive(floor, bench, next, visible);
}

function replaceFive(floor: Floor, bench: Bench, next: readonly Line[], visible: boolean): void {
  const leaving = bench.five.filter(line => !next.includes(line));
  const coming = next.filter(line => !bench.five.includes(line));
  bench.five = next;
  if (!visible) return;
  for (const [index, out] of leaving.entries()) {
    const into = coming[index];
    if (into !== undefined) tell(floor, bench, {kind: 'substitution', out, into});
  }
}

function pick(random: Random, bench: Bench, weight: (line: Line) => number): Line {
  let total = 0;
  for (const line of bench.five) total += weight(line);
  let rest = random() * total;
  for (const line of bench.five) {
    rest -= weight(line);
    if (rest < 0) return line;
  }
  const last = bench.five.at(-1);
  if (last === undefined) throw new Error('Internal error: nobody is on the floor.');
  return last;
}

/** Lets time pass; false when the period ended first. */
function pass(floor: Floor, seconds: number): boolean {
  const spent = Math.min(seconds, floor.clock);
  for (const line of floor.home.five) line.seconds += spent;
  for (const line of floor.away.five) line.seconds += spent;
  floor.clock -= spent;
  floor.elapsed += spent;
  return spent === seconds && floor.clock > 0;
}

/** Plays until the ball changes hands or the period ends; gives who has it next. */
function playPossession(floor: Floor, offense: Bench, defense: Bench): Bench {
  const {random} = floor;
  let seconds = 4 + Math.floor(10.1 * (random() + random()));
  for (;;) {
    // A last try at the horn, if there is time for one.
    if (!pass(floor, seconds) && random() < 0.4) return defense;
    const luck = random();
    if (luck < 0.117) return loseBall(floor, offense, defense);
    const ended = luck < 0.177 ? plainFoul(floor, offense, defense) : shoot(floor, offense, defense);
    if (ended !== 'again' || floor.clock === 0) return ended === 'again' ? defense : ended;
    seconds = 3 + Math.floor(9 * random());
  }
}

type Next = Bench | 'again';

function loseBall(floor: Floor, offense: Bench, defense: Bench): Bench {
  const {random} = floor;
  const player = pick(random, offense, line => line.player.turnovers);
  const luck = random();
  const how: TurnoverKind =
    luck < 0.45 ? 'bad pass' : luck < 0.76 ? 'lost ball' : luck < 0.87 ? 'traveling' : 'offensive foul';
  const stolen = (how === 'bad pass' || how === 'lost ball') && random() < 0.8;
  const thief = stolen ? pick(random, defense, line => line.player.steals) : undefined;
  if (how === 'offensive foul') {
    const drawn = pick(random, defense, () => 1);
    foul(floor, offense, player, {how: 'offensive', drawn, shots: 0});
  }
  player.tov++;
  if (thief !== undefined) thief.stl++;
  tell(floor, offense, {kind: 'turnover', player, how, thief});
  replaceFouledOut(floor, offense);
  return defense;
}

interface FoulDetail {
  readonly how: FoulKind;
  readonly drawn: Line;
  readonly shots: number;
}

function foul(floor: Floor, bench: Bench, player: Line, detail: FoulDetail): void {
  player.pf++;
  if (detail.how !== 'offensive') bench.teamFouls++;
  tell(floor, bench, {kind: 'foul', player, ...detail});
}

/** Six fouls and out, unless nobody is left to come in. */
function replaceFouledOut(floor: Floor, bench: Bench): void {
  const out = bench.five.find(line => line.pf >= 6);
  if (out === undefined) return;
  const into = bench.lines.find(line => line.pf < 6 && !bench.five.includes(line));
  if (into === undefined) return;
  replaceFive(
    floor,
    bench,
    bench.five.map(line => (line === out ? into : line)),
    true,
  );
}

function plainFoul(floor: Floor, offense: Bench, defense: Bench): Next {
  const drawn = pick(floor.random, offense, line => line.player.shots);
  const fouler = pick(floor.random, defense, line => line.player.fouls);
  const shots = defense.teamFouls >= 4 ? 2 : 0;
  foul(floor, defense, fouler, {how: 'personal', drawn, shots});
  const next = shots === 0 ? 'again' : freeThrows(floor, offense, defense, drawn, shots);
  replaceFouledOut(floor, defense);
  return next;
}

const chanceToFall: Readonly<Record<Zone, number>> = {rim: 0.64, short: 0.43, middle: 0.41, three: 0.35};
const chanceOfFoul: Readonly<Record<Zone, number>> = {rim: 0.24, short: 0.14, middle: 0.06, three: 0.02};
const chanceOfHelp: Readonly<Record<Zone, number>> = {rim: 0.56, short: 0.5, middle: 0.4, three: 0.83};
const chanceOfBlock: Readonly<Record<Zone, number>> = {rim: 0.35, short: 0.2, middle: 0.08, three: 0.014};

function shoot(floor: Floor, offense: Bench, defense: Bench): Next {
  const {random} = floor;
  const shooter = pick(random, offense, line => line.player.shots);
  const zone = zoneOf(random, shooter.player);
  const {touch, threeTouch} = shooter.player;
  const skill = offense.edge + (zone === 'three' ? threeTouch : touch) - ease(floor, offense, defense);
  const chance = chanceToFall[zone] + skill;
  const fouled = random() < chanceOfFoul[zone];
  const made = random() < (fouled ? chance * 0.5 : chance);
  if (fouled && !made) return shootingFoul(floor, offense, defense, shooter, zone === 'three' ? 3 : 2);
  takeShot(floor, offense, defense, {shooter, zone, made});
  if (fouled) return shootingFoul(floor, offense, defense, shooter, 1);
  return made ? defense : rebound(floor, offense, defense, 0.262);
}

/** Who leads eases off, and who trails late in a close game finds a shot: margins stay near the real ones. */
function ease({period, clock}: Floor, offense: Bench, defense: Bench): number {
  const lead = offense.score - defense.score;
  const late = period >= 4 && clock <= 150 && Math.abs(lead) <= 6;
  return Math.max(-0.05, Math.min(0.05, lead * 0.0019)) + (late ? Math.sign(lead) * 0.14 : 0);
}

function zoneOf(random: Random, {atRim, short, middle}: Player): Zone {
  const luck = random();
  if (luck < atRim) return 'rim';
  if (luck < atRim + short) return 'short';
  return luck < atRim + short + middle ? 'middle' : 'three';
}

interface Shot {
  readonly shooter: Line;
  readonly zone: Zone;
  readonly made: boolean;
}

function takeShot(floor: Floor, offense: Bench, defense: Bench, {shooter, zone, made}: Shot): void {
  const {random} = floor;
  const helped = made && random() < chanceOfHelp[zone];
  const helper = helped
    ? pick(random, offense, line => (line === shooter ? 0 : line.player.assists))
    : undefined;
  const blocked = !made && random() < chanceOfBlock[zone];
  const blocker = blocked ? pick(random, defense, line => line.player.blocks) : undefined;
  shooter.fga++;
  if (zone === 'three') shooter.fg3a++;
  if (made) {
    shooter.fgm++;
    if (zone === 'three') shooter.fg3m++;
    if (helper !== undefined) helper.ast++;
    score(offense, defense, shooter, zone === 'three' ? 3 : 2);
  }
  if (blocker !== undefined) blocker.blk++;
  tell(floor, offense, {kind: 'shot', shooter, zone, made, helper, blocker});
}

function score(offense: Bench, defense: Bench, shooter: Line, points: number): void {
  shooter.pts += points;
  offense.score += points;
  for (const line of offense.five) line.plusMinus += points;
  for (const line of defense.five) line.plusMinus -= points;
}

function shootingFoul(floor: Floor, offense: Bench, defense: Bench, shooter: Line, shots: number): Next {
  const fouler = pick(floor.random, defense, line => line.player.fouls);
  foul(floor, defense, fouler, {how: 'shooting', drawn: shooter, shots});
  const next = freeThrows(floor, offense, defense, shooter, shots);
  replaceFouledOut(floor, defense);
  return next;
}

function freeThrows(floor: Floor, offense: Bench, defense: Bench, shooter: Line, shots: number): Next {
  let made = true;
  for (let nth = 1; nth <= shots; nth++) {
    made = floor.random() < shooter.player.freeThrows;
    shooter.fta++;
    if (made) {
      shooter.ftm++;
      score(offense, defense, shooter, 1);
    }
    tell(floor, offense, {kind: 'free throw', shooter, made, nth, of: shots});
  }
  return made ? defense : rebound(floor, offense, defense, 0.12);
}

function rebound(floor: Floor, offense: Bench, defense: Bench, chanceToKeep: number): Next {
  const {random} = floor;
  // The horn is louder than the board.
  if (floor.clock === 0) return defense;
  const offensive = random() < chanceToKeep;
  const bench = offensive ? offense : defense;
  const player = pick(random, bench, line =>
    offensive ? line.player.offensiveRebounds : line.player.defensiveRebounds,
  );
  if (offensive) player.oreb++;
  else player.dreb++;
  tell(floor, bench, {kind: 'rebound', player, offensive});
  return offensive ? 'again' : defense;
}
