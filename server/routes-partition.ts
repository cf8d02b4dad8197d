/**
 * One partition: what `gameplan explain` says, what reads it, and all that it is made of.
 * It decides nothing, and reads no warehouse.
 */
import {type OpenAPIHono, z} from '@hono/zod-openapi';
import {whyNotAccepted} from '../planner/accepting.ts';
import {type AssetFrame, holderAt, keyAt, stateAt} from '../planner/frame.ts';
import {causeSentence} from '../planner/gap-sentence.ts';
import {hexAt} from '../planner/hash.ts';
import {makePlan} from '../planner/make-plan.ts';
import {Marks} from '../planner/marks.ts';
import {type PlannedPartition, WHOLE_REQUEST} from '../planner/plan.ts';
import {issueText} from '../planner/quality-issue.ts';
import {whereaboutsOf, whereaboutsText} from '../planner/whereabouts.ts';
import {ordinalsRead} from '../planner/window.ts';
import {type Explanation, explain, type InputNode} from '../report/explain.ts';
import {readAttempts, readTries, readVersionsRead} from '../report/project-ledger.ts';
import {noStates} from '../report/status.ts';
import {stepText} from '../report/steps-text.ts';
import type {View} from './reader.ts';
import {attemptBody} from './routes-run.ts';
import {notesSaid, orderIn, partitionsSaid, reasonsSaid} from './said.ts';
import {type ConeBody, cone, type InputBody, type PartitionBody, partition} from './schema/partition.ts';
import {ApiRefusal, assetIn, newRoutes, reads, type Served} from './serving.ts';

const params = z.object({asset: z.string().max(300), key: z.string().max(40)});

export function partitionRoutes(served: Served): OpenAPIHono {
  const routes = newRoutes();
  reads(
    routes,
    served,
    {path: '/partitions/{asset}/{key}', summary: 'why a partition is what it is', params, body: partition},
    (view, {params: {asset, key}}) => partitionBody(served, view, {asset: assetIn(view, asset), key}),
  );
  reads(
    routes,
    served,
    {path: '/partitions/{asset}/{key}/cone', summary: 'all that a partition is made of', params, body: cone},
    (view, {params: {asset, key}}) => coneBody(view, {asset: assetIn(view, asset), key}),
  );
  return routes;
}

interface Place {
  readonly asset: AssetFrame;
  readonly key: string;
}

function partitionBody(served: Served, view: View, place: Place): PartitionBody {
  const {planned, project, ledger} = view;
  const {frame} = planned;
  const {asset, key} = place;
  const ref = {asset: asset.asset.name, key};
  const listed = listedIn(view, place);
  const history = {
    attempts: readAttempts(project, ref, served.clock),
    tries: readTries(project, ref, served.clock),
    read: readVersionsRead(project, listed, served.clock),
  };
  const found = explain(planned, listed, history);
  const ordinal = asset.ordinalOf.get(key);
  const {quality} = found;
  return {
    sequence: ledger.sequence,
    ...ref,
    state: listed.state,
    action: listed.action ?? null,
    holder: ordinal === undefined ? null : (holderAt(frame, asset, ordinal) ?? null),
    reasons: reasonsSaid(listed.reasons, view.now),
    root:
      found.root === undefined
        ? null
        : {partition: found.root.ref, cause: causeSentence(found.root.cause, undefined)},
    notes: notesSaid(listed.notes),
    kind: found.kind,
    file: found.file ?? null,
    fingerprint: found.fingerprint,
    digest: found.digest,
    publication: publicationBody(found),
    quality:
      quality === undefined
        ? null
        : {
            score: quality.score ?? null,
            tier: quality.tier ?? null,
            own: quality.own ?? null,
            inputs: quality.inputs,
            gate: quality.gate ?? null,
            issues: quality.issues.map(issue =>
              issue.origin === `${ref.asset}@${key}`
                ? issueText(issue)
                : `${issueText(issue)}: ${issue.origin}`,
            ),
          },
    read: [...found.read],
    attempts: found.attempts.map(each => ({...attemptBody(each), run: each.run})),
    tries: found.tries.map(({asset: _, key: __, expected, found: had, detail, ...each}) => ({
      ...each,
      expected: expected ?? null,
      found: had ?? null,
      detail: detail ?? null,
    })),
    acceptances: found.acceptances.map(({by, on, reason, until, isExpired, games}) => ({
      by,
      on,
      reason,
      until: until ?? null,
      isExpired,
      games: [...games],
    })),
    checks: found.checks.map(({name, severity}) => ({name, severity})),
    inputs: found.inputs.map(each =>
      inputBody(view, each, new Map(quality?.edges.map(edge => [edge.edge, edge.score]))),
    ),
    dependents: ordinal === undefined ? [] : dependentsOf(view, asset, ordinal),
    steps: found.steps.map(step => stepText(step, {keyOrder: orderIn(frame), width: WIDTH, now: view.now})),
    notSignable:
      ordinal === undefined ? 'it is no partition any more' : (whyNotAccepted(frame, asset, ordinal) ?? null),
  };
}

const WIDTH = 400;
const FIRST = 50;
const MOST = 2000;

/** What the plan of everything says of one; a partition that it does not list has nothing to be done. */
function listedIn(view: View, {asset, key}: Place): PlannedPartition {
  const {planned, project, ledger, now} = view;
  const {name} = asset.asset;
  const found = planned.plan.partitions.find(each => each.asset === name && each.key === key);
  if (found !== undefined) return found;
  const request = {...WHOLE_REQUEST, all: true, only: new Map([[name, new Set([key])]])};
  const [alone] = makePlan({...project, ledger, now, request}).plan.partitions;
  if (alone !== undefined) return alone;
  throw noSuchKey(view, {asset, key});
}

/** Which keys there are instead. */
function noSuchKey({planned: {frame}, ledger}: View, {asset, key}: Place): ApiRefusal {
  const where = whereaboutsText(whereaboutsOf(asset, key, {frame, ledger}));
  return new ApiRefusal(404, `${asset.asset.name} has no partition '${key}': ${where}.`);
}

function publicationBody({publication}: Explanation): PartitionBody['publication'] {
  if (publication === undefined) return null;
  const {games, ...rest} = publication;
  return {...rest, games: games === undefined ? null : {...games, absent: [...games.absent]}};
}

/** Scores are those of the partition's own edges; what is further up has none here. */
function inputBody(
  view: View,
  {inputs, states, keys, ...input}: InputNode,
  scores: ReadonlyMap<string, number>,
): InputBody {
  return {
    ...partitionsSaid(view, input.asset, keys),
    edge: input.edge,
    window: input.window,
    keys: keys.slice(0, FIRST),
    states: Object.fromEntries(states),
    version: input.version ?? null,
    rows: input.rows ?? null,
    publishedAt: input.publishedAt ?? null,
    score: scores.get(input.edge) ?? null,
    inputs: inputs === undefined ? null : inputs.map(each => inputBody(view, each, new Map())),
  };
}

/** Goes over the windows of those that read the asset: each costs its partitions once. */
function dependentsOf(
  {planned: {frame}}: View,
  asset: AssetFrame,
  ordinal: number,
): PartitionBody['dependents'] {
  return [...frame.assets.values()].flatMap(reader =>
    reader.edges.flatMap(({edge, upstream, reads}) => {
      if (upstream !== asset) return [];
      const marked = new Uint8Array(asset.keys.length);
      marked[ordinal] = 1;
      const reached = new Uint8Array(reader.keys.length);
      new Marks(reads, marked).reach(reached);
      const own = [...reached.keys()].filter(at => reached[at] === 1);
      if (own.length === 0) return [];
      const states = noStates();
      for (const at of own) states[stateAt(reader, at)]++;
      const first = own.slice(0, FIRST).map(at => keyAt(reader, at));
      return {asset: reader.asset.name, name: edge.name, count: own.length, states, first};
    }),
  );
}

/** Breadth first from the partition, an asset at a time, upstream last. */
function coneBody(view: View, {asset, key}: Place): ConeBody {
  const start = asset.ordinalOf.get(key);
  if (start === undefined) throw noSuchKey(view, {asset, key});
  const reached = new Map<AssetFrame, Set<number>>([[asset, new Set([start])]]);
  const open: {readonly asset: AssetFrame; readonly ordinals: readonly number[]}[] = [
    {asset, ordinals: [start]},
  ];
  for (let place = open.shift(); place !== undefined; place = open.shift()) {
    for (const {upstream, reads} of place.asset.edges) {
      const own = reached.get(upstream) ?? new Set<number>();
      reached.set(upstream, own);
      const fresh = place.ordinals
        .flatMap(ordinal => ordinalsRead(reads, ordinal))
        .filter(at => !own.has(at));
      for (const at of fresh) own.add(at);
      if (fresh.length > 0) open.push({asset: upstream, ordinals: [...new Set(fresh)]});
    }
  }
  return {
    assets: [...reached].map(([found, ordinals]) => ({
      asset: found.asset.name,
      count: ordinals.size,
      partitions: [...ordinals]
        .toSorted((a, b) => b - a)
        .slice(0, MOST)
        .map(at => ({
          key: keyAt(found, at),
          state: stateAt(found, at),
          version: found.published[at] === 1 ? hexAt(found.version, at) : null,
        })),
    })),
  };
}
