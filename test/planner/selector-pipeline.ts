/** A small pipeline that tests of selectors select from. */
import {parse} from '../kit/toy-spec.ts';

export const pipeline = parse({
  assets: {
    'raw.games': {tags: ['boxscores'], group: 'raw'},
    'raw.players': {group: 'raw'},
    'mart.team': {upstream: {a: 'raw.games'}, tags: ['boxscores', 'daily:9']},
    'mart.player': {upstream: {a: 'mart.team', b: 'raw.players'}},
    'mart.features': {upstream: {a: 'mart.player'}},
  },
  manifest: {calendars: {days: {dates: [{date: '2024-01-15', season: '2023-24'}], timezone: 'UTC'}}},
});
