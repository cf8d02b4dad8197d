/**
 * What can be told of a GoogleSQL query from its tokens: the tables after FROM, JOIN and commas, calls, limits.
 * It does not parse: BigQuery does, and what its dry run says a query reads is looked at again (runner).
 */
import {type GoogleToken, googleTokens} from './google-tokens.ts';
import type {QueryFacts, QueryName} from './sources.ts';

/** Words that end a FROM clause. */
const CLAUSES = new Set([
  ...[
    'where',
    'group',
    'having',
    'qualify',
    'window',
    'order',
    'limit',
    'union',
    'intersect',
    'except',
    'select',
  ],
]);
/** Words that stand after a table and are no name of it. */
const AFTER_TABLE = new Set([
  ...[
    'join',
    'inner',
    'left',
    'right',
    'full',
    'cross',
    'outer',
    'on',
    'using',
    'tablesample',
    'for',
    'pivot',
  ],
  ...['unpivot', 'with', 'as', ...CLAUSES],
]);
/** Words before brackets that call nothing. */
const NO_CALLS = new Set([
  ...[
    'as',
    'in',
    'and',
    'or',
    'not',
    'on',
    'over',
    'using',
    'when',
    'then',
    'else',
    'case',
    'select',
    'from',
    'join',
  ],
  ...[
    'where',
    'by',
    'having',
    'qualify',
    'union',
    'all',
    'distinct',
    'exists',
    'unnest',
    'except',
    'replace',
    'array',
  ],
  ...[
    'struct',
    'between',
    'like',
    'is',
    'limit',
    'offset',
    'rollup',
    'cube',
    'sets',
    'with',
    'interval',
    'any',
    'some',
  ],
  ...['pivot', 'unpivot', 'for', 'window', 'values', 'intersect', 'tablesample', 'system'],
]);

const DEEPEST = 500;

interface Table extends QueryName {
  readonly qualified: boolean;
  readonly isFunction: boolean;
}

/** The facts of one query; `error` says what keeps it from being one SELECT. Output columns are not told. */
export function googleFacts(text: string): QueryFacts {
  const tokens = withoutEnd(googleTokens(text));
  const error = mistakeIn(tokens);
  const none = {tables: [], functions: [], tableFunctions: [], unorderedLimits: [], columns: undefined};
  if (error !== undefined) return {...none, error};
  const reader = new Reader(tokens);
  return {...none, ...reader.read(), error: undefined};
}

function withoutEnd(tokens: readonly GoogleToken[]): readonly GoogleToken[] {
  const last = tokens.findLastIndex(({text}) => text !== ';');
  return tokens.slice(0, last + 1);
}

function mistakeIn(tokens: readonly GoogleToken[]): QueryFacts['error'] {
  const [first] = tokens.filter(({text}) => text !== '(');
  if (first === undefined) return {message: 'The query is empty; write one SELECT.', offset: 0};
  if (!['select', 'with', 'from'].includes(first.text.toLowerCase())) {
    return {
      message: 'The query is not a plain SELECT; write it as one, without DECLARE, CREATE or INSERT.',
      offset: first.start,
    };
  }
  let depth = 0;
  for (const {kind, text, start} of tokens) {
    if (kind === 'open')
      return {message: `What begins with ${text.slice(0, 3)} does not end.`, offset: start};
    if (kind === 'parameter') {
      return {message: 'A query takes no parameters; join partitions instead.', offset: start};
    }
    if (text === '(' && ++depth > DEEPEST) {
      return {message: `Brackets lie more than ${DEEPEST} deep.`, offset: start};
    }
    if (text === ')' && --depth < 0) return {message: 'A bracket closes that never opened.', offset: start};
    if (text === ';') {
      return {message: 'The file holds more than one statement; leave one SELECT.', offset: start};
    }
  }
  return depth > 0 ? {message: 'A bracket is not closed.', offset: first.start} : undefined;
}

/** Walks the tokens once. Lives for one query. */
class Reader {
  private readonly tokens: readonly GoogleToken[];
  /** Of each opening bracket its closing one. */
  private readonly closing = new Map<number, number>();
  private readonly ctes: {readonly name: string; readonly from: number; readonly to: number}[] = [];
  private readonly tables: Table[] = [];
  /** What rows of the query are called: a path that begins so reads a column. */
  private readonly aliases = new Set<string>();
  private readonly others: QueryName[] = [];

  constructor(tokens: readonly GoogleToken[]) {
    this.tokens = tokens;
    const open: number[] = [];
    tokens.forEach(({text}, i) => {
      if (text === '(') open.push(i);
      if (text === ')') this.closing.set(open.pop() ?? 0, i);
    });
  }

  read(): Pick<QueryFacts, 'tables' | 'functions' | 'tableFunctions' | 'unorderedLimits'> {
    this.group(0, this.tokens.length);
    const seen = this.tables.filter(({name, qualified}) => !qualified || !this.isPath(name));
    return {
      tables: seen
        .filter(table => !table.isFunction && !this.isCte(table))
        .map(({name, start, end, qualified}) => ({name, start, end, qualified})),
      tableFunctions: [...seen.filter(({isFunction}) => isFunction), ...this.others].map(plain),
      functions: this.calls(),
      unorderedLimits: this.limits(),
    };
  }

  /** What stands in one pair of brackets, and in all within it. */
  private group(from: number, to: number): void {
    let isFrom = false;
    for (let i = from; i < to; i++) {
      const word = this.word(i);
      if (this.text(i) === '(') {
        const end = this.closing.get(i) ?? to;
        if (!this.isExtract(i)) this.group(i + 1, end);
        i = end;
      } else if (word === 'with' && this.word(i + 1) !== 'offset') i = this.with(i + 1, to) - 1;
      else if (
        (word === 'from' && !this.isDistinctFrom(i)) ||
        word === 'join' ||
        (isFrom && this.text(i) === ',')
      ) {
        isFrom = true;
        i = this.table(i + 1, to) - 1;
      } else if (CLAUSES.has(word)) isFrom = false;
      else if (isFrom && (word === 'tablesample' || word === 'for')) this.others.push(this.named(i, i + 1));
    }
  }

  /** `name AS ( ... ), ...`; gives the place of what follows. Each is seen by what stands after it, a recursive one by itself. */
  private with(start: number, to: number): number {
    const isRecursive = this.word(start) === 'recursive';
    let i = isRecursive ? start + 1 : start;
    while (this.word(i + 1) === 'as' && this.text(i + 2) === '(') {
      const end = this.closing.get(i + 2) ?? to;
      this.ctes.push({name: this.plainName(i), from: isRecursive ? start : end, to});
      this.group(i + 3, end);
      i = end + 1;
      if (this.text(i) !== ',') break;
      i++;
    }
    return i;
  }

  /** One item of a FROM clause; gives the place of what follows its name. */
  private table(start: number, to: number): number {
    if (this.text(start) === '(') {
      const end = this.closing.get(start) ?? to;
      const first = this.word(start + 1);
      // A join in brackets begins with a table; a query does not.
      if (first === 'select' || first === 'with' || first === 'from' || this.text(start + 1) === '(') {
        this.group(start + 1, end);
      } else this.group(this.table(start + 1, end), end);
      return this.alias(end + 1);
    }
    if (this.word(start) === 'unnest') {
      const end = this.closing.get(start + 1) ?? to;
      this.group(start + 2, end);
      return this.alias(end + 1);
    }
    let end = start + 1;
    // Names of projects have dashes.
    while (['.', '-'].includes(this.text(end)) && end + 1 < to) end += 2;
    const named = this.named(start, end);
    const isFunction = this.text(end) === '(';
    this.tables.push({...named, qualified: named.name.includes('.'), isFunction});
    this.aliases.add(named.name.toLowerCase().split('.').at(-1) ?? '');
    return isFunction ? end : this.alias(end);
  }

  private alias(at: number): number {
    const start = this.word(at) === 'as' ? at + 1 : at;
    const {kind} = this.tokens[start] ?? {kind: 'symbol'};
    if (kind !== 'name' && (kind !== 'word' || AFTER_TABLE.has(this.word(start)))) return at;
    this.aliases.add(this.plainName(start));
    return start + 1;
  }

  private calls(): readonly QueryName[] {
    return this.tokens.flatMap(({kind, text, start}, i) => {
      const name = text.toLowerCase();
      const isCall = this.text(i + 1) === '(' && !NO_CALLS.has(name) && this.text(i - 1) !== '.';
      // Read without brackets too.
      const isBare = /^(?:current_(?:date|time|timestamp|datetime)|session_user)$/.test(name);
      return kind === 'word' && (isCall || isBare) && !this.isTableName(start)
        ? [{name, start, end: start + text.length}]
        : [];
    });
  }

  private isTableName(start: number): boolean {
    return this.tables.some(table => table.start === start);
  }

  /** LIMIT without ORDER BY in the same brackets. */
  private limits(): readonly QueryName[] {
    const ordered: boolean[] = [false];
    const found: QueryName[] = [];
    this.tokens.forEach(({text, start}, i) => {
      const word = this.word(i);
      if (text === '(') ordered.push(false);
      else if (text === ')') ordered.pop();
      else if (word === 'order') ordered[ordered.length - 1] = true;
      else if (word === 'limit' && ordered.at(-1) === false)
        found.push({name: 'LIMIT', start, end: start + text.length});
    });
    return found;
  }

  private isPath(name: string): boolean {
    return this.aliases.has(name.toLowerCase().split('.')[0] ?? '');
  }

  private isCte({name, start}: QueryName): boolean {
    const at = this.tokens.findIndex(token => token.start === start);
    return this.ctes.some(cte => cte.name === name.toLowerCase() && at > cte.from && at < cte.to);
  }

  /** `EXTRACT(part FROM x)` has a FROM of its own. */
  private isExtract(open: number): boolean {
    return this.word(open - 1) === 'extract' && this.word(open + 1) !== 'select';
  }

  private isDistinctFrom(at: number): boolean {
    return this.word(at - 1) === 'distinct' && ['is', 'not'].includes(this.word(at - 2));
  }

  private named(from: number, to: number): QueryName {
    const parts = this.tokens.slice(from, to);
    const name = parts.map(({text}) => text.replaceAll('`', '')).join('');
    const last = parts.at(-1);
    const start = parts[0]?.start ?? 0;
    return {name, start, end: last === undefined ? start : last.start + last.text.length};
  }

  private plainName(at: number): string {
    return this.text(at).replaceAll('`', '').toLowerCase();
  }

  private word(at: number): string {
    const token = this.tokens[at];
    return token?.kind === 'word' ? token.text.toLowerCase() : '';
  }

  private text(at: number): string {
    return this.tokens[at]?.text ?? '';
  }
}

function plain({name, start, end}: QueryName): QueryName {
  return {name: name.toLowerCase(), start, end};
}
