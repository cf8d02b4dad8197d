/**
 * Gaps and the source coverage log.
 * It signs nothing off (actions.ts).
 */
import {type OpenAPIHono, z} from '@hono/zod-openapi';
import {EVENT_SEVERITY, type EventKind, SEVERITIES} from '../planner/coverage-event.ts';
import {coverageLines} from '../planner/coverage-report.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import {assetsOf} from '../planner/select.ts';
import {resolutionText, resolveEvents} from '../report/coverage-log.ts';
import {reportMarkdown} from '../report/coverage-markdown.ts';
import {gapsAsked, sectionsOf} from '../report/gaps.ts';
import {headOf} from '../report/head.ts';
import {readCoverageLog} from '../report/project-ledger.ts';
import {selectionOf} from './question.ts';
import type {View} from './reader.ts';
import {partitionsSaid} from './said.ts';
import {type EventsBody, events, type GapsBody, gaps} from './schema/gap.ts';
import {newRoutes, reads, type Served} from './serving.ts';

const gapsQuery = z.object({
  select: z.string().max(2000).default(''),
  by: z.enum(['asset', 'season', 'cause']).default('asset'),
  standing: z.enum(['open', 'accepted']).optional(),
  /** Keys of these dates alone, both meant. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  /** Milliseconds. */
  olderThan: z.coerce.number().min(0).optional(),
});

const kinds = Object.keys(EVENT_SEVERITY) as [EventKind, ...EventKind[]]; // its own keys
const eventsQuery = z.object({
  select: z.string().max(2000).default(''),
  key: z.string().max(40).optional(),
  kind: z.enum(kinds).optional(),
  /** This and what is worse. */
  severity: z.enum(SEVERITIES).optional(),
  source: z.string().max(100).optional(),
  game: z.string().max(100).optional(),
  run: z.string().max(100).optional(),
  /** Milliseconds since 1970. */
  since: z.coerce.number().optional(),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export function gapRoutes(served: Served): OpenAPIHono {
  const routes = newRoutes();
  reads(
    routes,
    served,
    {path: '/gaps', summary: 'what is missing, and what was signed off', query: gapsQuery, body: gaps},
    (view, {query}) => gapsBody(view, query),
  );
  reads(
    routes,
    served,
    {
      path: '/gaps/report',
      summary: 'the coverage tracker, as `gameplan gaps report` prints it',
      query: z.object({select: z.string().max(2000).default('')}),
      body: 'text/markdown',
    },
    ({project, planned: {frame}, now}, {query}) => {
      const request = {...WHOLE_REQUEST, selection: selectionOf(query.select, project.pipeline)};
      return reportMarkdown({head: headOf(frame), now, lines: coverageLines(frame, request)});
    },
  );
  reads(
    routes,
    served,
    {path: '/events', summary: 'the source coverage log, the newest first', query: eventsQuery, body: events},
    (view, {query}) => eventsBody(served, view, query),
  );
  return routes;
}

const FIRST = 50;

function gapsBody(view: View, query: z.infer<typeof gapsQuery>): GapsBody {
  const {select, by, standing, from, to, olderThan} = query;
  const {frame} = view.planned;
  const selection = selectionOf(select, view.project.pipeline);
  const request = {...WHOLE_REQUEST, selection, range: {...WHOLE_REQUEST.range, from, to}};
  const found = gapsAsked(frame, request, {olderThan, standing: undefined});
  const open = found.gaps.filter(gap => gap.standing === 'open');
  const shown = standing === undefined ? found.gaps : found.gaps.filter(gap => gap.standing === standing);
  return {
    sequence: view.ledger.sequence,
    now: view.now,
    open: open.length,
    accepted: found.gaps.length - open.length,
    sections: (['open', 'accepted'] as const).flatMap(each =>
      sectionsAs(
        view,
        shown.filter(gap => gap.standing === each),
        {by, standing: each},
      ),
    ),
    voids: found.voids.map(({gap, asset, ordinals}) => ({
      ...partitionsSaid(
        view,
        gap.asset,
        ordinals.map(ordinal => asset.keys[ordinal] ?? ''),
      ),
      reason: gap.reason,
      by: gap.acceptedBy,
      on: gap.acceptedOn,
    })),
    file: view.project.pipeline.target.knownGaps,
  };
}

/** Open and accepted ones are told apart: nobody should take one for the other. */
function sectionsAs(
  view: View,
  own: Parameters<typeof sectionsOf>[0]['gaps'],
  {by, standing}: {readonly by: z.infer<typeof gapsQuery>['by']; readonly standing: 'open' | 'accepted'},
): GapsBody['sections'] {
  return sectionsOf({frame: view.planned.frame, gaps: own}, by).map(({title, groups}) => ({
    title,
    count: groups.reduce((sum, {keys}) => sum + keys.length, 0),
    groups: groups.map(({keys, lacks, since, games, expired, ...group}) => ({
      ...group,
      ...partitionsSaid(view, group.asset, keys),
      standing,
      keys: keys.slice(0, FIRST),
      games: games === undefined ? null : {...games},
      lacks: lacks.slice(0, FIRST),
      since: since ?? null,
      expired: expired ?? null,
    })),
  }));
}

function eventsBody({clock}: Served, view: View, query: z.infer<typeof eventsQuery>): EventsBody {
  const {select, key, kind, severity, source, game, run, since, offset, limit} = query;
  const {project, planned} = view;
  const selection = selectionOf(select, project.pipeline);
  const filter = {
    assets: selection && [...assetsOf(selection)],
    key,
    kinds: kind && [kind],
    severities: severity && SEVERITIES.slice(SEVERITIES.indexOf(severity)),
    source,
    game,
    run,
    since,
    limit: offset + limit + 1,
  };
  const {events: found, aftermath} = readCoverageLog(project, filter, clock);
  const shown = found.slice(offset, offset + limit);
  return {
    hasMore: found.length > offset + limit,
    events: resolveEvents(planned.frame, shown, aftermath).map(({event, resolution}) => ({
      ...event,
      run: event.run ?? null,
      game: event.game ?? null,
      source: event.source ?? null,
      resolution: resolutionText(resolution, event.at),
      end: resolution.kind,
    })),
  };
}
