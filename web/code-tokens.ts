/**
 * SQL and TypeScript in pieces that are coloured alike. Every letter of the text is in exactly one of them.
 * It colours words, and does not parse: what it mistakes is coloured wrongly and still shown.
 */

export type Language = 'sql' | 'typescript';
export type TokenKind = 'plain' | 'comment' | 'text' | 'number' | 'keyword' | 'call';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const KEYWORDS: Readonly<Record<Language, ReadonlySet<string>>> = {
  sql: wordsOf(`all and any array as asc between by case cast create cross current date datetime desc distinct else end
    except exclude exists extract false filter following from full group grouping having if ignore in inner intersect
    interval into is join lateral left like limit natural not null nulls numeric offset on or order outer over partition
    pivot preceding qualify range recursive replace right row rows safe_cast select semi sets struct then time timestamp
    to true try_cast unbounded union unnest unpivot using values when where window with within`),
  typescript:
    wordsOf(`as async await break case catch class const continue default delete do else enum export extends
    false finally for from function if implements import in instanceof interface is keyof let new null of private
    readonly return satisfies static super switch this throw true try type typeof undefined unknown void while yield`),
};

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/** What does not end, ends with the text. */
const PIECES: Readonly<Record<Language, RegExp>> = {
  sql: /(?<comment>--[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$))|(?<number>\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<word>[A-Za-z_]\w*)/gi,
  typescript:
    /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>'(?:[^'\\\n]|\\[\s\S])*(?:'|$|(?=\n))|"(?:[^"\\\n]|\\[\s\S])*(?:"|$|(?=\n))|`(?:[^`\\]|\\[\s\S])*(?:`|$))|(?<number>\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?\b)|(?<word>[A-Za-z_$][\w$]*)/gi,
};

/** A `#` begins a comment in SQL alone. */
export function tokensOf(text: string, language: Language): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  const plain = (to: number) => {
    if (to > end) tokens.push({kind: 'plain', text: text.slice(end, to)});
  };
  for (const {0: whole, index, groups} of text.matchAll(PIECES[language])) {
    const kind = kindOf(whole, groups ?? {}, text.slice(index + whole.length), language);
    if (kind === 'plain') continue;
    plain(index);
    tokens.push({kind, text: whole});
    end = index + whole.length;
  }
  plain(text.length);
  return tokens;
}

function kindOf(
  whole: string,
  {comment, text, number}: Readonly<Record<string, string | undefined>>,
  rest: string,
  language: Language,
): TokenKind {
  if (comment !== undefined) return 'comment';
  if (text !== undefined) return 'text';
  if (number !== undefined) return 'number';
  if (KEYWORDS[language].has(language === 'sql' ? whole.toLowerCase() : whole)) return 'keyword';
  return /^\s*\(/.test(rest.slice(0, 20)) ? 'call' : 'plain';
}

/** The same by line; a token that runs over several lines is one in each. */
export function tokenLines(text: string, language: Language): readonly (readonly Token[])[] {
  const lines: Token[][] = [[]];
  for (const {kind, text: whole} of tokensOf(text.replace(/\r\n?/g, '\n'), language)) {
    for (const [index, part] of whole.split('\n').entries()) {
      if (index > 0) lines.push([]);
      if (part !== '') lines.at(-1)?.push({kind, text: part});
    }
  }
  if (lines.length > 1 && lines.at(-1)?.length === 0) lines.pop();
  return lines;
}
