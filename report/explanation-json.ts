/**
 * What `explain` says of a partition, as data.
 * It does not find it out (explain.ts).
 */
import {causeSentence} from '../planner/gap-sentence.ts';
import type {Reason} from '../planner/reason.ts';
import type {Explanation, InputNode} from './explain.ts';
import {reasonJson} from './plan-json.ts';
import {stepJson} from './steps-text.ts';

/** The same as data; additive changes only. */
export function explanationJson({partition, ...rest}: Explanation): object {
  return {
    version: 1,
    asset: partition.asset,
    key: partition.key,
    state: partition.state,
    action: partition.action ?? null,
    reasons: partition.reasons.map((reason: Reason) => reasonJson(reason)),
    notes: partition.notes,
    kind: rest.kind,
    ...(rest.file === undefined ? {} : {file: rest.file}),
    ...(rest.object === undefined ? {} : {object: rest.object}),
    protected: rest.isProtected,
    ...(rest.protectedFrom === undefined ? {} : {protectedFrom: rest.protectedFrom}),
    ...(rest.nextRefresh === undefined ? {} : {nextRefresh: rest.nextRefresh}),
    fingerprint: rest.fingerprint,
    digest: rest.digest,
    publication: rest.publication ?? null,
    lastAttempt: rest.lastAttempt ?? null,
    attempts: rest.attempts,
    tries: rest.tries,
    acceptances: rest.acceptances.map(({until, ...each}) => ({...each, until: until ?? null})),
    checks: rest.checks,
    quality: qualityJson(rest.quality),
    root:
      rest.root === undefined
        ? null
        : {partition: rest.root.ref, cause: causeSentence(rest.root.cause, undefined)},
    read: rest.read,
    steps: rest.steps.map(stepJson),
    inputs: rest.inputs.map(inputJson),
  };
}

function qualityJson(quality: Explanation['quality']): object | null {
  if (quality === undefined) return null;
  const {score, own, tier, gate, ...rest} = quality;
  return {score: score ?? null, own: own ?? null, tier: tier ?? null, gate: gate ?? null, ...rest};
}

function inputJson({inputs, states, ...input}: InputNode): object {
  return {
    ...input,
    states: Object.fromEntries(states),
    ...(inputs === undefined ? {} : {inputs: inputs.map(inputJson)}),
  };
}
