// One possession: the ball is lost, a foul is called or a shot goes up, until the other team has it.
// Does not deal with periods and players coming in, but for who has fouled out.
import type {Bench, Line} from './bench.ts';
import {type Floor, pass, pick, replaceFouledOut, tell} from './floor.ts';
import type {FoulKind, TurnoverKind, Zone} from './happening.ts';
import type {Player} from './players.ts';
import type {Random} from './random.ts';

/** Plays until the ball changes hands or the period ends; gives who has it next. */
export function playPossession(floor: Floor, offense: Bench, defense: Bench): Bench {
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
