/**
 * A plan over real dates with every action in it, as literal data: what the printers' tests print.
 */
import type {AssetName, PartitionKey} from '../../planner/pipeline.ts';
import type {Plan, PlannedPartition} from '../../planner/plan.ts';
import {groupPartitions} from '../../planner/plan-group.ts';
import type {Note, Reason} from '../../planner/reason.ts';
import {ACTIONS, type Action, STATES, type State} from '../../planner/state.ts';

/** Every day of a month, without some off-days: enough of a calendar to merge ranges by. */
export const dates: readonly string[] = ['2022-04', '2022-05', '2023-02', '2023-03']
  .flatMap(month => Array.from({length: 28}, (_, day) => `${month}-${String(day + 1).padStart(2, '0')}`))
  .filter(date => date !== '2022-04-11' && date !== '2022-04-14');

export const keyOrder = () => new Map(dates.map((date, index) => [date, index]));

export function partition(
  asset: string,
  key: string,
  state: State,
  rest: {action?: Action; reasons?: readonly Reason[]; notes?: readonly Note[]} = {},
): PlannedPartition {
  // literal names and keys of a test
  const names = {asset: asset as AssetName, key: key as PartitionKey};
  return {...names, state, action: rest.action, reasons: rest.reasons ?? [], notes: rest.notes ?? []};
}

export function plan(partitions: readonly PlannedPartition[], fresh: number, rest: Partial<Plan> = {}): Plan {
  const amount = (holds: (each: PlannedPartition) => boolean) => partitions.filter(holds).length;
  return {
    version: 1,
    pipeline: 'nba',
    target: 'local',
    now: '2026-07-22T13:00:00.000Z',
    manifest: `sha256:${'ab'.repeat(32)}`,
    calendar: `sha256:${'cd'.repeat(32)}`,
    ledger: 48213,
    settled: true,
    // every action and state is there
    actions: Object.fromEntries(
      ACTIONS.map(action => [action, amount(each => each.action === action)]),
    ) as Plan['actions'],
    states: {
      ...(Object.fromEntries(
        STATES.map(state => [state, amount(each => each.state === state)]),
      ) as Plan['states']),
      fresh: fresh + amount(({state}) => state === 'fresh'),
    },
    partitions,
    groups: groupPartitions(
      partitions,
      name => partitions.filter(({asset, action}) => asset === name && action?.startsWith('run')).length,
    ),
    calendars: [
      {name: 'nba', dates: 1059, from: '2021-10-19', to: '2026-06-13', timezone: 'America/New_York'},
    ],
    ...rest,
  };
}

const never: Reason = {kind: 'never-materialized'};
const run = {action: 'run', reasons: [never]} as const;

export const everyAction: Plan = plan(
  [
    ...['2022-04-12', '2022-04-13', '2022-04-15'].map(key =>
      partition('raw.player_boxscores', key, 'missing', run),
    ),
    ...['2022-04-12', '2022-04-13', '2022-04-15'].map(key =>
      partition('analytics.player_game_summary', key, 'missing', run),
    ),
    partition('analytics.player_game_summary', '2023-02-23', 'stale', {
      action: 'run',
      reasons: [{kind: 'upstream-changed', upstream: ['raw.player_boxscores@2023-02-23'], count: 1}],
    }),
    ...dates
      .filter(date => (date > '2022-04-12' && date < '2022-06') || date > '2023-02-23')
      .map((key, index) =>
        partition('precompute.player_shot_zone_analysis', key, 'fresh', {
          action: 'run-if',
          reasons: [
            {
              kind: 'upstream-planned',
              upstream: `analytics.player_game_summary@${key < '2023' ? '2022-04-12' : '2023-02-23'}`,
              count: key < '2023' ? Math.min(index + 1, 3) : 1,
            },
          ],
        }),
      ),
    partition('landing.odds_player_props', '2023-03-01', 'missing', {
      action: 'skip',
      reasons: [
        never,
        {kind: 'parked', failures: 3, error: 'HTTP 500', nextTryAt: Date.parse('2026-07-22T19:00:00Z')},
      ],
    }),
    partition('raw.player_props', '2023-03-01', 'missing', {
      action: 'wait',
      reasons: [
        never,
        {kind: 'upstream-missing', upstream: 'landing.odds_player_props@2023-03-01', count: 1},
      ],
    }),
    ...dates.slice(0, 14).map(key =>
      partition('precompute.player_shot_zone_analysis', key, 'exempt', {
        reasons: [{kind: 'bootstrap', days: 14}],
      }),
    ),
  ],
  36_904,
);
