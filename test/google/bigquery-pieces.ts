/**
 * Translated SQL as pieces that remember which token they come from, so that an engine's complaint about a place in the
 * translation can be told as a place in the query. It does not deal with translating.
 */

export interface Piece {
  readonly text: string;
  /** Offset in the original query; undefined for what the translation adds. */
  readonly at: number | undefined;
}

export type Pieces = readonly Piece[];

export function added(text: string): Pieces {
  return [{text, at: undefined}];
}

export interface Translated {
  readonly sql: string;
  /** The offset in the original of an offset in `sql`. */
  readonly placeOf: (offset: number) => number;
}

export function join(pieces: Pieces): Translated {
  const starts: {readonly start: number; readonly at: number}[] = [];
  let sql = '';
  for (const {text, at} of pieces) {
    if (at !== undefined) starts.push({start: sql.length, at});
    sql += text;
  }
  const placeOf = (offset: number) => starts.findLast(({start}) => start <= offset)?.at ?? starts[0]?.at ?? 0;
  return {sql, placeOf};
}

export function textOf(pieces: Pieces): string {
  return pieces.map(({text}) => text).join('');
}
