/**
 * A view on the tokens of a query for rules that look around: words, brackets, arguments, clauses.
 * It does not know any rule.
 */
import type {DuckdbToken} from './duckdb-tokens.ts';

const CLAUSES = new Set([
  ...[
    'select',
    'from',
    'join',
    'on',
    'using',
    'where',
    'by',
    'having',
    'qualify',
    'window',
    'limit',
    'offset',
  ],
  ...['rows', 'range', 'groups', 'with', 'values', 'union', 'intersect', 'except', 'set'],
]);

export class TokenView {
  readonly tokens: readonly DuckdbToken[];
  /** Where the last LIMIT outside of all brackets stands; -1: there is none. */
  readonly limit: number;
  /** Of each opening bracket its closing one, and of each token the bracket it stands in. */
  private readonly closing = new Map<number, number>();
  private readonly within: number[] = [];
  /** Of each token the last word before it in the same brackets that begins a clause. */
  private readonly clauses: number[] = [];
  /** Of each name where it stands behind AS. */
  private readonly named = new Map<string, number[]>();

  constructor(tokens: readonly DuckdbToken[]) {
    this.tokens = tokens;
    let limit = -1;
    const open: number[] = [];
    const clauses: number[] = [-1];
    tokens.forEach(({text}, i) => {
      if (text === ')' || text === ']') {
        this.closing.set(open.pop() ?? 0, i);
        if (clauses.length > 1) clauses.pop();
      }
      this.within.push(open.at(-1) ?? -1);
      this.clauses.push(clauses.at(-1) ?? -1);
      if (text === '(' || text === '[') {
        open.push(i);
        clauses.push(-1);
      }
      const word = this.word(i);
      if (word === 'limit' && open.length === 0) limit = i;
      if (CLAUSES.has(word)) clauses[clauses.length - 1] = i;
      if (word !== '' && this.word(i - 1) === 'as')
        this.named.set(word, [...(this.named.get(word) ?? []), i]);
    });
    this.limit = limit;
  }

  text(at: number): string {
    return this.tokens[at]?.text ?? '';
  }

  /** In lower case; empty where no bare word stands. */
  word(at: number): string {
    const token = this.tokens[at];
    return token?.kind === 'word' ? token.text.toLowerCase() : '';
  }

  kind(at: number): DuckdbToken['kind'] | undefined {
    return this.tokens[at]?.kind;
  }

  /** The place of the bracket that closes what opens here. */
  close(open: number): number {
    return this.closing.get(open) ?? this.tokens.length;
  }

  /** The opening bracket that a token stands in; -1: none. */
  opening(at: number): number {
    return this.within[at] ?? -1;
  }

  /** The word that begins the clause that a token stands in; -1: none in its brackets. */
  clause(at: number): number {
    return this.clauses[at] ?? -1;
  }

  /** Where a name stands behind AS, in order. */
  aliases(name: string): readonly number[] {
    return this.named.get(name) ?? [];
  }

  /** The next place at the same depth where a word of these stands, before the bracket closes. */
  next(from: number, words: ReadonlySet<string>): number | undefined {
    const depth = this.opening(from);
    for (let i = from; i < this.tokens.length; i++) {
      if (this.opening(i) === depth && words.has(this.word(i))) return i;
      if (depth >= 0 && i >= this.close(depth)) return undefined;
    }
    return undefined;
  }

  /** Of brackets that open here, the parts between commas: each from its first token to past its last. */
  parts(open: number, end = this.close(open)): readonly (readonly [from: number, to: number])[] {
    const parts: [number, number][] = [];
    let from = open + 1;
    for (let i = open + 1; i <= end; i++) {
      const isEnd = i === end || (this.text(i) === ',' && this.opening(i) === this.opening(open + 1));
      if (!isEnd) continue;
      if (i > from) parts.push([from, i]);
      from = i + 1;
    }
    return parts;
  }
}
