/**
 * What was done: runs, what came of one, and what happened to sources: as the page's API answers, made short.
 * Nothing here opens the warehouse or changes anything.
 */
import {z} from 'zod';
import {number} from '../../planner/amount.ts';
import {events} from '../schema/gap.ts';
import {run, runs} from '../schema/run.ts';
import {type Api, part} from './api.ts';
import {quote, quotedText} from './quoted.ts';
import {more, moreAfter, page, pageOf, type Tool, textOf, tool} from './tool.ts';
import {count, quoted, runData, runLine, runText, select, time, timeOf} from './words.ts';

export function runTools(api: Api): readonly Tool[] {
  return [runsTool(api), runTool(api), eventsTool(api)];
}

function runsTool(api: Api): Tool {
  return tool({
    name: 'runs',
    title: 'The last runs',
    description: 'Runs, the newest first: what came of them, who asked for them and why.',
    input: {...page},
    output: {runs: z.array(z.object(runLine)), more},
    run: async asked => {
      const found = await api.get('/runs', runs, asked);
      const left = moreAfter(asked, found.hasMore);
      const lines = found.runs.map(runText);
      return {
        text: textOf(lines.length === 0 ? ['No run.'] : lines, left),
        data: {runs: found.runs.map(runData), more: left},
      };
    },
  });
}

function runTool(api: Api): Tool {
  return tool({
    name: 'run',
    title: 'One run',
    description: 'What came of a run, by cause of failure. The tool runs has the ids.',
    input: {id: z.string().max(64).describe('As the tool runs gives it.'), ...page},
    output: {
      ...runLine,
      failures: z.array(
        z.object({
          outcome: z.string(),
          count,
          assets: z.array(z.string()),
          first: z.array(z.string()),
          quoted,
        }),
      ),
      more,
    },
    run: async ({id, ...asked}) => {
      const found = await api.get(`/runs/${part(id)}`, run);
      const {shown, more: left} = pageOf(found.failures, asked);
      const failures = shown.map(each => ({
        outcome: each.outcome,
        count: each.count,
        assets: each.assets,
        first: each.first,
        quoted: quotedText(each.cause),
      }));
      const lines = failures.map(
        each =>
          `${number(each.count)} ${each.outcome} (${each.first.slice(0, 5).join(', ')}): ${quote(each.quoted)}`,
      );
      return {
        text: textOf([runText(found), ...lines], left),
        data: {...runData(found), failures, more: left},
      };
    },
  });
}

function eventsTool(api: Api): Tool {
  return tool({
    name: 'events',
    title: 'What happened to sources',
    description:
      'The log of sources that failed, of what stood in for them, and how each ended, the newest first.',
    input: {
      select,
      key: z.string().max(40).optional().describe('Only of this key, such as 2024-01-15.'),
      severity: z.enum(['info', 'warning', 'error']).optional().describe('This and what is worse.'),
      ...page,
    },
    output: {
      events: z.array(
        z.object({
          at: time,
          partition: z.string(),
          kind: z.string(),
          severity: z.string(),
          source: z.string().nullable(),
          end: z.string(),
          quoted,
        }),
      ),
      more,
    },
    run: async asked => {
      const found = await api.get('/events', events, asked);
      const data = found.events.map(each => ({
        at: timeOf(each.at),
        partition: `${each.asset}@${each.key}`,
        kind: each.kind,
        severity: each.severity,
        source: each.source,
        end: each.end,
        quoted: quotedText(each.resolution === '' ? each.detail : `${each.detail}; ${each.resolution}`),
      }));
      const left = moreAfter(asked, found.hasMore);
      const lines = data.map(
        each => `${each.at} ${each.severity} ${each.kind} ${each.partition}: ${quote(each.quoted)}`,
      );
      return {
        text: textOf(lines.length === 0 ? ['No event.'] : lines, left),
        data: {events: data, more: left},
      };
    },
  });
}
