/**
 * How the pipeline is as a whole: gaps by cause, runs, what heals next, and the last thirty days.
 * It does not deal with single assets.
 */
import type {OpenAPIHono} from '@hono/zod-openapi';
import {chooseHealing, type LeftCause} from '../planner/healing.ts';
import {OUTCOMES, type Outcome} from '../planner/ledger.ts';
import {planFrame} from '../planner/make-plan.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import {TIERS, type Tier} from '../planner/tier.ts';
import {priceOf} from '../report/billed-text.ts';
import {timezoneOf} from '../report/frame-view.ts';
import {gapsAsked, sectionsOf} from '../report/gaps.ts';
import {groupBy} from '../report/group.ts';
import {type HealingPast, readHealingPast, readRecorded, readRunsSince} from '../report/project-ledger.ts';
import {readSizes} from '../report/sizes.ts';
import {STATES_ALONE, statusJson, statusOf} from '../report/status.ts';
import type {PassOutcome} from '../runner/ledger-pass.ts';
import type {View} from './reader.ts';
import {linesOf} from './run-line.ts';
import {rangesSaid} from './said.ts';
import {type HealsBody, heals, type OverviewBody, overview} from './schema/overview.ts';
import {newRoutes, ofView, reads, type Served} from './serving.ts';

export function overviewRoutes(served: Served): OpenAPIHono {
  const routes = newRoutes();
  reads(
    routes,
    served,
    {path: '/overview', summary: 'how the pipeline is', body: overview},
    ofView(view => overviewBody(served, view)),
  );
  reads(
    routes,
    served,
    {path: '/status', summary: 'exactly what `gameplan status --json` prints', body: 'application/json'},
    view => JSON.stringify(statusBody(served, view)),
  );
  reads(
    routes,
    served,
    {path: '/heals', summary: 'what the next pass of healing makes', body: heals},
    ofView(view => healsBody(served, view)),
  );
  return routes;
}

function statusBody({clock}: Served, {project, planned}: View): object {
  const status = statusOf(planned, readRecorded(project, clock));
  return {...statusJson(status, priceOf(project.pipeline)), sizes: readSizes(project)};
}

const RUNS = 5;
const CAUSES = 12;

function overviewBody(served: Served, view: View): OverviewBody {
  const {planned, ledger, now} = view;
  const {plan, frame} = planned;
  const status = statusOf(planned, STATES_ALONE);
  const assets = [...status.groups].flatMap(([group, own]) =>
    own.map(({name, states, seasons, games, quality}) => ({
      asset: name,
      group,
      states: {...states},
      ...(games === undefined ? {} : {games: {...games}}),
      quality: {...quality},
      seasons: Object.fromEntries([...seasons].map(([season, counts]) => [season, {...counts}])),
    })),
  );
  const {gaps} = gapsAsked(frame, WHOLE_REQUEST, {olderThan: undefined, standing: undefined});
  const open = gaps.filter(({standing}) => standing === 'open');
  const lines = linesOf(served, view, {offset: 0, limit: RUNS});
  return {
    sequence: ledger.sequence,
    now,
    states: {...plan.states},
    assets,
    openGaps: open.length,
    acceptedGaps: gaps.length - open.length,
    causes: sectionsOf({frame, gaps: open}, 'cause')
      .slice(0, CAUSES)
      .map(({title, groups}) => {
        const since = groups.flatMap(group => group.since ?? []);
        const [first] = groups;
        return {
          cause: {kind: 'cause', text: title},
          count: groups.reduce((sum, {keys}) => sum + keys.length, 0),
          assets: [...new Set(groups.map(({asset}) => asset))],
          since: since.length === 0 ? null : Math.min(...since),
          ranges: first === undefined ? '' : rangesSaid(view, first.asset, first.keys),
        };
      }),
    planned: {...plan.actions},
    atWork: lines.filter(({status: each}) => each === 'running'),
    lastRuns: lines,
    quality: sumTiers(assets.map(({quality}) => quality)),
    trend: trendOf(served, view),
  };
}

function healsBody({clock}: Served, {project, planned, ledger, now}: View): HealsBody {
  const {frame} = planned;
  const choice = chooseHealing(planned, request => planFrame(frame, {...project, ledger, now, request}));
  const causes = groupBy(choice.left, ({cause}) => cause);
  return {
    isQuiet: choice.isQuiet,
    assets: [...choice.only]
      .map(([asset, keys]) => ({asset, count: keys.size}))
      .toSorted((a, b) => b.count - a.count),
    left: [...causes].map(([cause, own]) => ({text: LEFT[cause], count: own.length})),
    ...pastBody(readHealingPast(project, clock)),
  };
}

function pastBody({lastPass, nextAt}: HealingPast): Pick<HealsBody, 'lastPass' | 'nextAt'> {
  const soon = nextAt === undefined || !Number.isFinite(nextAt) ? null : nextAt;
  if (lastPass === undefined) return {lastPass: null, nextAt: soon};
  const {startedAt, end, trigger, by = null} = lastPass;
  const filled = end?.counts?.succeeded ?? 0;
  const text =
    end === undefined ? 'at work' : `${CAME[end.outcome]}${filled > 0 ? `, ${filled} filled` : ''}`;
  return {lastPass: {startedAt, endedAt: end?.endedAt ?? null, text, trigger, by}, nextAt: soon};
}

const CAME: Readonly<Record<PassOutcome, string>> = {
  healed: 'all went well',
  nothing: 'nothing to heal',
  quiet: 'quiet hours',
  failed: 'something failed',
  interrupted: 'was asked to end',
  broken: 'could not do its work',
  died: 'died',
};

const LEFT: Readonly<Record<LeftCause, string>> = {
  'too-old': 'older than what heals by itself',
  'tried-just-now': 'tried within the last hour',
  parked: 'parked: failed too often with the same inputs',
  waiting: 'waits for what is left',
  'over-budget': 'more than one pass may make',
  'site-budget': 'beyond what its site may be asked today',
};

function trendOf({clock}: Served, {project, planned: {frame}, now}: View): OverviewBody['trend'] {
  const zone = timezoneOf(frame);
  const byDay = new Map(lastDays(now, zone).map(date => [date, noOutcomes()]));
  const format = dateFormat(zone);
  for (const {startedAt, end} of readRunsSince(project, now - (DAYS + 1) * DAY_MS, clock)) {
    const own = byDay.get(format(startedAt));
    if (own === undefined || end === undefined) continue;
    for (const outcome of OUTCOMES) own[outcome] += end.counts[outcome];
  }
  return [...byDay].map(([date, outcomes]) => ({date, outcomes}));
}

const DAYS = 30;
const DAY_MS = 86_400_000;

function lastDays(now: number, zone: string | undefined): readonly string[] {
  const format = dateFormat(zone);
  const days = new Set<string>();
  // By half days: a day of 23 hours is not passed over.
  for (let at = now; days.size < DAYS; at -= DAY_MS / 2) days.add(format(at));
  return [...days].toReversed();
}

function dateFormat(zone: string | undefined): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone ?? 'UTC',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return at => format.format(at);
}

function noOutcomes(): Record<Outcome, number> {
  // every outcome is there by construction
  return Object.fromEntries(OUTCOMES.map(outcome => [outcome, 0])) as Record<Outcome, number>;
}

function sumTiers(all: readonly Readonly<Record<Tier, number>>[]): Record<Tier, number> {
  // every tier is there by construction
  return Object.fromEntries(
    TIERS.map(tier => [tier, all.reduce((sum, each) => sum + each[tier], 0)]),
  ) as Record<Tier, number>;
}
