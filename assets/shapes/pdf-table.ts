/**
 * One table of a PDF, read from where its words stand: cells by the header's places, rows from top to bottom.
 * It does not deal with what the cells mean, nor with cells that are blank because they repeat the row above.
 */
import {getDocumentProxy} from 'unpdf';

/** In the page's own points, from its lower left corner. */
interface Word {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A row by header; a cell without words is blank. */
export interface TableLine {
  readonly page: number;
  readonly y: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface PdfTable {
  /** All that stands above the first header, without spaces. */
  readonly title: string;
  /** The rows over all pages. */
  readonly lines: readonly TableLine[];
}

/** Words of one line differ in height by no more. */
const SAME_LINE = 2;
/** Of what pdf.js says on the console. */
const ERRORS_ONLY = 0;
/** Two words of one cell have a space between them from here on; a word may be cut into pieces that touch. */
const GAP = 1;

/**
 * The table below the header, which may be repeated on any page. Throws where the bytes are no whole PDF, or no line has
 * all `headers`, as where one was renamed.
 */
export async function readTable(bytes: Uint8Array, headers: readonly string[]): Promise<PdfTable> {
  let places: readonly number[] | undefined;
  let title = '';
  const lines: TableLine[] = [];
  for (const [page, words] of (await wordsOf(bytes)).entries()) {
    for (const line of byLine(words)) {
      const found = placesIn(line, headers);
      if (found !== undefined) places = found;
      else if (places === undefined) title += line.map(({text}) => bare(text)).join('');
      else lines.push({page, y: line[0]?.y ?? 0, cells: cellsOf(line, headers, places)});
    }
  }
  if (places === undefined) throw new Error(`The PDF has no table with the columns ${headers.join(', ')}.`);
  return {title, lines};
}

/** A reader makes what it can of half a file, so its end is looked for first (ISO 32000-1, 7.5.5). */
async function wordsOf(bytes: Uint8Array): Promise<readonly (readonly Word[])[]> {
  const end = new TextDecoder('latin1').decode(bytes.subarray(-1024));
  if (!end.includes('%%EOF')) throw new Error('What was answered is no PDF, or not all of one.');
  // The reader keeps what it is given.
  const document = await getDocumentProxy(new Uint8Array(bytes), {verbosity: ERRORS_ONLY}).catch(
    (cause: unknown) => {
      throw new Error('What was answered is no PDF that can be read.', {cause});
    },
  );
  const pages: (readonly Word[])[] = [];
  try {
    for (let number = 1; number <= document.numPages; number++) {
      const {items} = await (await document.getPage(number)).getTextContent();
      pages.push(
        items.flatMap(item => {
          if (!('str' in item) || item.str.trim() === '') return [];
          const [x, y] = [Number(item.transform[4]), Number(item.transform[5])];
          return [{text: item.str.trim(), x, y, width: item.width}];
        }),
      );
    }
  } finally {
    await document.loadingTask.destroy();
  }
  return pages;
}

function byLine(words: readonly Word[]): readonly (readonly Word[])[] {
  const lines: Word[][] = [];
  for (const word of words.toSorted((a, b) => b.y - a.y)) {
    const line = lines.at(-1);
    if (line?.[0] !== undefined && line[0].y - word.y <= SAME_LINE) line.push(word);
    else lines.push([word]);
  }
  return lines.map(line => line.toSorted((a, b) => a.x - b.x));
}

/** Where each header begins; undefined where the line has not all of them, in their order. */
function placesIn(line: readonly Word[], headers: readonly string[]): readonly number[] | undefined {
  const letters = line.flatMap(({text, x}) => [...bare(text)].map(letter => ({letter, x})));
  const text = letters.map(({letter}) => letter).join('');
  if (text !== headers.map(bare).join('')) return undefined;
  let at = 0;
  return headers.map(header => {
    const {x} = letters[at] ?? {x: 0};
    at += bare(header).length;
    return x;
  });
}

/** Without spaces, which PDFs lose or split words at. */
function bare(text: string): string {
  return text.replaceAll(/\s/g, '');
}

function cellsOf(
  line: readonly Word[],
  headers: readonly string[],
  places: readonly number[],
): Readonly<Record<string, string>> {
  const columns = Map.groupBy(line, ({x}) => places.findLastIndex(place => place <= x + GAP));
  return Object.fromEntries(headers.map((header, at) => [header, joined(columns.get(at) ?? [])]));
}

function joined(words: readonly Word[]): string {
  return words.reduce((text, word, index) => {
    const before = words[index - 1];
    const isApart = before !== undefined && word.x - (before.x + before.width) > GAP;
    return `${text}${isApart ? ' ' : ''}${word.text}`;
  }, '');
}
