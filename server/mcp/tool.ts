/**
 * A tool as data: what an assistant may ask, the shape of the answer, and a refusal that says place, cause and mend.
 * Answers are short: a text and the same as data, with how to ask for more. It speaks no protocol (server.ts).
 */
import {z} from 'zod';
import {number} from '../../planner/amount.ts';

/** `text` for whoever reads, `data` as the tool's `output` says. */
export interface Answer<Output> {
  readonly text: string;
  readonly data: Output;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodRawShape;
  readonly output: z.ZodRawShape;
  /** Whether it changes something; a reader does not. */
  readonly isAction: boolean;
  run(asked: unknown, caller: Caller): Promise<Answer<object>>;
}

/** Who is at the other end, as it calls itself. */
export interface Caller {
  readonly client: string;
}

/** A tool whose `run` has the types of its schemas. */
export function tool<In extends z.ZodRawShape, Out extends z.ZodRawShape>(about: {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: In;
  readonly output: Out;
  readonly isAction?: boolean;
  run(asked: z.output<z.ZodObject<In>>, caller: Caller): Promise<Answer<z.input<z.ZodObject<Out>>>>;
}): Tool {
  const input = z.object(about.input);
  return {
    ...about,
    isAction: about.isAction === true,
    run: (asked, caller) => about.run(input.parse(asked), caller),
  };
}

/** What cannot be answered, said in full. */
export class ToolRefusal extends Error {}

/** Of every list: the first `offset` are left out. */
export const page = {
  limit: z.int().min(1).max(200).default(20).describe('How many entries at most.'),
  offset: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .describe('How many entries to leave out at the beginning.'),
};

/** How many are not in the answer, and what to ask for them; empty: all are. */
export const more = z.string().describe('How many are left out and how to ask for them; empty: none.');

export interface Paged<T> {
  readonly shown: T[];
  readonly more: string;
}

export function pageOf<T>(all: readonly T[], {limit, offset}: {limit: number; offset: number}): Paged<T> {
  const shown = all.slice(offset, offset + limit);
  const left = all.length - offset - shown.length;
  return {shown, more: left <= 0 ? '' : `${number(left)} more: ask again with offset ${offset + limit}.`};
}

/** Where only so much was read that it is not known how many more there are. */
export function moreAfter({limit, offset}: {limit: number; offset: number}, hasMore: boolean): string {
  return hasMore ? `There are more: ask again with offset ${offset + limit}.` : '';
}

/** One text, with what is left out below it. */
export function textOf(lines: readonly string[], left: string): string {
  return [...lines, ...(left === '' ? [] : [left])].join('\n');
}

/** A text is cut here whatever a page holds. */
const MOST_LETTERS = 12_000;

export function bounded(text: string): string {
  if (text.length <= MOST_LETTERS) return text;
  return `${text.slice(0, MOST_LETTERS)}\n… cut here: ask for fewer entries with limit.`;
}
