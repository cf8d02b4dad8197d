/**
 * Where the pipeline stands, what is missing, and why a partition is what it is: as the page's API answers, made short.
 * Nothing here opens the warehouse or changes anything.
 */
import {z} from 'zod';
import {counted, number} from '../../planner/amount.ts';
import {splitRef} from '../../planner/reason.ts';
import {type GapGroupBody, gaps} from '../schema/gap.ts';
import {overview} from '../schema/overview.ts';
import {type InputBody, partition} from '../schema/partition.ts';
import {pipeline} from '../schema/pipeline.ts';
import {type Api, part} from './api.ts';
import {quote, quotedText} from './quoted.ts';
import {more, page, pageOf, type Tool, ToolRefusal, textOf, tool} from './tool.ts';
import {
  count,
  from,
  quoted,
  runData,
  runLine,
  runText,
  select,
  states,
  statesText,
  time,
  timeOf,
  to,
} from './words.ts';

export function stateTools(api: Api): readonly Tool[] {
  return [statusTool(api), gapsTool(api), explainTool(api)];
}

/** Where nothing is to be done about any of it. */
function isQuiet(of: Readonly<Record<string, number>>): boolean {
  return ['missing', 'stale', 'partial', 'orphan'].every(state => (of[state] ?? 0) === 0);
}

function statusTool(api: Api): Tool {
  return tool({
    name: 'status',
    title: 'Where the pipeline stands',
    description:
      'How many partitions are in each state, which assets are not up to date, what the gaps come from, and the last runs. Ask this first.',
    input: {...page},
    output: {
      pipeline: z.string(),
      target: z.string(),
      now: time,
      states,
      open_gaps: count,
      accepted_gaps: count,
      assets: z.array(z.object({asset: z.string(), states})).describe('Those that are not up to date.'),
      causes: z.array(z.object({count, assets: z.array(z.string()), ranges: z.string(), quoted})),
      last_runs: z.array(z.object(runLine)),
      mistakes: z.array(z.string()).describe('Of the manifest as it lies there now.'),
      more,
    },
    run: async asked => {
      const [all, declared] = [await api.get('/overview', overview), await api.get('/pipeline', pipeline)];
      const open = pageOf(
        all.assets.filter(each => !isQuiet(each.states)),
        asked,
      );
      const causes = all.causes.map(({cause, count: many, assets, ranges}) => ({
        count: many,
        assets: assets.slice(0, 20),
        ranges,
        quoted: quotedText(cause.text),
      }));
      const mistakes = declared.mistakes.map(
        each => `${each.file}:${each.line}:${each.column} ${quotedText(each.message)}`,
      );
      const lines = [
        `${declared.pipeline} (${declared.target}), ${timeOf(all.now)}: ${statesText(all.states)}.`,
        `Gaps: ${number(all.openGaps)} open, ${number(all.acceptedGaps)} signed off.`,
        ...causes.map(each => `- ${counted(each.count, 'gap')} (${each.ranges}): ${quote(each.quoted)}`),
        ...open.shown.map(each => `${each.asset}: ${statesText(each.states)}`),
        ...(open.more === '' ? [] : [open.more]),
        ...all.lastRuns.map(each => `Run ${runText(each)}`),
        ...mistakes.map(each => `Mistake: ${each}`),
      ];
      return {
        text: lines.join('\n'),
        data: {
          pipeline: declared.pipeline,
          target: declared.target,
          now: timeOf(all.now),
          states: all.states,
          open_gaps: all.openGaps,
          accepted_gaps: all.acceptedGaps,
          assets: open.shown.map(each => ({asset: each.asset, states: each.states})),
          causes,
          last_runs: all.lastRuns.map(runData),
          mistakes,
          more: open.more,
        },
      };
    },
  });
}

const gap = z.object({
  asset: z.string(),
  season: z.string(),
  label: z.string().describe("The state, or 'games' where a partition is there but for some games."),
  standing: z.enum(['open', 'accepted']),
  count,
  partitions: z.string().describe('As ASSET@RANGE; the asset alone where they are too many to write.'),
  keys: z.array(z.string()).describe('The first fifty.'),
  since: time,
  quoted,
});

function gapsTool(api: Api): Tool {
  return tool({
    name: 'gaps',
    title: 'What is missing, and why',
    description:
      'Partitions that are missing, partial or signed off, those alike together: since when, and the cause, back to the root. Give from and to for one date.',
    input: {
      select,
      from,
      to,
      standing: z.enum(['open', 'accepted']).optional().describe('Only open ones, or only those signed off.'),
      by: z.enum(['asset', 'season', 'cause']).default('asset').describe('What stands together.'),
      ...page,
    },
    output: {open: count, accepted: count, gaps: z.array(gap), more},
    run: async ({limit, offset, ...asked}) => {
      const found = await api.get('/gaps', gaps, asked);
      const all = found.sections.flatMap(({title, groups}) => groups.map(group => ({title, group})));
      const {shown, more: left} = pageOf(all, {limit, offset});
      const data = shown.map(({title, group}) => gapData(group, asked.by === 'cause' ? title : group.cause));
      const lines = data.map(
        each =>
          `${each.partitions === each.asset ? `${each.asset} (${number(each.count)})` : each.partitions} ${each.label}${each.standing === 'accepted' ? ', signed off' : ''}${each.since === null ? '' : `, since ${each.since}`}: ${quote(each.quoted ?? '')}`,
      );
      const head = `${counted(found.open, 'open gap')}, ${number(found.accepted)} signed off.`;
      return {
        text: textOf([head, ...lines], left),
        data: {open: found.open, accepted: found.accepted, gaps: data, more: left},
      };
    },
  });
}

/** Letters of partitions that are written out. */
const LONGEST = 400;

function gapData(group: GapGroupBody, cause: string) {
  const {asset, season, label, standing, count: many, partitions, keys, since} = group;
  return {
    asset,
    season,
    label,
    standing,
    count: many,
    partitions: partitions.length > LONGEST ? asset : partitions,
    keys,
    since: timeOf(since),
    quoted: quotedText(cause),
  };
}

function splitPartition(text: string): {readonly asset: string; readonly key: string} {
  const {asset, key} = splitRef(text);
  if (text.includes('@') && asset !== '' && key !== '') return {asset, key};
  throw new ToolRefusal(
    `partition: '${text}' is none. Write ASSET@KEY, such as raw.games@2024-01-15; the tool gaps names some.`,
  );
}

const input = z.object({
  edge: z.string(),
  asset: z.string(),
  window: z.string(),
  ranges: z.string(),
  states,
});

function explainTool(api: Api): Tool {
  return tool({
    name: 'explain',
    title: 'Why a partition is what it is',
    description:
      'The state of one partition with its reasons, the root of a gap, what it reads, its last attempts, and what has to happen until it is up to date.',
    input: {partition: z.string().max(400).describe('ASSET@KEY, such as raw.games@2024-01-15.')},
    output: {
      partition: z.string(),
      state: z.string(),
      action: z.string().nullable().describe('What the next run does with it.'),
      reasons: z.array(z.string()),
      root: z.object({partition: z.string(), quoted}).nullable().describe('Where its gap begins.'),
      steps: z.array(z.string()).describe('What has to happen, in order.'),
      published: z.object({rows: count, at: time}).nullable(),
      attempts: z.array(z.object({run: z.string(), at: time, outcome: z.string(), quoted})),
      accepted: z.array(z.object({by: z.string(), on: z.string(), quoted})),
      reads: z.array(input),
      not_signable: z.string().nullable().describe('Why it may not be signed off; null where it may.'),
    },
    run: async asked => {
      const {asset, key} = splitPartition(asked.partition);
      const found = await api.get(`/partitions/${part(asset)}/${part(key)}`, partition);
      const attempts = found.attempts
        .slice(0, ATTEMPTS)
        .map(({run: id, endedAt, outcome, error, reasons}) => {
          const said = error ?? reasons.join('; ');
          return {run: id, at: timeOf(endedAt), outcome, quoted: said === '' ? null : quotedText(said)};
        });
      const root = found.root && {partition: found.root.partition, quoted: quotedText(found.root.cause)};
      const reasons = found.reasons.map(({text}) => quotedText(text));
      const steps = found.steps.map(quotedText);
      const reads = found.inputs.map(inputData);
      const {publication} = found;
      const lines = [
        `${asset}@${key} is ${found.state}${found.action === null ? '' : `; the next plan says ${found.action}`}.`,
        ...reasons.map(each => `because ${quote(each)}`),
        ...(root === null ? [] : [`It begins at ${root.partition}: ${quote(root.quoted)}`]),
        publication === null
          ? 'Not published.'
          : `Published ${timeOf(publication.publishedAt)} with ${counted(publication.rows, 'row')}.`,
        ...attempts.map(
          each =>
            `attempt ${each.at} ${each.outcome}${each.quoted === null ? '' : `: ${quote(each.quoted)}`}`,
        ),
        ...reads.map(each => `reads ${each.asset} ${each.ranges} (${statesText(each.states)})`),
        ...(steps.length === 0
          ? []
          : ['What has to happen:', ...steps.map((each, i) => `${i + 1}. ${each}`)]),
      ];
      const accepted = found.acceptances.map(each => ({
        by: each.by,
        on: each.on,
        quoted: quotedText(each.reason),
      }));
      return {
        text: lines.join('\n'),
        data: {
          partition: `${asset}@${key}`,
          state: found.state,
          action: found.action,
          reasons,
          root,
          steps,
          published: publication && {rows: publication.rows, at: timeOf(publication.publishedAt)},
          attempts,
          accepted,
          reads,
          not_signable: found.notSignable,
        },
      };
    },
  });
}

const ATTEMPTS = 5;

function inputData({edge, asset, window, ranges, states: of}: InputBody) {
  return {edge, asset, window, ranges, states: {...of}};
}
