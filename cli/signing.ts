/**
 * Accepting and reopening gaps as a command asks for it: what the file says then, and which states follow.
 * It does not print (print-signing.ts) and writes nothing (known-gaps-file.ts).
 */
import {todayOf} from '../planner/accepted.ts';
import {type Accepting, chooseAccepted, entriesOf} from '../planner/accepting.ts';
import {classify} from '../planner/classify.ts';
import type {Left} from '../planner/correction.ts';
import {type AssetFrame, type Frame, frameOf, keyAt} from '../planner/frame.ts';
import {addEntries, editEntries, type GapEntry} from '../planner/known-gaps-edit.ts';
import type {LedgerSnapshot} from '../planner/ledger.ts';
import type {AssetName} from '../planner/pipeline.ts';
import type {KeyPattern} from '../planner/range-text.ts';
import {reopen} from '../planner/reopening.ts';
import {type StateChange, stateChanges} from '../planner/state-changes.ts';
import {type Project, readTriedSources} from '../report/project-ledger.ts';
import {readEdited, readGapsFile} from './known-gaps-file.ts';
import type {Who} from './who.ts';
import {Refusal, UsageError} from './world.ts';

export interface SigningRequest {
  readonly asset: AssetName;
  readonly patterns: readonly KeyPattern[];
  readonly games: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Signing {
  readonly kind: 'accept' | 'reopen';
  readonly file: string;
  readonly asset: AssetName;
  readonly by: string | undefined;
  readonly why: string | undefined;
  /** What it is about: partitions with their games; without games the whole of each. */
  readonly partitions: readonly {readonly key: string; readonly games: readonly string[]}[];
  /** Entries that go, and that come: what is edited is both. */
  readonly removed: readonly GapEntry[];
  readonly added: readonly GapEntry[];
  readonly changes: readonly StateChange[];
  /** Of the whole file. */
  readonly text: string;
  readonly frame: Frame;
}

interface Reading {
  readonly project: Project;
  readonly ledger: LedgerSnapshot;
  readonly clock: () => number;
}

/** `refuse` says why partitions are left as they are. */
export function accept(
  reading: Reading,
  request: SigningRequest & {readonly who: Who; readonly until: string | undefined},
  refuse: (left: readonly Left[]) => Refusal,
): Signing {
  const {project, ledger} = reading;
  const frame = classify({...project, ledger, now: request.now});
  const asset = frameOf(frame, request.asset);
  const {accepting, left, unknown} = chooseAccepted(frame, asset, request);
  const wrong = left.filter(({isRefused, isNamed}) => isRefused && (isNamed || accepting.length === 0));
  if (wrong.length > 0) throw refuse(wrong);
  if (accepting.length === 0) throw nothingMeant(request.asset);
  if (unknown.length > 0) {
    throw new Refusal(
      `error: No partition that is meant lacks ${unknown.join(', ')}; 'gameplan gaps ${request.asset} --json' names the games that are absent.\n`,
    );
  }
  const today = todayOf(frame, asset);
  if (request.until !== undefined && request.until <= today)
    throw new UsageError(`--until ${request.until} is not after today, ${today}.`);
  const {who, until} = request;
  const about = {reason: who.why, acceptedBy: who.by, acceptedOn: today, until};
  const entries = entriesOf(asset, accepting, {...about, tried: triedOf(reading, asset, accepting)});
  const was = readGapsFile(project);
  const text = addEntries(was, entries);
  return {
    kind: 'accept',
    partitions: accepting.map(({ordinal, games}) => ({key: keyAt(asset, ordinal), games})),
    ...who,
    removed: [],
    added: entries,
    ...followed(reading, request, {frame, text, meant: [...project.pipeline.knownGaps, ...entries]}),
  };
}

export function reopenGaps(
  reading: Reading,
  request: SigningRequest & {readonly who: Partial<Who>},
): Signing {
  const {project, ledger} = reading;
  const frame = classify({...project, ledger, now: request.now});
  const asset = frameOf(frame, request.asset);
  const {knownGaps} = project.pipeline;
  const games = request.games && new Set(request.games);
  const reopened = reopen(knownGaps, asset, {patterns: request.patterns, games});
  if (reopened.length === 0) throw nothingAccepted(project, request);
  const edited = editEntries(
    readGapsFile(project),
    reopened.map(({edit}) => edit),
  );
  const added = reopened.flatMap(({left, edit}) => left.slice(edit.lists === undefined ? 0 : 1));
  const text = addEntries(edited, added);
  const touched = new Set(reopened.map(({index}) => index));
  const meant = [
    ...knownGaps.filter((_, index) => !touched.has(index)),
    ...reopened.flatMap(({left}) => left),
  ];
  return {
    kind: 'reopen',
    partitions: reopened.flatMap(({freed}) =>
      freed.map(each => ({key: keyAt(asset, each.ordinal), games: each.games})),
    ),
    by: request.who.by,
    why: request.who.why,
    removed: reopened.map(({was}) => was),
    added: reopened.flatMap(({left}) => left),
    ...followed(reading, request, {frame, text, meant}),
  };
}

function followed(
  {project, ledger}: Reading,
  {asset, now}: SigningRequest,
  {frame, text, meant}: {readonly frame: Frame; readonly text: string; readonly meant: readonly GapEntry[]},
): Pick<Signing, 'file' | 'asset' | 'changes' | 'text' | 'frame'> {
  const knownGaps = readEdited(project, text, meant);
  const after = classify({...project, pipeline: {...project.pipeline, knownGaps}, ledger, now});
  const file = project.pipeline.target.knownGaps;
  return {file, asset, changes: stateChanges(frame, after), text, frame};
}

/** In the order of their rank. */
function triedOf(
  {project, clock}: Reading,
  asset: AssetFrame,
  accepting: readonly Accepting[],
): readonly string[] {
  const keys = accepting.map(({ordinal}) => keyAt(asset, ordinal));
  const tried = readTriedSources(project, {asset: asset.asset.name, keys}, clock);
  return (asset.asset.cascade?.sources ?? []).map(({name}) => name).filter(name => tried.has(name));
}

function nothingMeant(asset: string): Refusal {
  return new Refusal(
    `error: Nothing that is meant is a gap; 'gameplan gaps ${asset}' lists those that there are.\n`,
  );
}

function nothingAccepted({pipeline}: Project, {asset}: SigningRequest): Refusal {
  const file = pipeline.target.knownGaps;
  const own = pipeline.knownGaps.some(gap => gap.asset === asset);
  const why = own ? 'what is meant' : `any partition of '${asset}'`;
  return new Refusal(
    `error: '${file}' accepts nothing of ${why}. What is accepted through another asset is reopened there: 'gameplan explain ASSET@KEY' names it.\n`,
  );
}
