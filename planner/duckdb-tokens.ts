/**
 * The tokens of a text in DuckDB's SQL with their places. DuckDB's own parser places names and calls alone, and says
 * nothing of operators, quotes and numbers. It does not parse.
 */

export interface DuckdbToken {
  /** `name`: in double quotes. `odd`: a string that only DuckDB can read. */
  readonly kind: 'word' | 'name' | 'string' | 'odd' | 'number' | 'symbol';
  readonly text: string;
  readonly start: number;
}

const PATTERNS: readonly (readonly [kind: DuckdbToken['kind'] | 'skip', pattern: RegExp])[] = [
  ['skip', /\s+/y],
  ['skip', /--[^\n]*/y],
  ['skip', /\/\*[\s\S]*?\*\//y],
  ['odd', /[eExX]'(?:[^'\\]|''|\\[\s\S])*'/y],
  ['odd', /\$(\w*)\$[\s\S]*?\$\1\$/y],
  ['string', /'(?:[^']|'')*'/y],
  ['name', /"(?:[^"]|"")*"/y],
  ['number', /(?:0x[0-9a-f]+|\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)/iy],
  ['word', /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y],
  ['symbol', /::|\/\/|\*\*|==|<>|<=|>=|!=|!~~?\*?|~~?~?\*?|->>|->|\|\||@>|<@|&&|\^@|<<|>>|:=|=>|[\s\S]/y],
];

/** Without comments and white space. */
export function duckdbTokens(text: string): readonly DuckdbToken[] {
  const tokens: DuckdbToken[] = [];
  for (let at = 0; at < text.length; ) {
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match === null) continue;
      if (kind !== 'skip') tokens.push({kind, text: match[0], start: at});
      at += match[0].length;
      break;
    }
  }
  return tokens;
}
