/**
 * A view on the tokens of a query for rules that look around: words, brackets, arguments, clauses.
 * It does not know any rule.
 */
import type {DuckdbToken} from './duckdb-tokens.ts';

export class TokenView {
  readonly tokens: readonly DuckdbToken[];
  /** Of each opening bracket its closing one, and of each token the bracket it stands in. */
  private readonly closing = new Map<number, number>();
  private readonly within: number[] = [];

  constructor(tokens: readonly DuckdbToken[]) {
    this.tokens = tokens;
    const open: number[] = [];
    tokens.forEach(({text}, i) => {
      if (text === ')' || text === ']') this.closing.set(open.pop() ?? 0, i);
      this.within.push(open.at(-1) ?? -1);
      if (text === '(' || text === '[') open.push(i);
    });
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
