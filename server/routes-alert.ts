/**
 * Alerts: what is open and was told, and what is still to be delivered.
 * It sends nothing.
 */
import {type OpenAPIHono, z} from '@hono/zod-openapi';
import {topicTitle} from '../planner/alert-message.ts';
import {type AlertsView, alertsView, type SentMessage} from '../report/alerts-view.ts';
import {fitRanges} from '../report/ranges.ts';
import {lineText, moreLines} from '../runner/alert-words.ts';
import {type AlertsBody, alerts} from './schema/alert.ts';
import {newRoutes, reads, type Served} from './serving.ts';

const query = z.object({limit: z.coerce.number().int().min(1).max(200).default(30)});

/** `env`: what receivers are reached by; their values are not told. */
export function alertRoutes(served: Served, env: Readonly<Record<string, string | undefined>>): OpenAPIHono {
  const routes = newRoutes();
  reads(
    routes,
    served,
    {path: '/alerts', summary: 'what is wrong, what was told of it, and to whom', query, body: alerts},
    ({project, planned: {frame}}, {query: {limit}}) => {
      const names: ReadonlySet<string> = new Set(frame.assets.keys());
      return alertsBody(alertsView(project, frame, {env, now: served.clock, limit}), names);
    },
  );
  return routes;
}

/** Letters of ranges in a line. */
const WIDTH = 160;

function alertsBody(view: AlertsView, assets: ReadonlySet<string>): AlertsBody {
  const {isOff, open, messages, receivers, digestAt} = view;
  return {
    isOff,
    digestAt,
    receivers: receivers.map(each => ({...each})),
    open: open.map(({ranges, about, ...rest}) => ({
      ...rest,
      about,
      isAsset: assets.has(about),
      ranges: ranges.length === 0 ? '' : fitRanges(ranges, WIDTH),
    })),
    told: messages.map(toldAs),
  };
}

function toldAs({
  id,
  at,
  why,
  severity,
  title,
  topics,
  runs,
  deliveries,
}: SentMessage): AlertsBody['told'][number] {
  return {
    id,
    at: Date.parse(at),
    why,
    severity,
    title,
    topics: topics.map(topic => {
      const more = moreLines(topic);
      return {
        title: topicTitle(topic),
        severity: topic.severity,
        cause: topic.cause,
        lines: [...topic.lines.map(lineText), ...(more === undefined ? [] : [more])],
      };
    }),
    runs: runs.map(run => run.id),
    deliveries: deliveries.map(({at: _, ...rest}) => rest),
  };
}
