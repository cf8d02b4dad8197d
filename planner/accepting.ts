/**
 * Which partitions and games of a RANGE may be signed off, and why the others may not.
 * It does not write anything (known-gaps-edit.ts), nor say what follows (state-changes.ts).
 */
import {chooseMeant, type Left, type Verdict, whyUnpublished} from './correction.ts';
import {type AssetFrame, type Frame, keyAt, stateAt} from './frame.ts';
import {absentGames} from './gaps.ts';
import type {GapEntry} from './known-gaps-edit.ts';
import type {KeyRange} from './pipeline.ts';
import type {KeyPattern} from './range-text.ts';

export interface AcceptRequest {
  readonly patterns: readonly KeyPattern[];
  /** Undefined: whole partitions that are missing, and what published ones lack. */
  readonly games: readonly string[] | undefined;
}

/** A partition to sign off; without games the whole of it. */
export interface Accepting {
  readonly ordinal: number;
  readonly games: readonly string[];
}

export interface AcceptChoice {
  readonly accepting: readonly Accepting[];
  readonly left: readonly Left[];
  /** Games that were named, and that no partition lacks. */
  readonly unknown: readonly string[];
}

export function chooseAccepted(
  frame: Frame,
  asset: AssetFrame,
  {patterns, games}: AcceptRequest,
): AcceptChoice {
  const {ordinals, left} = chooseMeant(asset, patterns, ordinal => verdictOn(frame, asset, ordinal, games));
  const accepting = ordinals.map(ordinal => ({ordinal, games: gamesOf(frame, asset, ordinal, games)}));
  const taken = new Set(accepting.flatMap(each => each.games));
  return {accepting, left, unknown: (games ?? []).filter(game => !taken.has(game))};
}

/** The entries that say so: whole partitions in one, those that lack games in another. */
export function entriesOf(
  asset: AssetFrame,
  accepting: readonly Accepting[],
  about: Omit<GapEntry, 'asset' | 'keys' | 'games'>,
): readonly GapEntry[] {
  const [whole, some] = [
    accepting.filter(({games}) => games.length === 0),
    accepting.filter(({games}) => games.length > 0),
  ];
  return [whole, some].flatMap(own =>
    own.length === 0
      ? []
      : [
          {
            asset: asset.asset.name,
            keys: rangesOf(
              asset,
              own.map(({ordinal}) => ordinal),
            ),
            games: own.flatMap(({games}) => games),
            ...about,
          },
        ],
  );
}

/** Neighbours in the calendar as a range, from three on. */
function rangesOf(asset: AssetFrame, ordinals: readonly number[]): readonly KeyRange[] {
  const runs: number[][] = [];
  for (const ordinal of ordinals) {
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1) === ordinal - 1) last.push(ordinal);
    else runs.push([ordinal]);
  }
  return runs.flatMap(run => {
    const keys = run.map(ordinal => keyAt(asset, ordinal));
    const [from = '', to = from] = [keys[0], keys.at(-1)];
    return keys.length < 3 ? keys.map(key => ({from: key, to: key})) : [{from, to}];
  });
}

function gamesOf(
  frame: Frame,
  asset: AssetFrame,
  ordinal: number,
  wanted: readonly string[] | undefined,
): readonly string[] {
  const open = absentGames(frame, asset, ordinal)?.open ?? [];
  if (wanted !== undefined) return open.filter(game => wanted.includes(game));
  return asset.published[ordinal] === 1 ? open : [];
}

/** Why a partition may not be signed off, to stand after its name; undefined where it may. */
export function whyNotAccepted(frame: Frame, asset: AssetFrame, ordinal: number): string | undefined {
  return verdictOn(frame, asset, ordinal, undefined)?.because;
}

/** Why it is left as it is; undefined where it can be signed off. */
function verdictOn(
  frame: Frame,
  asset: AssetFrame,
  ordinal: number,
  wanted: readonly string[] | undefined,
): Verdict | undefined {
  const state = stateAt(asset, ordinal);
  const refused = (because: string): Verdict => ({because, isRefused: true});
  if (asset.published[ordinal] === 0 && state !== 'missing') {
    return refused(`${whyUnpublished({frame, asset, ordinal})}, which is no open gap`);
  }
  if (asset.exempt[ordinal] === 1) return refused('it is exempt, which is no gap');
  const absent = absentGames(frame, asset, ordinal);
  if (asset.published[ordinal] === 1 && (absent?.open.length ?? 0) === 0) {
    const accepted = absent?.accepted.length ?? 0;
    if (accepted > 0) return refused('all that it lacks is accepted already');
    return refused(
      state === 'stale'
        ? `it is stale and lacks nothing; 'gameplan materialize' makes it again`
        : `it is ${state} and lacks nothing`,
    );
  }
  if (wanted === undefined) return undefined;
  if (absent === undefined) {
    return refused("its asset declares no 'covers', so its games are not told apart: accept it whole");
  }
  if (gamesOf(frame, asset, ordinal, wanted).length > 0) return undefined;
  return refused(`it lacks none of those games; it lacks ${listed(absent.open)}`);
}

function listed(games: readonly string[]): string {
  const more = games.length - 5;
  return `${games.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
