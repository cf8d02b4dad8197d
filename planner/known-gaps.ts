/**
 * Reads `known-gaps.yaml`: gaps that someone signed off, each with its reason.
 * It does not deal with what an accepted gap does (classify.ts).
 */
import * as z from 'zod';
import type {Diagnostic, SourceFile} from './diagnostic.ts';
import {isDate, isSeason} from './duration.ts';
import {at, keyAt, type Path, readDate, report, rootSpan, type Scope} from './manifest-scope.ts';
import {readShape} from './manifest-shape.ts';
import {parseTree} from './manifest-tree.ts';
import type {AcceptedGap, Asset, AssetName, KeyRange} from './pipeline.ts';
import {didYouMean} from './suggest.ts';

const text = z.string().min(1);
const shape = {
  asset: text,
  keys: z.array(text).min(1),
  games: z.array(text).min(1).optional(),
  reason: text,
  tried: z.array(text).optional(),
  accepted_by: text,
  accepted_on: text,
  until: text.optional(),
};
const known = Object.keys(shape).join(' ');
const schema = z.strictObject(shape, {
  error: issue => (issue.code === 'unrecognized_keys' ? known : undefined),
});
type RawGap = z.infer<typeof schema>;

/** The accepted gaps of a file, in its order; those that are wrong are told and left out. */
export function parseKnownGaps(
  file: SourceFile,
  assets: ReadonlyMap<AssetName, Asset>,
  /** Names that the manifest has, also of assets that could not be read. */
  names: readonly string[] = [...assets.keys()],
): {readonly gaps: readonly AcceptedGap[]; readonly diagnostics: readonly Diagnostic[]} {
  const tree = parseTree(file);
  const scope: Scope = {root: tree.root, diagnostics: [...tree.diagnostics]};
  // An empty file, or one with comments alone, accepts nothing.
  if (tree.value === undefined || tree.value === null) return {gaps: [], diagnostics: scope.diagnostics};
  if (!Array.isArray(tree.value)) {
    report(scope, 'wrong-type', rootSpan(scope), `'${file.path}' must be a list of accepted gaps.`);
    return {gaps: [], diagnostics: scope.diagnostics};
  }
  const gaps = tree.value.flatMap((value, index) => {
    // Item by item, so that one that is wrong hides no other.
    const item: Scope = {root: tree.root.children.get(index) ?? tree.root, diagnostics: scope.diagnostics};
    const raw = readShape(item, value, schema);
    return raw === undefined ? [] : (readGap(item, raw, {assets, names}) ?? []);
  });
  return {gaps, diagnostics: scope.diagnostics};
}

interface Known {
  readonly assets: ReadonlyMap<AssetName, Asset>;
  readonly names: readonly string[];
}

function readGap(scope: Scope, raw: RawGap, {assets, names}: Known): AcceptedGap | undefined {
  // A name that no asset has is refused just below.
  const name = raw.asset as AssetName;
  const asset = assets.get(name);
  if (asset === undefined && !names.includes(name)) {
    report(scope, 'unknown-asset', ['asset'], `No asset is named '${name}'.${didYouMean(name, names)}`);
  }
  const keys = raw.keys.flatMap((key, index) => readKeys(scope, ['keys', index], key, asset) ?? []);
  const acceptedOn = readDate(scope, ['accepted_on'], raw.accepted_on);
  const until = readDate(scope, ['until'], raw.until);
  if (until !== undefined && acceptedOn !== undefined && until <= acceptedOn) {
    report(
      scope,
      'bad-range',
      ['until'],
      `It ends on ${until}, not after ${acceptedOn}, when it was accepted: correct one of them.`,
    );
  }
  if (
    raw.games !== undefined &&
    asset !== undefined &&
    asset.covers === undefined &&
    asset.columns.length > 0
  ) {
    report(
      scope,
      'bad-covers',
      keyAt(scope, ['games']),
      `'${name}' declares no 'covers', so single games of it are not told apart: accept whole keys, or declare 'covers'.`,
    );
  }
  if (asset === undefined || acceptedOn === undefined || keys.length < raw.keys.length) return undefined;
  return {
    asset: name,
    keys,
    games: raw.games ?? [],
    reason: raw.reason,
    tried: raw.tried ?? [],
    acceptedBy: raw.accepted_by,
    acceptedOn,
    until,
    at: at(scope, ['asset']),
  };
}

/** One key, or `A..B` with both ends meant. */
function readKeys(scope: Scope, path: Path, text: string, asset: Asset | undefined): KeyRange | undefined {
  const [from = '', to = from, ...rest] = text.split('..').map(end => end.trim());
  const isKey = (key: string) => {
    switch (asset?.partitioning.kind) {
      case 'date':
        return isDate(key);
      case 'season':
        return isSeason(key);
      case 'all':
        return key === 'all';
      default:
        return isDate(key) || isSeason(key) || key === 'all';
    }
  };
  if (rest.length > 0 || !isKey(from) || !isKey(to)) {
    const kind = asset?.partitioning.kind;
    const example = kind === 'season' ? "'2023-24'" : kind === 'all' ? "'all'" : "'2024-01-15'";
    return report(
      scope,
      'bad-value',
      path,
      `'${text}' is no key of '${asset?.name ?? 'an asset'}': write ${example}${kind === 'all' ? '' : ' or two with .. between'}.`,
    );
  }
  if (from > to)
    return report(scope, 'bad-range', path, `The range '${text}' ends before it starts: exchange the two.`);
  return {from, to};
}
