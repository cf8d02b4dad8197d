/**
 * Edits the text of a known-gaps file where something is accepted or reopened, and leaves every other letter as it is.
 * It does not deal with what may be accepted (accepting.ts) nor with what is left when something is reopened (reopening.ts).
 */
import {isMap, isSeq, type Node, type Pair, parseDocument, stringify, type YAMLMap, type YAMLSeq} from 'yaml';
import type {AcceptedGap} from './pipeline.ts';

/** An accepted gap without its place in a file. */
export type GapEntry = Omit<AcceptedGap, 'at'>;

/** What is to stand in an entry's lists: for each of their items what takes its place. Undefined: the entry goes. */
export interface EntryEdit {
  readonly index: number;
  readonly lists:
    | {readonly keys: readonly (readonly string[])[]; readonly games: readonly (readonly string[])[]}
    | undefined;
}

/** One entry as it is written, with its dash. */
export function entryText({keys, games, tried, until, ...gap}: GapEntry): string {
  const flow = (texts: readonly string[]) => `[${texts.map(scalarText).join(', ')}]`;
  const lines = [
    `- asset: ${gap.asset}`,
    `  keys: ${flow(keys.map(rangeText))}`,
    ...(games.length === 0 ? [] : [`  games: ${flow(games)}`]),
    `  reason: ${scalarText(gap.reason)}`,
    ...(tried.length === 0 ? [] : [`  tried: ${flow(tried)}`]),
    `  accepted_by: ${scalarText(gap.acceptedBy)}`,
    `  accepted_on: ${gap.acceptedOn}`,
    ...(until === undefined ? [] : [`  until: ${until}`]),
  ];
  return `${lines.join('\n')}\n`;
}

export function rangeText({from, to}: AcceptedGap['keys'][number]): string {
  return from === to ? from : `${from}..${to}`;
}

/** On one line, also within brackets. */
function scalarText(text: string): string {
  const plain = stringify(text, {lineWidth: 0}).trimEnd();
  const isSafe = !plain.includes('\n') && (/^['"]/.test(plain) || !/[,[\]{}]/.test(plain));
  return isSafe ? plain : JSON.stringify(text);
}

/** The file's text with entries at its end. */
export function addEntries(text: string, entries: readonly GapEntry[]): string {
  if (entries.length === 0) return text;
  const base = asBlock(text);
  const {contents} = parseDocument(base);
  const indent = isSeq(contents)
    ? ' '.repeat(rangeOf(contents)[0] - lineStart(base, rangeOf(contents)[0]))
    : '';
  const before = base === '' || base.endsWith('\n') ? base : `${base}\n`;
  const added = entries.map(entry => entryText(entry).replaceAll(/^(?=.)/gm, indent)).join('\n');
  const isAlone = before.trim() === '' || before.endsWith('\n\n') || before.endsWith('\r\n\r\n');
  return before + withBreaks(text, `${isAlone ? '' : '\n'}${added}`);
}

/** The file's text with its entries edited; `index` counts them from 0. */
export function editEntries(text: string, edits: readonly EntryEdit[]): string {
  const base = asBlock(text);
  const {contents} = parseDocument(base);
  if (!isSeq<Node>(contents)) return text;
  const splices = edits.flatMap(({index, lists}) => {
    const entry = contents.items[index];
    if (!isMap<Node, Node>(entry)) return [];
    if (lists === undefined) return [wholeEntry(base, entry)];
    return (['keys', 'games'] as const).flatMap(name => {
      const value = entry.items.find(({key}) => String(key) === name)?.value;
      return value === undefined || value === null ? [] : listSplices(base, value, lists[name]);
    });
  });
  let edited = base;
  for (const {start, end, put} of splices.toSorted((a, b) => b.start - a.start))
    edited = edited.slice(0, start) + withBreaks(base, put) + edited.slice(end);
  return edited;
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

/** A list in brackets as one of dashes: only that can grow line by line. */
function asBlock(text: string): string {
  const document = parseDocument(text);
  const {contents} = document;
  if (!isSeq(contents) || contents.flow !== true) return text;
  if (contents.items.length > 0) {
    contents.flow = false;
    return document.toString();
  }
  const [start, end] = rangeOf(contents);
  return text.slice(0, start) + text.slice(end).replace(/^[ \t]*\r?\n/, '');
}

/** From its dash to the end of its last line, with one of the blank lines around it. */
function wholeEntry(text: string, entry: YAMLMap<Node, Node>): Splice {
  const start = lineStart(text, text.lastIndexOf('-', rangeOf(entry)[0]));
  const last: Pair<Node, Node | null> | undefined = entry.flow === true ? undefined : entry.items.at(-1);
  const stop = rangeOf(last === undefined ? entry : (last.value ?? last.key))[1];
  const end = lineStart(text, stop) === stop ? stop : lineEnd(text, stop);
  const [blank] = /^[ \t]*\r?\n/.exec(text.slice(end)) ?? [];
  const isAfterBlank = start === 0 || /\n[ \t]*\r?\n$/.test(text.slice(0, start));
  return {start, end: isAfterBlank && blank !== undefined ? end + blank.length : end, put: ''};
}

function listSplices(text: string, list: Node, texts: readonly (readonly string[])[]): readonly Splice[] {
  const [start, end] = rangeOf(list);
  if (!isSeq<Node>(list)) return [{start, end, put: `[${texts.flat().map(scalarText).join(', ')}]`}];
  const lastKept = texts.findLastIndex(each => each.length > 0);
  return list.items.flatMap((item, index) => {
    const [from, to] = rangeOf(item);
    const own = texts[index] ?? [];
    if (own.length === 0) return goneSplices(text, list, {index, lastKept});
    const written = text.slice(from, to);
    const quote = /^['"]/.exec(written)?.[0];
    const told = own.map(each => (quote === undefined ? scalarText(each) : `${quote}${each}${quote}`));
    if (told.length === 1 && told[0] === written) return [];
    const dash = `\n${' '.repeat(start - lineStart(text, start))}- `;
    return [{start: from, end: to, put: told.join(list.flow === true ? ', ' : dash)}];
  });
}

/** An item of a list that goes, with its line or its comma: the one behind it, or behind the last that stays. */
function goneSplices(
  text: string,
  {flow, items}: YAMLSeq<Node>,
  {index, lastKept}: {readonly index: number; readonly lastKept: number},
): readonly Splice[] {
  const [[start, end] = [0, 0], next, kept, last] = [
    items[index],
    items[index + 1],
    items[lastKept],
    items.at(-1),
  ].map(item => item && rangeOf(item));
  if (flow !== true) {
    return [{start: lineStart(text, text.lastIndexOf('-', start)), end: lineEnd(text, end), put: ''}];
  }
  if (index < lastKept) return [{start, end: next?.[0] ?? end, put: ''}];
  return index === lastKept + 1 ? [{start: kept?.[1] ?? start, end: last?.[1] ?? end, put: ''}] : [];
}

function rangeOf({range}: Node): readonly [number, number] {
  if (range === undefined || range === null) throw new Error('Internal error: a node of no text');
  return [range[0], range[1]];
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** Behind its line break. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

function withBreaks(like: string, text: string): string {
  return like.includes('\r\n') ? text.replaceAll(/\r?\n/g, '\r\n') : text;
}
