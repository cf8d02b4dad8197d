/**
 * The canonical form of a query: its tokens, one space apart, unquoted words in lower case, no comments. Two texts
 * with the same form say the same. It does not parse: DuckDB does (sources.ts).
 */

const PATTERNS: readonly (readonly [kind: 'skip' | 'word' | 'exact', pattern: RegExp])[] = [
  ['skip', /\s+/y],
  ['skip', /--[^\n]*/y],
  ['exact', /[eE]'(?:[^'\\]|''|\\[\s\S])*'/y],
  ['word', /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y],
  ['word', /\d[\w.]*/y],
  ['exact', /'(?:[^']|'')*'/y],
  ['exact', /"(?:[^"]|"")*"/y],
  ['exact', /`[^`]*`/y],
  ['exact', /\$(\w*)\$[\s\S]*?\$\1\$/y],
  ['exact', /[<>=!+*/%|&^~@#:-]/y],
];
const OPERATOR = /[<>=!+*/%|&^~@#:-]/;

/** Tokens of a query in canonical form, in order. */
function canonicalTokens(text: string, keepsCase = false): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      at = commentEnd(text, at);
      continue;
    }
    const operator = operatorAt(text, at);
    if (operator !== '') {
      tokens.push(operator);
      at += operator.length;
      continue;
    }
    const [kind, token] = tokenAt(text, at);
    if (kind === 'word') tokens.push(keepsCase ? token : lowerCase(token));
    else if (kind === 'exact') tokens.push(token);
    at += token.length;
  }
  while (tokens.at(-1) === ';') tokens.pop();
  return tokens;
}

function tokenAt(text: string, at: number): readonly [kind: 'skip' | 'word' | 'exact', token: string] {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) return [kind, match[0]];
  }
  return ['exact', text[at] ?? ''];
}

/** Only ASCII: the engine tells names apart by the case of any other letter. */
function lowerCase(word: string): string {
  return word.replaceAll(/[A-Z]+/g, letters => letters.toLowerCase());
}

/**
 * The longest run of operator characters that opens no comment. As in PostgreSQL's scanner, which DuckDB's is, a sign
 * at its end is an operator of its own, so that `<-1` and `< -1` are the same.
 */
function operatorAt(text: string, at: number): string {
  let end = at;
  while (end < text.length && OPERATOR.test(text[end] ?? '')) {
    if (text.startsWith('--', end) || text.startsWith('/*', end)) break;
    end++;
  }
  const run = text.slice(at, end);
  return run.length < 2 || /[~!@#%^&|]/.test(run) ? run : run.replace(/(?<=.)[+-]+$/, '');
}

/** Block comments nest. */
function commentEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      depth++;
      at += 2;
    } else if (text.startsWith('*/', at)) {
      depth--;
      at += 2;
      if (depth === 0) return at;
    } else at++;
  }
  return at;
}

export function canonicalQuery(text: string): string {
  return canonicalTokens(text).join(' ');
}

/** The same with the case of words as written: for a query whose names can be read in what it makes. */
export function spelledQuery(text: string): string {
  return canonicalTokens(text, true).join(' ');
}

/** Whether a query turns names of its columns or fields into values. */
export function showsNames(text: string): boolean {
  return (
    canonicalTokens(text).includes('{') ||
    [...calledNames(text)].some(name => /json|struct|typeof/.test(name))
  );
}

/** Names that a query calls as functions, lower case. */
export function calledNames(text: string): ReadonlySet<string> {
  const tokens = canonicalTokens(text);
  const names = new Set<string>();
  tokens.forEach((token, index) => {
    if (tokens[index + 1] === '(' && /^[a-z_]/.test(token)) names.add(token);
  });
  return names;
}
