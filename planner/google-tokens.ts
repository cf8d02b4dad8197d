/**
 * The tokens of a GoogleSQL text with their places, and its canonical form. DuckDB's parser cannot read GoogleSQL.
 * It follows https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical and does not parse.
 */

export interface GoogleToken {
  /** `name`: in backticks. `open`: a string, name or comment that does not end. */
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'symbol' | 'parameter' | 'open';
  readonly text: string;
  readonly start: number;
}

type Kind = GoogleToken['kind'] | 'skip';

const PATTERNS: readonly (readonly [kind: Kind, pattern: RegExp])[] = [
  ['skip', /\s+/y],
  ['skip', /(?:--|#)[^\n]*/y],
  // Comments do not nest.
  ['skip', /\/\*[\s\S]*?\*\//y],
  ['open', /\/\*[\s\S]*/y],
  // A backslash takes the next character with it, in raw strings too.
  ['string', /(?:rb|br|r|b)?(?:'''(?:[^\\]|\\[\s\S])*?'''|"""(?:[^\\]|\\[\s\S])*?""")/iy],
  ['open', /(?:rb|br|r|b)?(?:'''|""")[\s\S]*/iy],
  ['string', /(?:rb|br|r|b)?(?:'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")/iy],
  ['open', /(?:rb|br|r|b)?['"][^\n]*/iy],
  ['name', /`(?:[^`\\\n]|\\[\s\S])*`/y],
  ['open', /`[^\n]*/y],
  ['parameter', /@@?\w+|\?/y],
  ['number', /(?:0x[0-9a-f]+|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)/iy],
  ['word', /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y],
  ['symbol', /\|\||<>|<=|>=|!=|<<|>>|=>|\|>|[\s\S]/y],
];

/** Without comments and white space. */
export function googleTokens(text: string): readonly GoogleToken[] {
  const tokens: GoogleToken[] = [];
  for (let at = 0; at < text.length; ) {
    const [kind, found] = tokenAt(text, at);
    if (kind !== 'skip') tokens.push({kind, text: found, start: at});
    at += found.length;
  }
  return tokens;
}

function tokenAt(text: string, at: number): readonly [kind: Kind, text: string] {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) return [kind, match[0]];
  }
  return ['symbol', text[at] ?? ''];
}

/** Two texts with the same form say the same. Words are in lower case: only names of real tables know case, and none is read. */
export function canonicalGoogle(text: string): string {
  const words = googleTokens(text).map(({kind, text: token}) =>
    kind === 'word' ? token.toLowerCase() : token,
  );
  while (words.at(-1) === ';') words.pop();
  return words.join(' ');
}

/** The same with the case of words as written, for a query whose names can be read in what it makes. */
export function spelledGoogle(text: string): string {
  const words = googleTokens(text).map(({text: token}) => token);
  while (words.at(-1) === ';') words.pop();
  return words.join(' ');
}

/** The text without the semicolons at its end; every offset stays. */
export function withoutGoogleEnd(text: string): string {
  const tokens = googleTokens(text);
  const last = tokens.findLastIndex(({text: token}) => token !== ';');
  let open = text;
  for (const {start} of tokens.slice(last + 1)) open = `${open.slice(0, start)} ${open.slice(start + 1)}`;
  return open;
}

/** Names that a text calls as functions, lower case. */
export function googleCalls(text: string): ReadonlySet<string> {
  const tokens = googleTokens(text);
  return new Set(
    tokens.flatMap(({kind, text: name}, i) =>
      kind === 'word' && tokens[i + 1]?.text === '(' ? [name.toLowerCase()] : [],
    ),
  );
}
