/**
 * Which partitions are in another state in one frame than in another of the same pipeline, such as before and after a
 * gap is signed off. It does not deal with why.
 */
import {type Frame, frameOf, stateAt} from './frame.ts';
import type {AssetName} from './pipeline.ts';
import type {State} from './state.ts';

export interface StateChange {
  readonly asset: AssetName;
  readonly was: State;
  readonly is: State;
  readonly keys: readonly string[];
}

/** In topological order. Both frames have the same assets and keys. */
export function stateChanges(before: Frame, after: Frame): readonly StateChange[] {
  return [...after.assets].flatMap(([asset, found]) => {
    const old = frameOf(before, asset);
    const changed = found.keys.flatMap((key, ordinal) =>
      old.state[ordinal] === found.state[ordinal]
        ? []
        : [{key, was: stateAt(old, ordinal), is: stateAt(found, ordinal)}],
    );
    const groups = Map.groupBy(changed, ({was, is}) => `${was} ${is}`);
    return [...groups.values()].flatMap(own => {
      const [first] = own;
      return first === undefined
        ? []
        : [{asset, was: first.was, is: first.is, keys: own.map(({key}) => key)}];
    });
  });
}
