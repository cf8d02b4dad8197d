// Simulated play-by-plays, counted and held against the box scores of the same games.
// Does not deal with recorded ones.
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type LeagueServer, startLeague} from '../../demo/league.ts';
import {type ActionAnswer, actionsOf, type BoxAnswer, boxOf, scheduleOf} from './client.ts';

let league: LeagueServer;
let gameIds: string[] = [];
beforeAll(async () => {
  league = await startLeague({mode: 'simulated', seed: 3, seasons: ['2025-26']});
  const games = (await scheduleOf(league, '2025-26')).map(({gameId}) => gameId);
  gameIds = games.filter((gameId, index) => index % 9 === 0 || '356'.includes(gameId.charAt(2)));
});
afterAll(() => league.close());

const countedBy: readonly (readonly [string, (action: ActionAnswer) => boolean])[] = [
  ['fieldGoalsMade', ({actionType, shotResult}) => isShot(actionType) && shotResult === 'Made'],
  ['fieldGoalsAttempted', ({actionType}) => isShot(actionType)],
  ['threePointersMade', ({actionType, shotResult}) => actionType === '3pt' && shotResult === 'Made'],
  ['threePointersAttempted', ({actionType}) => actionType === '3pt'],
  ['freeThrowsMade', ({actionType, shotResult}) => actionType === 'freethrow' && shotResult === 'Made'],
  ['freeThrowsAttempted', ({actionType}) => actionType === 'freethrow'],
  ['reboundsOffensive', ({actionType, subType}) => actionType === 'rebound' && subType === 'offensive'],
  ['reboundsDefensive', ({actionType, subType}) => actionType === 'rebound' && subType === 'defensive'],
  ['steals', ({actionType}) => actionType === 'steal'],
  ['blocks', ({actionType}) => actionType === 'block'],
  ['turnovers', ({actionType}) => actionType === 'turnover'],
  ['foulsPersonal', ({actionType}) => actionType === 'foul'],
];

function isShot(actionType: string): boolean {
  return actionType === '2pt' || actionType === '3pt';
}

/** `team player measure count`, a line for every count that is not zero. */
function countsOfActions(actions: readonly ActionAnswer[]): string[] {
  const counts = new Map<string, number>();
  const count = (key: string): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const action of actions) {
    for (const [name, counts] of countedBy) {
      if (counts(action)) count(`${action.teamId} ${action.personId} ${name}`);
    }
    if (action.assistPersonId !== undefined) count(`${action.teamId} ${action.assistPersonId} assists`);
  }
  return [...counts].map(([key, number]) => `${key} ${number}`).sort();
}

function countsOfBox(box: BoxAnswer): string[] {
  const names = [...countedBy.map(([name]) => name), 'assists'];
  return [box.homeTeam, box.awayTeam]
    .flatMap(({teamId, players}) =>
      players.flatMap(({personId, statistics}) =>
        Object.entries(statistics)
          .filter(([name, value]) => names.includes(name) && value !== 0)
          .map(([name, value]) => `${teamId} ${personId} ${name} ${value}`),
      ),
    )
    .sort();
}

test('every player has in the play-by-play what the box score says, in every game looked at', async () => {
  expect(gameIds.length).toBeGreaterThan(150);
  for (const gameId of gameIds) {
    const [actions, box] = await Promise.all([actionsOf(league, gameId), boxOf(league, gameId)]);
    expect(countsOfActions(actions)).toEqual(countsOfBox(box));
    const last = actions.at(-1);
    expect([Number(last?.scoreHome), Number(last?.scoreAway)]).toEqual([
      box.homeTeam.statistics?.points,
      box.awayTeam.statistics?.points,
    ]);
  }
});

test('shots lie where their kind says, and time runs down within a period', async () => {
  const distances = {short: 0, middle: 0, three: 0};
  for (const gameId of gameIds.slice(0, 40)) {
    const actions = await actionsOf(league, gameId);
    for (const {actionType, shotDistance} of actions.filter(action => isShot(action.actionType))) {
      const feet = shotDistance ?? -1;
      if (actionType === '3pt') expect(feet).toBeGreaterThanOrEqual(22);
      else expect(feet).toBeLessThan(22);
      distances[actionType === '3pt' ? 'three' : feet <= 8 ? 'short' : 'middle']++;
    }
    const clocks = actions.map(({period, clock}) => `${9 - period} ${clock}`);
    expect(clocks).toEqual([...clocks].sort().reverse());
  }
  const all = distances.short + distances.middle + distances.three;
  expect(distances.short / all).toBeGreaterThan(0.35);
  expect(distances.middle / all).toBeGreaterThan(0.06);
  expect(distances.three / all).toBeGreaterThan(0.3);
});

test('only five a side are on the floor when something happens', async () => {
  for (const gameId of gameIds.slice(0, 40)) {
    const [actions, box] = await Promise.all([actionsOf(league, gameId), boxOf(league, gameId)]);
    const floor = new Set(
      [...box.homeTeam.players, ...box.awayTeam.players]
        .filter(({position}) => position !== '')
        .map(({personId}) => personId),
    );
    for (const {actionType, subType, personId} of actions) {
      if (actionType === 'substitution') {
        if (subType === 'out') expect(floor.delete(personId)).toBe(true);
        else floor.add(personId);
      } else if (personId !== 0) {
        expect(floor.has(personId)).toBe(true);
      }
    }
    expect(floor.size).toBe(10);
  }
});
