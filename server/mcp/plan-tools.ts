/**
 * What a run would make, and what an asset is and reads: as the page's API answers, made short.
 * Nothing here opens the warehouse or changes anything; a plan that was shown is kept for who may act (act-tools.ts).
 */
import {z} from 'zod';
import {number} from '../../planner/amount.ts';
import {assetPage} from '../schema/asset.ts';
import {type PlanBody, plan} from '../schema/plan.ts';
import {type Api, part} from './api.ts';
import {quote, quotedText} from './quoted.ts';
import {more, page, pageOf, type Tool, textOf, tool} from './tool.ts';
import {count, from, quoted, select, states, to} from './words.ts';

export function planTools(api: Api): readonly Tool[] {
  return [planTool(api), lineageTool(api)];
}

function planTool(api: Api): Tool {
  return tool({
    name: 'plan',
    title: 'What a run would make, and why',
    description:
      'Plans without making anything. The answer has an id: an action, where those are allowed, makes exactly the plan with that id.',
    input: {
      select,
      from,
      to,
      seasons: z
        .array(z.string().regex(/^\d{4}-\d{2}$/))
        .max(50)
        .optional(),
      missing_only: z.boolean().default(false).describe('Leave what is stale as it is.'),
      most: z.int().min(1).max(100_000).optional().describe('Plan at most so many partitions.'),
      ...page,
    },
    output: {
      id: z.string(),
      actions: states.describe('How many partitions by action: run, run-if, wait, skip, drop.'),
      states,
      groups: z.array(
        z.object({
          asset: z.string(),
          label: z.string(),
          action: z.string().nullable(),
          count,
          ranges: z.string(),
          quoted,
        }),
      ),
      left_out: z.array(z.string()),
      estimate: z.string(),
      command: z.string().describe('As a person types it in a terminal.'),
      more,
    },
    run: async ({select: which, seasons, missing_only: missingOnly, most, limit, offset, ...dates}) => {
      const question = {
        select: which,
        missingOnly,
        ...(dates.from === undefined ? {} : {from: dates.from}),
        ...(dates.to === undefined ? {} : {to: dates.to}),
        ...(seasons === undefined ? {} : {seasons}),
        ...(most === undefined ? {} : {limit: most}),
      };
      const found = await api.post('/plans', plan, question);
      const {shown, more: left} = pageOf(found.groups.map(groupData), {limit, offset});
      return {
        text: textOf([planText(found), ...shown.map(groupText), ...found.leftOut.map(quote)], left),
        data: {
          id: found.id,
          actions: found.actions,
          states: found.states,
          groups: shown,
          left_out: found.leftOut.map(quotedText),
          estimate: found.estimate,
          command: found.command,
          more: left,
        },
      };
    },
  });
}

function groupData({asset, label, action, count: many, ranges, reasons}: PlanBody['groups'][number]) {
  const why = reasons.map(({text}) => text).join('; ');
  return {asset, label, action, count: many, ranges, quoted: quotedText(why)};
}

function groupText(group: ReturnType<typeof groupData>): string {
  const what =
    group.action === null || group.action === group.label ? group.label : `${group.label}, ${group.action}`;
  return `${group.asset}: ${number(group.count)} ${what} (${group.ranges}): ${quote(group.quoted)}`;
}

function planText({id, actions, estimate, isSettled}: PlanBody): string {
  const {run: make, 'run-if': perhaps, wait, skip} = actions;
  const sum = `${number(make)} to make, up to ${number(perhaps)} more if inputs change, ${number(wait)} waiting, ${number(skip)} skipped`;
  const settled = isSettled ? '' : ' The calendar is made first, and may add keys.';
  return `Plan ${id}: ${sum}.${settled}${estimate === '' ? '' : ` ${estimate}`}`;
}

const edge = z.object({edge: z.string(), asset: z.string(), window: z.string()});

function lineageTool(api: Api): Tool {
  return tool({
    name: 'lineage',
    title: 'One asset, and what it reads',
    description: 'What an asset is: its description and columns, what it reads, and what reads it.',
    input: {asset: z.string().max(300).describe('The name of an asset, such as raw.games.')},
    output: {
      asset: z.string(),
      kind: z.string(),
      partitioned_by: z.string(),
      file: z.string().nullable(),
      quoted: quoted.describe('Its description.'),
      columns: z.array(z.object({name: z.string(), type: z.string(), quoted})),
      key: z.array(z.string()),
      upstream: z.array(edge),
      downstream: z.array(edge),
    },
    run: async ({asset}) => {
      const found = await api.get(`/assets/${part(asset)}`, assetPage);
      const edges = (of: typeof found.upstream) =>
        of.map(each => ({edge: each.name, asset: each.asset, window: each.window}));
      const said = (text: string | null) => (text === null ? null : quotedText(text));
      const columns = found.columns.map(({name, type, description}) => ({
        name,
        type,
        quoted: said(description),
      }));
      const [upstream, downstream] = [edges(found.upstream), edges(found.downstream)];
      const told = (of: typeof upstream) =>
        of.map(each => `${each.asset}${each.window === '' ? '' : ` (${each.window})`}`).join(', ') ||
        'nothing';
      const lines = [
        `${found.asset} (${found.kind}, by ${found.partitionedBy}): ${quote(found.description ?? 'no description')}`,
        `reads ${told(upstream)}`,
        `is read by ${told(downstream)}`,
        ...columns.map(
          each => `${each.name} ${each.type}${each.quoted === null ? '' : `: ${quote(each.quoted)}`}`,
        ),
      ];
      return {
        text: lines.join('\n'),
        data: {
          asset: found.asset,
          kind: found.kind,
          partitioned_by: found.partitionedBy,
          file: found.source?.file ?? null,
          quoted: said(found.description),
          columns,
          key: found.key,
          upstream,
          downstream,
        },
      };
    },
  });
}
