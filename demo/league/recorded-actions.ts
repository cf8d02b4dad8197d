// The recorded play-by-plays in the form of the CDN's JSON, each field the recording can give.
// Does not deal with fields that were not recorded: they are null, or absent where the CDN leaves them out.
import {type Folder, type Row, text} from './parquet.ts';

/** One action in the form of the CDN's JSON. */
type Action = Readonly<Record<string, unknown>>;

/** All recorded play-by-plays by game id, actions in order, each the JSON text of a list. */
export async function recordedActions(data: Folder): Promise<ReadonlyMap<string, string>> {
  const rows = await data.read(
    `select * replace (order_number::double as order_number, team_id::double as team_id, person_id::double as person_id),
       strftime(time_actual_utc, '%Y-%m-%dT%H:%M:%S.%gZ') as actual
     from ${data.table('play_by_play_samples')} order by game_id, order_number`,
    row => row,
  );
  const byGame = Map.groupBy(rows, row => text(row, 'game_id'));
  return new Map([...byGame].map(([gameId, actions]) => [gameId, JSON.stringify(actionsOf(actions))]));
}

function actionsOf(rows: readonly Row[]): Action[] {
  let home = 0;
  let away = 0;
  return rows.map(row => {
    // One of the two endpoints prints the score only where it changes.
    if (typeof row['score_home'] === 'number') home = row['score_home'];
    if (typeof row['score_away'] === 'number') away = row['score_away'];
    return actionOf(row, home, away);
  });
}

function actionOf(row: Row, home: number, away: number): Action {
  const actionType = actionTypeOf(row);
  const isShot = actionType === '2pt' || actionType === '3pt';
  const period = Number(row['period']);
  const person = row['person_id'] ?? 0;
  return {
    actionNumber: row['action_number'],
    clock: row['clock'],
    timeActual: row['actual'],
    period,
    periodType: period > 4 ? 'OVERTIME' : 'REGULAR',
    ...(row['team_id'] === null ? {} : {teamId: row['team_id'], teamTricode: row['team']}),
    actionType,
    subType: row['sub_type'] ?? '',
    qualifiers: [],
    personId: person,
    ...(row['player_name'] === null ? {} : {playerName: row['player_name']}),
    x: null,
    y: null,
    possession: 0,
    scoreHome: String(home),
    scoreAway: String(away),
    edited: row['actual'],
    orderNumber: row['order_number'],
    isTargetScoreLastPeriod: false,
    xLegacy: isShot ? row['x_legacy'] : null,
    yLegacy: isShot ? row['y_legacy'] : null,
    isFieldGoal: isShot ? 1 : 0,
    ...(isShot ? {shotDistance: row['shot_distance']} : {}),
    ...(isShot || actionType === 'freethrow' ? {shotResult: resultOf(row)} : {}),
    side: null,
    description: row['description'] ?? '',
    personIdsFilter: person === 0 ? [] : [person],
  };
}

function resultOf(row: Row): string {
  if (typeof row['shot_result'] === 'string' && row['shot_result'] !== '') return row['shot_result'];
  return String(row['description']).startsWith('MISS') ? 'Missed' : 'Made';
}

/** The CDN's action types; one game was recorded from the stats endpoint, which has its own. */
function actionTypeOf(row: Row): string {
  const type = String(row['action_type'] ?? '');
  const description = String(row['description'] ?? '');
  switch (type) {
    case 'Made Shot':
    case 'Missed Shot':
      return description.includes(' 3PT ') ? '3pt' : '2pt';
    case 'Free Throw':
      return 'freethrow';
    case 'Jump Ball':
      return 'jumpball';
    case 'Instant Replay':
      return 'instantreplay';
    case '':
      return description.includes(' BLOCK ') ? 'block' : 'steal';
    default:
      return type.toLowerCase();
  }
}
