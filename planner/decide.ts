/**
 * What to do about each selected partition of one asset: run, run if an input changes, wait, skip, or nothing. States
 * are given (classify.ts); edges are judged in satisfy.ts. It gives no reasons: tell.ts does, by the same functions.
 */

import {chooseOrdinals, orphansOf} from './asked.ts';
import type {AssetPlan, Deciding} from './deciding.ts';
import {isTooLate} from './due.ts';
import {Following} from './following.ts';
import {holderAt, isUnasked} from './frame.ts';
import {dueOf} from './not-due.ts';
import {neededOf} from './on-demand.ts';
import {isProtected} from './protection.ts';
import {findBlocked, PROGRESS} from './satisfy.ts';
import {ACTIONS, type Action, CODE} from './state.ts';
import {parkedReason, wantsOf} from './want.ts';

const ACTION = Object.fromEntries(ACTIONS.map((action, index) => [action, index + 1])) as Readonly<
  Record<Action, number>
>; // every action is there by construction

/** Decides about every partition that is asked for; fills `progress` with what is planned. */
export function planAsset(deciding: Deciding): AssetPlan {
  const {asset, frame, progress, request, budget} = deciding;
  const gates = request.ignoreGate ? undefined : frame.quality;
  const count = asset.keys.length;
  const stages = new Uint8Array(count);
  progress.set(asset.asset.name, stages);
  const actions = new Uint8Array(count);
  const chosen = chooseOrdinals(asset, request);
  const following = new Following(deciding);
  const {running, skipping, still} = wantsOf(deciding, chosen);
  const others = asset.edges.filter(({upstream}) => upstream !== asset);
  const own = asset.edges.filter(({upstream}) => upstream === asset);
  const blocked = findBlocked(asset, others, {ordinals: running, progress, gates});
  let next = 0;
  const run = (ordinal: number): void => {
    // An asset's own previous key is decided just before.
    const isBlocked =
      blocked[next++] === 1 ||
      (own.length > 0 && findBlocked(asset, own, {ordinals: [ordinal], progress, gates: undefined})[0] === 1);
    if (isBlocked) {
      // What was signed off is not waited for, unless someone asked for it.
      if (asset.state[ordinal] !== CODE.accepted || request.force) actions[ordinal] = ACTION.wait;
    } else if (budget.left > 0) {
      budget.left--;
      actions[ordinal] = ACTION.run;
      stages[ordinal] = PROGRESS.planned;
    }
  };
  for (const ordinal of skipping) actions[ordinal] = ACTION.skip;
  const onDemand = findOnDemand(deciding, chosen, new Set(running));
  for (const ordinal of onDemand.ordinals) {
    const isParked = parkedReason(deciding.frame, asset, ordinal) !== undefined;
    const isDemanded = onDemand.demanded[ordinal] === 1;
    actions[ordinal] = isParked ? ACTION.skip : isDemanded ? ACTION.run : ACTION['run-if'];
    if (!isParked) stages[ordinal] = isDemanded ? PROGRESS.planned : PROGRESS.onDemand;
  }
  let followers = 0;
  const follow = (ordinal: number): void => {
    // What is parked is tried again if an input comes out another.
    const isKept = !request.allowProtected && isProtected(asset, ordinal, frame.now);
    const isParked = skipping.has(ordinal) && !isKept && holderAt(frame, asset, ordinal) === undefined;
    const isFree = actions[ordinal] === 0 || isParked;
    const isOpen = isFree && still?.[ordinal] !== 1 && chosen?.[ordinal] !== 0;
    if (!isOpen || !following.isFollowing(ordinal)) return;
    followers++;
    actions[ordinal] = ACTION['run-if'];
    stages[ordinal] = PROGRESS.planned;
  };
  for (let ordinal = following.next(0); ; ordinal = following.next(ordinal + 1)) {
    for (let first = running[next]; first !== undefined && first <= ordinal; first = running[next])
      run(first);
    if (ordinal >= count) break;
    if (running[next - 1] !== ordinal) follow(ordinal);
  }
  const isIdle = running.length + skipping.size + onDemand.ordinals.length + followers === 0;
  return {asset, chosen, actions, running, isIdle, orphans: orphansOf(asset, request)};
}

const NOTHING_NEEDED = {ordinals: [], demanded: new Uint8Array()};

/** Partitions of an asset on demand that may be asked for, ascending. */
function findOnDemand(
  deciding: Deciding,
  chosen: Uint8Array | undefined,
  running: ReadonlySet<number>,
): {readonly ordinals: readonly number[]; readonly demanded: Uint8Array} {
  const {frame, asset} = deciding;
  if (!frame.onDemand.has(asset.asset.name)) return NOTHING_NEEDED;
  const dueness = dueOf(frame, asset);
  const {marks, demanded} = neededOf(deciding);
  const ordinals = asset.keys.flatMap((_, ordinal) => {
    const isMeant = marks[ordinal] === 1 && chosen?.[ordinal] !== 0 && !running.has(ordinal);
    const isOpen =
      isMeant &&
      isUnasked(frame, asset, ordinal) &&
      dueness(ordinal).kind === 'due' &&
      !isTooLate(asset, ordinal, frame.now);
    return isOpen ? [ordinal] : [];
  });
  return {ordinals, demanded};
}
