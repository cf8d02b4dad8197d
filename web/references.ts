/**
 * Partitions that a text names as `asset@key`.
 * It does not deal with whether there are such keys, nor with how they are shown (parts/reasons.tsx).
 */

export interface Reference {
  readonly asset: string;
  readonly key: string;
  /** Where in the text it begins. */
  readonly at: number;
}

const REFERENCE = /([A-Za-z_][\w.]*)@(\d{4}-\d{2}-\d{2}|\d{4}-\d{2}|all)(?![\w-])/g;

/** The text in pieces; only names of `assets` become references. */
export function piecesOf(text: string, assets: ReadonlySet<string>): readonly (string | Reference)[] {
  const pieces: (string | Reference)[] = [];
  let end = 0;
  for (const {0: whole, 1: asset = '', 2: key = '', index} of text.matchAll(REFERENCE)) {
    if (!assets.has(asset)) continue;
    if (index > end) pieces.push(text.slice(end, index));
    pieces.push({asset, key, at: index});
    end = index + whole.length;
  }
  return end < text.length ? [...pieces, text.slice(end)] : pieces;
}
