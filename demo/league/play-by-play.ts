// The play-by-play of a simulated game in the form of the CDN's JSON, from playing the game once more.
// Does not deal with how the game goes: what it adds (places, words, times) changes nothing in it.
import type {Line} from './bench.ts';
import type {Game} from './game.ts';
import type {Happening, Moment, Zone} from './happening.ts';
import {type Random, randomOf} from './random.ts';
import {placeShot, type ShotPlace} from './shot-place.ts';
import type {SimulatedSeason} from './simulated-season.ts';

interface Writer {
  readonly game: Game;
  readonly random: Random;
  readonly start: number;
  readonly actions: string[];
  /** Running counts a description tells, by player id. */
  readonly counts: Map<string, number>;
  order: number;
  lastShot: number;
  /** The last time told: many actions share a second. */
  time: {readonly seconds: number; readonly text: string};
}

/** The actions as the JSON text of a list. */
export function playByPlayOf(seed: number, game: Game, season: SimulatedSeason): string {
  const writer: Writer = {
    game,
    random: randomOf(seed, `words ${game.gameId}`),
    start: Date.parse(game.startUtc ?? game.date),
    actions: [],
    counts: new Map(),
    order: 2,
    lastShot: 0,
    time: {seconds: -1, text: ''},
  };
  season.replay(game, (happening, moment) => write(writer, happening, moment));
  return `[${writer.actions.join(',')}]`;
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
    description: `Jump Ball ${shortName(winner)} vs. ${shortName(loser)}: Tip to ${shortName(receiver)}`,
    more: {
      descriptor: 'startperiod',
      jumpBallRecoveredName: shortName(receiver),
      jumpBallRecoverdPersonId: receiver.player.playerId,
      jumpBallWonPlayerName: winner.player.familyName,
      jumpBallWonPersonId: winner.player.playerId,
      jumpBallLostPlayerName: loser.player.familyName,
      jumpBallLostPersonId: loser.player.playerId,
    },
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
    description: words.join(''),
    place,
    more: {
      descriptor,
      qualifiers: zone === 'rim' || zone === 'short' ? ['pointsinthepaint'] : [],
      shotResult: made ? 'Made' : 'Missed',
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
    },
  });
  if (blocker !== undefined) {
    add(writer, otherSide(moment), blocker, {
      actionType: 'block',
      subType: '',
      description: `${shortName(blocker)} BLOCK (${count(writer, blocker, 'blocks', 1)} BLK)`,
    });
  }
}

function writeFreeThrow(writer: Writer, {shooter, made, nth, of}: Of<'free throw'>, moment: Moment): void {
  const points = made ? count(writer, shooter, 'points', 1) : 0;
  writer.lastShot = writer.order;
  add(writer, moment, shooter, {
    actionType: 'freethrow',
    subType: `${nth} of ${of}`,
    description: `${made ? '' : 'MISS '}${shortName(shooter)} Free Throw ${nth} of ${of}${made ? ` (${points} PTS)` : ''}`,
    more: {shotResult: made ? 'Made' : 'Missed', ...(made ? {pointsTotal: points} : {})},
  });
}

function writeRebound(writer: Writer, {player, offensive}: Of<'rebound'>, moment: Moment): void {
  const off = count(writer, player, 'offensive', offensive ? 1 : 0);
  const def = count(writer, player, 'defensive', offensive ? 0 : 1);
  add(writer, moment, player, {
    actionType: 'rebound',
    subType: offensive ? 'offensive' : 'defensive',
    description: `${shortName(player)} REBOUND (Off:${off} Def:${def})`,
    more: {
      shotActionNumber: writer.lastShot,
      reboundTotal: off + def,
      reboundOffensiveTotal: off,
      reboundDefensiveTotal: def,
    },
  });
}

function writeTurnover(writer: Writer, {player, how, thief}: Of<'turnover'>, moment: Moment): void {
  const total = count(writer, player, 'turnovers', 1);
  add(writer, moment, player, {
    actionType: 'turnover',
    subType: how,
    description: `${shortName(player)} ${how} TURNOVER (${total} TO)`,
    more: {
      turnoverTotal: total,
      ...(thief === undefined
        ? {}
        : {stealPlayerName: thief.player.familyName, stealPersonId: thief.player.playerId}),
    },
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
    description: `${shortName(player)} ${what} FOUL (${total} PF)${trip}`,
    more: {
      ...(how === 'shooting' ? {descriptor: 'shooting'} : {}),
      foulPersonalTotal: total,
      foulTechnicalTotal: 0,
      foulDrawnPlayerName: drawn.player.familyName,
      foulDrawnPersonId: drawn.player.playerId,
    },
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

interface Words {
  readonly actionType: string;
  readonly subType: string;
  readonly description: string;
  readonly place?: ShotPlace;
  /** Further keys of this kind of action. */
  readonly more?: Readonly<Record<string, string | number | readonly string[]>>;
}

/** Written as text at once: a game has hundreds of actions of some thirty keys. */
function add(writer: Writer, moment: Moment, line: Line | undefined, words: Words): void {
  const {game, order} = writer;
  const team = moment.side === undefined ? undefined : game[moment.side].team;
  const person = line?.player.playerId ?? 0;
  const time = actualTime(writer, moment);
  const periodType = moment.period > 4 ? 'OVERTIME' : 'REGULAR';
  const parts = [
    `"actionNumber":${order},"clock":"${clockOf(moment.clock)}","timeActual":"${time}","period":${moment.period}`,
    `"periodType":"${periodType}"${team === undefined ? '' : `,"teamId":${team.teamId},"teamTricode":"${team.tricode}"`}`,
    `"actionType":"${words.actionType}","subType":"${words.subType}","personId":${person}`,
    placeText(words.place),
    `"possession":${team?.teamId ?? 0},"scoreHome":"${moment.home}","scoreAway":"${moment.away}","edited":"${time}"`,
    `"orderNumber":${order * 10_000},"isTargetScoreLastPeriod":false,"description":${JSON.stringify(words.description)}`,
    `"personIdsFilter":[${person === 0 ? '' : person}]`,
  ];
  if (line !== undefined) {
    parts.push(
      `"playerName":${JSON.stringify(line.player.familyName)},"playerNameI":${JSON.stringify(shortName(line))}`,
    );
  }
  if (words.more !== undefined) parts.push(JSON.stringify(words.more).slice(1, -1));
  writer.actions.push(`{${parts.join(',')}}`);
  writer.order++;
}

function placeText(place: ShotPlace | undefined): string {
  if (place === undefined) {
    return '"qualifiers":[],"x":null,"y":null,"xLegacy":null,"yLegacy":null,"isFieldGoal":0,"side":null';
  }
  const {distance, ...rest} = place;
  return `"isFieldGoal":1,"shotDistance":${distance},${JSON.stringify(rest).slice(1, -1)}`;
}

/** Two and a half minutes of the evening for a minute of the game, and a longer pause at half-time. */
function actualTime(writer: Writer, {period, clock}: Moment): string {
  const before = period <= 4 ? (period - 1) * 720 : 2880 + (period - 5) * 300;
  const played = before + (period <= 4 ? 720 : 300) - clock;
  const pauses = (period - 1) * 150 + (period > 2 ? 750 : 0);
  const seconds = Math.floor(600 + played * 2.5 + pauses);
  if (writer.time.seconds !== seconds) {
    const text = `${new Date(writer.start + seconds * 1000).toISOString().slice(0, 19)}Z`;
    writer.time = {seconds, text};
  }
  return writer.time.text;
}

function clockOf(seconds: number): string {
  const minutes = String(Math.floor(seconds / 60)).padStart(2, '0');
  return `PT${minutes}M${String(seconds % 60).padStart(2, '0')}.00S`;
}

function unreachable(value: never): never {
  throw new Error(`Internal error: no case for ${JSON.stringify(value)}.`);
}
