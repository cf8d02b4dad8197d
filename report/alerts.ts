/**
 * One pass of alerts over a project: looks what there is to tell, writes it into the ledger, and delivers what is due.
 * It does not decide what is told (planner/alert-*.ts) nor speak with receivers (runner/alert-send.ts).
 */
import {type AlertMemory, NO_MEMORY} from '../planner/alert.ts';
import {lookAt} from '../planner/alert-look.ts';
import {hasToTell, learn, type Telling, tell} from '../planner/alert-memory.ts';
import {type AlertMessage, fold} from '../planner/alert-message.ts';
import {type Activity, silencesIn} from '../planner/alert-silence.ts';
import {nextTime} from '../planner/cron.ts';
import {chooseHealing} from '../planner/healing.ts';
import {makePlan, planFrame} from '../planner/make-plan.ts';
import {fillVariables} from '../planner/manifest-env.ts';
import {WHOLE_REQUEST} from '../planner/plan.ts';
import type {Delivered} from '../runner/alert-delivery.ts';
import {type Reachable, reach} from '../runner/alert-receivers.ts';
import {type AlertReader, isDueAt} from '../runner/ledger-alerts.ts';
import type {LedgerReader} from '../runner/ledger-reader.ts';
import {PULSE, Watch} from '../runner/liveness.ts';
import {keyOrderOf, timezoneOf} from './frame-view.ts';
import {type Declared, type Project, withLedger, withSnapshot, writeLedger} from './project-ledger.ts';
import {mergeRanges} from './ranges.ts';

export interface AlertPass {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The most that delivering may take. Milliseconds. */
  readonly budgetMs: number;
  /** Nothing was run: it is not looked again within the hour, unless somebody else has recorded something. */
  readonly isIdle?: boolean;
}

export interface PassedOn {
  readonly message: AlertMessage | undefined;
  readonly delivered: readonly Delivered[];
}

/** A run of more partitions than these is a large one: while it is at work alerts wait for its end. */
const LARGE_RUN = 100;

/**
 * Looks, tells and delivers. It throws for nothing that a receiver does, only where the ledger cannot be used.
 */
export async function alertPass(project: Project, pass: AlertPass): Promise<PassedOn> {
  if (project.pipeline.alerts.isOff) return {message: undefined, delivered: []};
  if (pass.isIdle === true && hasLooked(project, pass)) return await alertTick(project, pass);
  return {message: lookAndTell(project, pass), delivered: await deliverAlerts(project, pass)};
}

/** As `alertPass`, but looks only where something known is to be told by now, or nothing has run: cheap, for a timer. */
export async function alertTick(project: Project, pass: AlertPass): Promise<PassedOn> {
  if (project.pipeline.alerts.isOff) return {message: undefined, delivered: []};
  const now = pass.now();
  const isDue = withLedger(project, pass.now, ledger => {
    const memory = ledger.readAlerts(alerts => alerts.memory(now));
    const live = liveRuns(ledger, now);
    const about = telling(project, {now, isBusy: isBusy(ledger, live)});
    const activity = activityIn(ledger, {live, now}) ?? [];
    return hasToTell(memory, about) || isSilent(project, {activity, memory, now});
  });
  if (isDue === undefined) return {message: undefined, delivered: []};
  const message = isDue ? lookAndTell(project, pass) : undefined;
  return {message, delivered: await deliverAlerts(project, pass)};
}

/** Marks of the last look: when it was, and what the ledger's log had come to. */
const LOOKED = 'looked';
const SEQUENCE = 'sequence';
const HOUR_MS = 3_600_000;

function hasLooked(project: Declared, {now}: AlertPass): boolean {
  const found = withLedger(project, now, ledger => {
    const {marks} = ledger.readAlerts(alerts => alerts.memory(now()));
    const isRecent = Math.abs(now() - (marks.get(LOOKED) ?? 0)) < HOUR_MS;
    return isRecent && marks.get(SEQUENCE) === ledger.sequence();
  });
  return found ?? false;
}

/** Only what waits in the ledger. */
async function deliverAlerts(project: Declared, pass: AlertPass): Promise<readonly Delivered[]> {
  const {now, budgetMs} = pass;
  const waiting = withLedger(project, now, ledger => ledger.readAlerts(alerts => alerts.waiting())) ?? [];
  const receivers = reachAll(project, pass.env).filter(({kind}) =>
    waiting.some(each => each.receiver === kind && isDueAt(each.nextAt, now())),
  );
  if (receivers.length === 0) return [];
  const {deliver} = await import('../runner/alert-delivery.ts');
  return await deliver({
    write: use => writeLedger(project, now, ledger => ledger.writeAlerts(use)),
    receivers,
    page: pageOf(project, pass.env),
    now,
    budgetMs,
  });
}

export function reachAll({pipeline}: Declared, env: AlertPass['env']): readonly Reachable[] {
  return pipeline.alerts.receivers.map(receiver => reach(receiver, env));
}

/** Where the page is served; undefined where nothing is said, or its variable is not set. */
export function pageOf({pipeline}: Declared, env: AlertPass['env']): string | undefined {
  const {page} = pipeline.alerts;
  if (page === undefined) return undefined;
  const absent = new Set<string>();
  const filled = fillVariables(page, env, {filled: new Map(), absent});
  return absent.size > 0 || !URL.canParse(filled) ? undefined : filled.replace(/\/+$/, '');
}

function lookAndTell(project: Project, {now}: AlertPass): AlertMessage | undefined {
  const at = now();
  const recorded = withLedger(project, now, ledger => recordedIn(project, ledger, at));
  const before = recorded ?? NOTHING;
  const {look, fold: folded} = withSnapshot(project, ledger => {
    const whole = makePlan({...project, ledger, now: at, request: WHOLE_REQUEST});
    const {frame} = whole;
    const choice = chooseHealing(whole, request => planFrame(frame, {...project, ledger, now: at, request}));
    const look = lookAt({
      frame,
      choice,
      ...before,
      silence: project.pipeline.alerts.silence,
      now: at,
    });
    const orderOf = keyOrderOf(frame);
    return {look, fold: (asset: string, keys: readonly string[]) => mergeRanges(keys, orderOf(asset))};
  });
  return writeLedger(project, now, ledger =>
    ledger.writeAlerts(alerts => {
      // Read again: another command may have told of the same meanwhile.
      const memory = alerts.memory(at);
      const marks = new Map([...look.marks, [LOOKED, at], [SEQUENCE, before.sequence]]);
      const told = tell(
        learn(memory, {...look, marks}, at),
        telling(project, {now: at, isBusy: before.isBusy}),
      );
      alerts.remember(memory, told.memory);
      if (told.draft === undefined) return undefined;
      const {name, target, alerts: declared} = project.pipeline;
      const message = fold(told.draft, {pipeline: name, target: target.name, now: at, rangesOf: folded});
      alerts.putMessage(
        message,
        declared.receivers.map(({kind}) => kind),
        at,
      );
      return message;
    }),
  );
}

const NOTHING = {
  memory: NO_MEMORY,
  recorded: {runs: [], tries: [], fallen: [], lastEvent: 0, activity: undefined},
  isBusy: false,
  sequence: 0,
} as const;

function recordedIn({pipeline}: Declared, ledger: LedgerReader, now: number) {
  const memory = ledger.readAlerts((alerts: AlertReader): AlertMemory => alerts.memory(now));
  const sites = new Map(
    [...pipeline.assets.values()].flatMap(({name, site}) =>
      site === undefined ? [] : [[name, site] as const],
    ),
  );
  const live = liveRuns(ledger, now);
  const recorded = ledger.alertRecord({memory, sites, atWork: live, now});
  return {
    memory,
    recorded: {...recorded, activity: activityIn(ledger, {live, now})},
    isBusy: isBusy(ledger, live),
    sequence: ledger.sequence(),
  };
}

/** Passes of healing that could do their work and runs, as far back as both are known; undefined where none ever could. */
function activityIn(
  ledger: LedgerReader,
  {live, now}: {readonly live: ReadonlySet<string>; readonly now: number},
): readonly Activity[] | undefined {
  const passes = ledger.goodPasses(NEWEST);
  if (passes.length === 0) return undefined;
  const runs = ledger.runs(NEWEST);
  // Before the oldest that was read there may be more of its kind, between what is read of the other.
  const knownSince = Math.max(...[passes, runs].map(all => all[NEWEST - 1]?.startedAt ?? 0));
  return [...passes, ...runs]
    .filter(({startedAt}) => startedAt >= knownSince)
    .map(({id, startedAt, end}) => ({
      from: startedAt,
      to: end?.endedAt ?? (live.has(id) ? now : startedAt),
    }));
}

/** Whether nothing has run for so long that it is to be told, and was not yet. */
function isSilent(
  {pipeline}: Declared,
  {
    activity,
    memory,
    now,
  }: {readonly activity: readonly Activity[]; readonly memory: AlertMemory; readonly now: number},
): boolean {
  const found = silencesIn(activity, {silence: pipeline.alerts.silence, now});
  return found.some(({once = ''}) => !memory.marks.has(once));
}

/** Runs whose processes live. */
function liveRuns(ledger: LedgerReader, now: number): ReadonlySet<string> {
  const watch = new Watch(PULSE, {clock: () => now});
  const sessions = ledger.sessions().filter(session => !watch.isDead(session));
  return new Set(sessions.map(({run}) => run));
}

/** Whether a large one is among them. */
function isBusy(ledger: LedgerReader, live: ReadonlySet<string>): boolean {
  if (live.size === 0) return false;
  return ledger.runs(live.size + NEWEST).some(({id, requested = 0}) => live.has(id) && requested > LARGE_RUN);
}

/** So many of the newest runs and passes are looked at: what is at work is among them. */
const NEWEST = 50;

function telling({pipeline}: Pick<Declared, 'pipeline'>, about: Pick<Telling, 'now' | 'isBusy'>): Telling {
  const {atOnce} = pipeline.alerts;
  return {...about, atOnce, digestAfter: time => digestAfter({pipeline}, time)};
}

/** When the next digest comes after a time; never: infinity. */
export function digestAfter({pipeline}: Pick<Declared, 'pipeline'>, time: number): number {
  const {digest} = pipeline.alerts;
  return digest === undefined
    ? Number.POSITIVE_INFINITY
    : (nextTime(digest, timezoneOf(pipeline) ?? 'UTC', time) ?? Number.POSITIVE_INFINITY);
}
