// What teams of a simulated game tell of their players in the morning: who is out, who may be, and who is with the affiliate.
// Does not deal with when players are hurt (players.ts); nobody who is called out plays.
import type {Game, Injury, InjuryStatus, TeamInjuries} from './game.ts';
import type {Player} from './players.ts';
import {type Random, randomOf} from './random.ts';
import type {PlayedMatch} from './simulated-season.ts';
import type {Team} from './teams.ts';

/** Teams that played the evening before may tell later; so many do. */
const lateShare = 0.05;

/** Visitors first, as the report has them. */
export function simulatedInjuries(seed: number, game: Game, played: PlayedMatch): readonly TeamInjuries[] {
  return (['away', 'home'] as const).map(side => {
    const {team} = game[side];
    const random = randomOf(seed, `report ${game.gameId} ${team.teamId}`);
    if (random() < lateShare) return {team, injuries: undefined};
    return {team, injuries: injuriesIn(random, team, {played, side})};
  });
}

function injuriesIn(
  random: Random,
  team: Team,
  {played, side}: {readonly played: PlayedMatch; readonly side: 'home' | 'away'},
): Injury[] {
  const listed = [
    ...played.hurt[side].map(player => told(player, hurtStatus(random()), complaintOf(player, team))),
    ...played.idle[side].map(player => told(player, 'Out', leagueOf(player))),
    ...played.match[side].lines.flatMap(({player}) => {
      const status = fitStatus(random());
      return status === undefined ? [] : [told(player, status, complaintOf(player, team))];
    }),
  ];
  return listed.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function told({firstName, familyName}: Player, status: InjuryStatus, reason: string): Injury {
  return {firstName, familyName, status, reason};
}

function nameOf({familyName, firstName}: Injury): string {
  return `${familyName}, ${firstName}`;
}

/** Of those who will not play, most are known to be out in the morning. */
function hurtStatus(drawn: number): InjuryStatus {
  return drawn < 0.85 ? 'Out' : drawn < 0.95 ? 'Doubtful' : 'Questionable';
}

/** Of those who will play, few are on the report. */
function fitStatus(drawn: number): InjuryStatus | undefined {
  if (drawn < 0.002) return 'Doubtful';
  if (drawn < 0.03) return 'Questionable';
  if (drawn < 0.05) return 'Probable';
  return drawn < 0.06 ? 'Available' : undefined;
}

const complaints = [
  'Left Ankle; Sprain',
  'Right Knee; Soreness',
  'Illness; Illness',
  'Lower Back; Spasms',
  'Left Hamstring; Injury Management',
  'Right Shoulder; Acromioclavicular Joint Sprain',
];

/** The same for a player and team as long as they are together. */
function complaintOf({playerId}: Player, {teamId}: Team): string {
  return `Injury/Illness - ${complaints[(playerId + teamId) % complaints.length] ?? ''}`;
}

function leagueOf({playerId}: Player): string {
  return `G League - ${playerId % 2 === 0 ? 'Two-Way' : 'On Assignment'}`;
}
