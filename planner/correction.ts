/**
 * Which partitions of a RANGE may be forgotten or marked fresh, and why the others may not.
 * It does not write anything (runner/correct.ts), nor say what follows (cone.ts).
 */

import {type AssetFrame, type Frame, stateAt} from './frame.ts';
import {isProtected} from './protection.ts';
import {isMeant} from './range.ts';
import {type KeyPattern, matchesKey} from './range-text.ts';
import {sentence} from './sentence.ts';
import {reasonsAt} from './state-reason.ts';

export type CorrectionKind = 'forget' | 'mark';

/** A partition that is meant and stays as it is. */
export interface Left {
  readonly key: string;
  /** Cause and mend, to stand after its name. */
  readonly because: string;
  /** Whether it cannot be done, or need not be. */
  readonly isRefused: boolean;
  /** Whether the RANGE names it alone, and not as one of a range. */
  readonly isNamed: boolean;
}

export interface Choice {
  /** Ascending. */
  readonly ordinals: readonly number[];
  readonly left: readonly Left[];
}

export interface CorrectionRequest {
  readonly kind: CorrectionKind;
  readonly patterns: readonly KeyPattern[];
  readonly allowProtected: boolean;
}

/** A partition of a frame. */
export interface Place {
  readonly frame: Frame;
  readonly asset: AssetFrame;
  readonly ordinal: number;
}

export type Verdict = Pick<Left, 'because' | 'isRefused'>;

export function chooseCorrected(frame: Frame, asset: AssetFrame, request: CorrectionRequest): Choice {
  return chooseMeant(asset, request.patterns, ordinal => verdictOn({frame, asset, ordinal}, request));
}

/** What a RANGE means of an asset; a single key that there is not is refused. `verdictAt`: why one stays as it is. */
export function chooseMeant(
  asset: AssetFrame,
  patterns: readonly KeyPattern[],
  verdictAt: (ordinal: number) => Verdict | undefined,
): Choice {
  const ordinals: number[] = [];
  const left: Left[] = [];
  const named = patterns.filter(pattern => pattern.kind === 'range' && pattern.from === pattern.to);
  asset.keys.forEach((key, ordinal) => {
    if (!isMeant(asset, ordinal, patterns)) return;
    const verdict = verdictAt(ordinal);
    if (verdict === undefined) ordinals.push(ordinal);
    else left.push({key, ...verdict, isNamed: matchesKey(named, key)});
  });
  for (const {key} of asset.orphans.filter(orphan => matchesKey(patterns, orphan.key))) {
    const orphan = refused(`it is an orphan (${sentence({kind: 'undeclared'})}); ${prune(asset)} drops it`);
    left.push({key, ...orphan, isNamed: matchesKey(named, key)});
  }
  for (const pattern of named) {
    const isThere =
      asset.keys.some((_, ordinal) => isMeant(asset, ordinal, [pattern])) ||
      asset.orphans.some(({key}) => matchesKey([pattern], key));
    if (!isThere && pattern.kind === 'range')
      left.push({key: pattern.from, ...unknown(asset), isNamed: true});
  }
  return {ordinals, left};
}

/** Why a partition stays as it is; undefined where the correction applies. */
export function verdictOn(
  place: Place,
  {kind, allowProtected}: Pick<CorrectionRequest, 'kind' | 'allowProtected'>,
): Verdict | undefined {
  return kind === 'forget' ? forgetVerdict(place, allowProtected) : markVerdict(place);
}

function forgetVerdict(place: Place, allowProtected: boolean): Verdict | undefined {
  const {asset, ordinal, frame} = place;
  if (asset.published[ordinal] === 0) {
    return refused(`${whyUnpublished(place)}; there is nothing to forget`);
  }
  if (allowProtected || !isProtected(asset, ordinal, frame.now)) return undefined;
  return refused('it is protected; --allow-protected forgets it all the same');
}

function markVerdict(place: Place): Verdict | undefined {
  const {frame, asset, ordinal} = place;
  const state = stateAt(asset, ordinal);
  if (state === 'exempt') {
    return refused(`${whyUnpublished(place)}; change what exempts it if it should exist`);
  }
  if (asset.published[ordinal] === 0) {
    return refused(`${whyUnpublished(place)}; ${remake(asset, ordinal)} makes it when it is due`);
  }
  if (state !== 'stale') return {because: 'it is up to date already', isRefused: false};
  const schema = reasonsAt(frame, asset, ordinal).find(({kind}) => kind === 'schema-changed');
  if (schema === undefined) return undefined;
  return refused(
    `${sentence(schema)}, so its rows are not those declared; ${remake(asset, ordinal)} makes it again`,
  );
}

function refused(because: string): Verdict {
  return {because, isRefused: true};
}

/** The sentence of the first reason, without a repeated state. */
export function whyUnpublished({frame, asset, ordinal}: Place): string {
  const state = stateAt(asset, ordinal);
  const [reason] = reasonsAt(frame, asset, ordinal);
  const why = reason === undefined ? '' : ` (${sentence(reason)})`;
  return `it is ${state === 'not-due' ? 'not due' : state}${why}`;
}

function remake({asset, keys}: AssetFrame, ordinal: number): string {
  return `'gameplan materialize ${asset.name} --dates ${keys[ordinal]}'`;
}

function prune({asset}: AssetFrame): string {
  return `'gameplan materialize ${asset.name} --prune'`;
}

function unknown({keys}: AssetFrame): Verdict {
  const range = keys.length === 0 ? 'none is known yet' : `they go from ${keys[0]} to ${keys.at(-1)}`;
  return refused(`there is no such partition; ${range}`);
}
