// The play-by-play of a simulated game in the form of the CDN's JSON, from playing the game once more.
// Does not deal with how the game goes: what it adds (places, words, times) changes nothing in it.
import type {Line} from './bench.ts';
import type {Action, Game} from './game.ts';
import type {Happening, Moment, Zone} from './match.ts';
import {type Random, randomOf} from './random.ts';
import {placeShot, type ShotPlace} from './shot-place.ts';
import type {SimulatedSeason} from './simulated-season.ts';

interface Writer {
  readonly game: Game;
  readonly random: Random;
  readonly start: number;
  readonly actions: Action[];
  /** Running counts a description tells, by player id. */
  readonly counts: Map<string, number>;
  order: number;
  lastShot: number;
}

export function playByPlayOf(seed: number, game: Game, season: SimulatedSeason): readonly Action[] {
  const writer: Writer = {
    game,
    random: randomOf(seed, `words ${game.gameId}`),
    start: Date.parse(game.startUtc ?? game.date),
    actions: [],
    counts: new Map(),
    order: 2,
    lastShot: 0,
  };
  season.replay(game, (happening, moment) => write(writer, happening, moment));
  return writer.actions;
}

function write(writer: Writer, happening: Happening, moment: Moment): void {
  switch (happening.kind) {
    case 'period': {
      const word = happening.edge === 'start' ? 'Start' : 'End';
      add(writer, moment, undefined, {
        actionType: 'period',
        subType: happening.edge,
        description: `Period ${word}`,
      });
      return;
    }
    case 'game over':
      add(writer, moment, undefined, {actionType: 'game', subType: 'end', description: 'Game End'});
      return;
    case 'jump ball':
      writeJumpBall(writer, happening, moment);
      return;
    case 'shot':
      writeShot(writer, happening, moment);
      return;
    case 'free throw':
      writeFreeThrow(writer, happening, moment);
      return;
    case 'rebound':
      writeRebound(writer, happening, moment);
      return;
    case 'turnover':
      writeTurnover(writer, happening, moment);
      return;
    case 'foul':
      writeFoul(writer, happening, moment);
      return;
    case 'substitution':
      for (const [line, subType] of [[happening.out, 'out'] as const, [happening.into, 'in'] as const]) {
        add(writer, moment, line, {
          actionType: 'substitution',
          subType,
          description: `SUB ${subType}: ${shortName(line)}`,
        });
      }
      return;
    default:
      unreachable(happening);
  }
}

type Of<K extends Happening['kind']> = Extract<Happening, {kind: K}>;

function writeJumpBall(writer: Writer, {winner, loser, receiver}: Of<'jump ball'>, moment: Moment): void {
  add(writer, moment, receiver, {
    actionType: 'jumpball',
    subType: 'recovered',
    descriptor: 'startperiod',
    description: `Jump Ball ${shortName(winner)} vs. ${shortName(loser)}: Tip to ${shortName(receiver)}`,
    jumpBallRecoveredName: shortName(receiver),
    jumpBallRecoverdPersonId: receiver.player.playerId,
    jumpBallWonPlayerName: winner.player.familyName,
    jumpBallWonPersonId: winner.player.playerId,
    jumpBallLostPlayerName: loser.player.familyName,
    jumpBallLostPersonId: loser.player.playerId,
  });
}

const shotKinds: Readonly<Record<Zone, readonly string[]>> = {
  rim: ['Layup', 'Layup', 'DUNK'],
  short: ['Layup', 'Hook', 'Jump Shot'],
  middle: ['Jump Shot'],
  three: ['Jump Shot'],
};
const descriptors = ['driving', 'pullup', 'running', 'step back', 'turnaround', 'cutting'];

function writeShot(writer: Writer, shot: Of<'shot'>, moment: Moment): void {
  const {shooter, zone, made, helper, blocker} = shot;
  const {random} = writer;
  const place = placeShot(random, zone, goalOf(moment));
  const kinds = shotKinds[zone];
  const subType = kinds[Math.floor(random() * kinds.length)] ?? 'Jump Shot';
  const descriptor = descriptors[Math.floor(random() * descriptors.length)] ?? '';
  const points = made ? count(writer, shooter, 'points', zone === 'three' ? 3 : 2) : 0;
  const assists = helper === undefined ? 0 : count(writer, helper, 'assists', 1);
  const words = [
    made ? '' : 'MISS ',
    `${shortName(shooter)} ${Math.floor(place.distance)}' ${zone === 'three' ? '3PT ' : ''}${descriptor} ${subType}`,
    made ? ` (${points} PTS)` : '',
    helper === undefined ? '' : ` (${shortName(helper)} ${assists} AST)`,
    blocker === undefined ? '' : ' - blocked',
  ];
  writer.lastShot = writer.order;
  add(writer, moment, shooter, {
    actionType: zone === 'three' ? '3pt' : '2pt',
    subType,
    descriptor,
    qualifiers: zone === 'rim' || zone === 'short' ? ['pointsinthepaint'] : [],
    ...placeFields(place),
    shotResult: made ? 'Made' : 'Missed',
    isFieldGoal: 1,
    description: words.join(''),
    ...(made ? {pointsTotal: points} : {}),
    ...(helper === undefined
      ? {}
      : {
          assistPlayerNameInitial: shortName(helper),
          assistPersonId: helper.player.playerId,
          assistTotal: assists,
        }),
    ...(blocker === undefined
      ? {}
      : {blockPlayerName: blocker.player.familyName, blockPersonId: blocker.player.playerId}),
  });
  if (blocker !== undefined) {
    add(writer, otherSide(moment), blocker, {
      actionType: 'block',
      subType: '',
      description: `${shortName(blocker)} BLOCK (${count(writer, blocker, 'blocks', 1)} BLK)`,
    });
  }
}

function placeFields({distance, xLegacy, yLegacy, x, y, area, areaDetail, side}: ShotPlace): object {
  return {x, y, xLegacy, yLegacy, shotDistance: distance, area, areaDetail, side};
}

function writeFreeThrow(writer: Writer, {shooter, made, nth, of}: Of<'free throw'>, moment: Moment): void {
  const points = made ? count(writer, shooter, 'points', 1) : 0;
  writer.lastShot = writer.order;
  add(writer, moment, shooter, {
    actionType: 'freethrow',
    subType: `${nth} of ${of}`,
    shotResult: made ? 'Made' : 'Missed',
    description: `${made ? '' : 'MISS '}${shortName(shooter)} Free Throw ${nth} of ${of}${made ? ` (${points} PTS)` : ''}`,
    ...(made ? {pointsTotal: points} : {}),
  });
}

function writeRebound(writer: Writer, {player, offensive}: Of<'rebound'>, moment: Moment): void {
  const off = count(writer, player, 'offensive', offensive ? 1 : 0);
  const def = count(writer, player, 'defensive', offensive ? 0 : 1);
  add(writer, moment, player, {
    actionType: 'rebound',
    subType: offensive ? 'offensive' : 'defensive',
    shotActionNumber: writer.lastShot,
    reboundTotal: off + def,
    reboundOffensiveTotal: off,
    reboundDefensiveTotal: def,
    description: `${shortName(player)} REBOUND (Off:${off} Def:${def})`,
  });
}

function writeTurnover(writer: Writer, {player, how, thief}: Of<'turnover'>, moment: Moment): void {
  const total = count(writer, player, 'turnovers', 1);
  add(writer, moment, player, {
    actionType: 'turnover',
    subType: how,
    turnoverTotal: total,
    description: `${shortName(player)} ${how} TURNOVER (${total} TO)`,
    ...(thief === undefined
      ? {}
      : {stealPlayerName: thief.player.familyName, stealPersonId: thief.player.playerId}),
  });
  if (thief !== undefined) {
    add(writer, otherSide(moment), thief, {
      actionType: 'steal',
      subType: '',
      description: `${shortName(thief)} STEAL (${count(writer, thief, 'steals', 1)} STL)`,
    });
  }
}

function writeFoul(writer: Writer, {player, how, drawn, shots}: Of<'foul'>, moment: Moment): void {
  const total = count(writer, player, 'fouls', 1);
  const what = how === 'shooting' ? 'shooting personal' : how;
  const trip = shots === 0 ? '' : ` (${drawn.player.familyName} ${shots} FT)`;
  add(writer, moment, player, {
    actionType: 'foul',
    subType: how === 'offensive' ? 'offensive' : 'personal',
    ...(how === 'shooting' ? {descriptor: 'shooting'} : {}),
    foulPersonalTotal: total,
    foulTechnicalTotal: 0,
    foulDrawnPlayerName: drawn.player.familyName,
    foulDrawnPersonId: drawn.player.playerId,
    description: `${shortName(player)} ${what} FOUL (${total} PF)${trip}`,
  });
}

/** Adds to a player's running count and gives it. */
function count(writer: Writer, {player}: Line, what: string, by: number): number {
  const key = `${player.playerId} ${what}`;
  const total = (writer.counts.get(key) ?? 0) + by;
  writer.counts.set(key, total);
  return total;
}

function otherSide(moment: Moment): Moment {
  return {...moment, side: moment.side === 'home' ? 'away' : 'home'};
}

/** The home team plays to the right in the first half, and to the left after it. */
function goalOf({side, period}: Moment): 'left' | 'right' {
  return (side === 'home') === period <= 2 ? 'right' : 'left';
}

function shortName({player}: Line): string {
  return `${player.firstName.slice(0, 1)}. ${player.familyName}`;
}

function add(writer: Writer, moment: Moment, line: Line | undefined, fields: Action): void {
  const {game} = writer;
  const team = moment.side === undefined ? undefined : game[moment.side].team;
  const personId = line?.player.playerId ?? 0;
  const time = actualTime(writer, moment);
  writer.actions.push({
    actionNumber: writer.order,
    clock: clockOf(moment.clock),
    timeActual: time,
    period: moment.period,
    periodType: moment.period > 4 ? 'OVERTIME' : 'REGULAR',
    ...(team === undefined ? {} : {teamId: team.teamId, teamTricode: team.tricode}),
    qualifiers: [],
    personId,
    ...(line === undefined ? {} : {playerName: line.player.familyName, playerNameI: shortName(line)}),
    x: null,
    y: null,
    possession: team?.teamId ?? 0,
    scoreHome: String(moment.home),
    scoreAway: String(moment.away),
    edited: time,
    orderNumber: writer.order * 10_000,
    isTargetScoreLastPeriod: false,
    xLegacy: null,
    yLegacy: null,
    isFieldGoal: 0,
    side: null,
    personIdsFilter: personId === 0 ? [] : [personId],
    ...fields,
  });
  writer.order++;
}

/** Two and a half minutes of the evening for a minute of the game, and a longer pause at half-time. */
function actualTime({start}: Writer, {period, clock}: Moment): string {
  const before = period <= 4 ? (period - 1) * 720 : 2880 + (period - 5) * 300;
  const played = before + (period <= 4 ? 720 : 300) - clock;
  const pauses = (period - 1) * 150 + (period > 2 ? 750 : 0);
  return `${new Date(start + (600 + played * 2.5 + pauses) * 1000).toISOString().slice(0, 19)}Z`;
}

function clockOf(seconds: number): string {
  const minutes = String(Math.floor(seconds / 60)).padStart(2, '0');
  return `PT${minutes}M${String(seconds % 60).padStart(2, '0')}.00S`;
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${JSON.stringify(value)}.`);
}
