/**
 * What an assistant may do where that was allowed: make a plan that it was shown, and sign off gaps after it was shown
 * what follows. Both are bounded, ask for a reason, and are done by the command of that name, which records who and why.
 * It decides nothing about what may be made (planner).
 */
import {createHash} from 'node:crypto';
import {z} from 'zod';
import {counted, number} from '../../planner/amount.ts';
import type {Plans} from '../kept-plans.ts';
import {ApiRefusal} from '../serving.ts';
import type {Refused, Work} from '../work.ts';
import {quote} from './quoted.ts';
import {type Caller, type Tool, ToolRefusal, tool} from './tool.ts';

export interface ActOptions {
  readonly plans: Plans;
  readonly work: Work;
  /** Who started the server; undefined where nobody is known. */
  readonly user: string | undefined;
  /** Of partitions that one run may make. */
  readonly most: number;
  /** Something was started or written: what comes next is read anew. */
  readonly acted: () => void;
}

const reason = z
  .string()
  .trim()
  .min(8)
  .max(500)
  .describe('Why, for the record: what the person you act for wants.');

export function actTools(options: ActOptions): readonly Tool[] {
  const previews = new Map<string, Preview>();
  return [materializeTool(options), previewTool(options, previews), acceptTool(options, previews)];
}

/** As it is written down: the person first, who is responsible. */
function whoAsks({user}: ActOptions, {client}: Caller): string {
  return `${user ?? 'somebody'} through ${client}`.slice(0, 100);
}

function answered<T extends object>(answer: T | Refused): T {
  if (!('refusal' in answer)) return answer;
  const {error, details} = answer.refusal;
  throw new ToolRefusal(details === undefined ? error : `${error}\n${details}`);
}

function materializeTool(options: ActOptions): Tool {
  const {plans, work, most, acted} = options;
  return tool({
    name: 'materialize',
    title: 'Make what a plan lists',
    description: `Starts a run of exactly the plan that the tool plan showed, of at most ${number(most)} partitions. Refused where the pipeline has changed since. Ask the tool run how it goes.`,
    isAction: true,
    input: {
      plan: z
        .string()
        .regex(/^[0-9a-f]{16}$/, 'the id that the tool plan gave')
        .describe('The id of a plan that the tool plan showed.'),
      reason,
      order: z.enum(['oldest', 'newest']).optional(),
    },
    output: {run: z.string(), partitions: z.int().min(0)},
    run: async (asked, caller) => {
      const kept = keptIn(plans, asked.plan);
      const {actions, command} = kept.body;
      const partitions = actions.run + actions['run-if'];
      if (partitions > most)
        throw new ToolRefusal(
          `plan ${asked.plan} makes up to ${counted(partitions, 'partition')}, and an assistant may start ${number(most)} at once: plan less, with select, dates or most, or let a person run '${command}' and 'gameplan materialize'.`,
        );
      const {order} = asked;
      const flags = {
        by: whoAsks(options, caller),
        reason: asked.reason,
        ...(order === undefined ? {} : {order}),
      };
      const {run} = answered(await work.startRun(plans.write(kept), flags));
      acted();
      return {
        text: `Run ${run} has begun with up to ${counted(partitions, 'partition')}. The tool run tells how it goes.`,
        data: {run, partitions},
      };
    },
  });
}

function keptIn(plans: Plans, id: string): ReturnType<Plans['get']> {
  try {
    return plans.get(id);
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    throw new ToolRefusal(
      `plan: '${id}' was not shown here, or too long ago: ask the tool plan, show what it says, and give the id that it gives.`,
    );
  }
}

/** What was shown of gaps that may be signed off. */
interface Preview {
  readonly partitions: string;
  readonly until: string | undefined;
  /** What the command said would follow. */
  readonly text: string;
}

const MOST_PREVIEWS = 50;
const MOST_KEYS = 100;

function previewTool({work}: ActOptions, previews: Map<string, Preview>): Tool {
  return tool({
    name: 'preview_acceptance',
    title: 'What signing gaps off would do',
    description:
      'Says what would follow if gaps were signed off as known, and changes nothing. The answer has an id for the tool accept_gaps.',
    input: {
      asset: z.string().regex(/^[A-Za-z_][\w.]{0,200}$/, 'no name of an asset'),
      keys: z
        .array(z.string().regex(/^(\d{4}-\d{2}-\d{2}|\d{4}-\d{2}|all)$/, "a date, a season or 'all'"))
        .min(1)
        .max(MOST_KEYS),
      until: z.iso.date().optional().describe('The last day on which it holds.'),
    },
    output: {preview: z.string(), partitions: z.string(), quoted: z.string()},
    run: async ({asset, keys, until}) => {
      const partitions = `${asset}@${[...new Set(keys)].toSorted().join(',')}`;
      const text = await tryOut(work, {partitions, until});
      const id = createHash('sha256')
        .update(JSON.stringify([partitions, until, text]))
        .digest('hex')
        .slice(0, 16);
      const [oldest] = previews.keys();
      if (previews.size >= MOST_PREVIEWS && oldest !== undefined) previews.delete(oldest);
      previews.set(id, {partitions, until, text});
      return {
        text: `Preview ${id} of ${partitions}: ${quote(text)}`,
        data: {preview: id, partitions, quoted: text.slice(0, 4000)},
      };
    },
  });
}

/** Only for seeing what follows: it is never written. */
const NO_REASON = 'not said yet';

async function tryOut(
  work: Work,
  {partitions, until}: Pick<Preview, 'partitions' | 'until'>,
): Promise<string> {
  const asked = {partitions, reason: NO_REASON, dryRun: true, ...(until === undefined ? {} : {until})};
  return answered(await work.acceptGaps(asked)).text;
}

function acceptTool(options: ActOptions, previews: Map<string, Preview>): Tool {
  const {work, acted} = options;
  return tool({
    name: 'accept_gaps',
    title: 'Sign gaps off',
    description: `Writes gaps that the tool preview_acceptance showed into the file of known gaps, with who and why. At most ${MOST_KEYS} partitions at once.`,
    isAction: true,
    input: {
      preview: z
        .string()
        .regex(/^[0-9a-f]{16}$/, 'the id that the tool preview_acceptance gave')
        .describe('The id that the tool preview_acceptance gave.'),
      reason,
    },
    output: {partitions: z.string(), quoted: z.string()},
    run: async (asked, caller) => {
      const shown = previews.get(asked.preview);
      if (shown === undefined)
        throw new ToolRefusal(
          `preview: '${asked.preview}' was not shown here, or was used: ask the tool preview_acceptance, and give the id that it gives.`,
        );
      const {partitions, until, text} = shown;
      if ((await tryOut(work, shown)) !== text) {
        previews.delete(asked.preview);
        throw new ToolRefusal(
          `preview: what would follow for ${partitions} has changed since: ask the tool preview_acceptance again.`,
        );
      }
      const order = {
        partitions,
        reason: asked.reason,
        by: whoAsks(options, caller),
        ...(until === undefined ? {} : {until}),
      };
      const done = answered(await work.acceptGaps(order)).text;
      previews.delete(asked.preview);
      acted();
      return {text: quote(done), data: {partitions, quoted: done.slice(0, 4000)}};
    },
  });
}
