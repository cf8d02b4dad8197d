/**
 * Alerts as they stand: what is open, what was told, what is still to be delivered to whom, and which receivers are off.
 * It looks for nothing (alerts.ts) and prints nothing.
 */
import {
  ALERT_KINDS,
  ALERT_SEVERITY,
  type AlertKind,
  type AlertLine,
  type AlertSeverity,
  isStanding,
} from '../planner/alert.ts';
import type {AlertMessage} from '../planner/alert-message.ts';
import type {Frame} from '../planner/frame.ts';
import type {ReceiverKind} from '../planner/pipeline.ts';
import type {Delivery} from '../runner/ledger-alerts.ts';
import {type AlertPass, digestAfter, reachAll} from './alerts.ts';
import {keyOrderOf} from './frame-view.ts';
import {type Declared, withLedger} from './project-ledger.ts';
import {mergeRanges} from './ranges.ts';

export interface AlertsView {
  /** The manifest says that nobody is told. */
  readonly isOff: boolean;
  readonly receivers: readonly ReceiverView[];
  /** What stands or waits, the worst first. */
  readonly open: readonly OpenAlert[];
  /** The newest first. */
  readonly messages: readonly SentMessage[];
  /** When the next digest comes; null: never. Milliseconds since 1970, as all times here. */
  readonly digestAt: number | null;
}

export interface ReceiverView {
  readonly kind: ReceiverKind;
  /** Why nothing can be sent from here; null where it can. */
  readonly trouble: string | null;
  readonly waiting: number;
  /** Of the oldest that waits: how often it was tried, what came of it, and when it is tried again. */
  readonly tries: number;
  readonly error: string | null;
  readonly nextAt: number | null;
  readonly deliveredAt: number | null;
}

export interface OpenAlert {
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  readonly cause: string;
  readonly about: string;
  /** Of partitions: all of them, and those that nobody was told of yet. */
  readonly count: number;
  readonly waiting: number;
  readonly since: number;
  /** Merged; empty where it is about no partitions. */
  readonly ranges: readonly string[];
}

export interface SentMessage extends AlertMessage {
  readonly deliveries: readonly {
    readonly receiver: ReceiverKind;
    readonly state: 'waiting' | 'delivered' | 'given-up';
    readonly tries: number;
    readonly error: string | null;
    readonly at: number;
  }[];
}

export function alertsView(
  project: Declared,
  frame: Frame,
  {env, now, limit}: Pick<AlertPass, 'env' | 'now'> & {readonly limit: number},
): AlertsView {
  const read = withLedger(project, now, ledger =>
    ledger.readAlerts(alerts => {
      const messages = alerts.messages(limit);
      const oldest = messages.at(-1);
      return {
        lines: [...alerts.memory(now()).lines.values()],
        messages,
        waiting: alerts.waiting(),
        done: alerts.done(oldest === undefined ? 0 : Date.parse(oldest.at)),
      };
    }),
  );
  const {lines = [], messages = [], waiting = [], done = []} = read ?? {};
  const next = digestAfter(project, now());
  return {
    isOff: project.pipeline.alerts.isOff,
    receivers: reachAll(project, env).map(each => {
      const own = waiting.filter(({receiver}) => receiver === each.kind);
      const delivered = done.find(({receiver, error}) => receiver === each.kind && error === undefined);
      return {
        kind: each.kind,
        trouble: each.address === undefined ? each.why : null,
        waiting: own.length,
        tries: own[0]?.tries ?? 0,
        error: own[0]?.error ?? null,
        nextAt: own[0]?.nextAt ?? null,
        deliveredAt: delivered?.doneAt ?? null,
      };
    }),
    open: openOf(lines, frame),
    messages: messages.map(message => ({
      ...message,
      deliveries: [...waiting, ...done].filter(each => each.message.id === message.id).map(deliveryOf),
    })),
    digestAt: Number.isFinite(next) ? next : null,
  };
}

function openOf(lines: readonly AlertLine[], frame: Frame): readonly OpenAlert[] {
  const orderOf = keyOrderOf(frame);
  const names: ReadonlySet<string> = new Set(frame.assets.keys());
  return lines
    .map(({kind, cause, about, waiting, told, since}) => {
      const keys = [...waiting, ...told];
      return {
        kind,
        severity: ALERT_SEVERITY[kind],
        cause,
        about,
        count: keys.length,
        waiting: waiting.length,
        since,
        ranges: names.has(about) ? mergeRanges(keys, orderOf(about)) : [],
      };
    })
    .filter(({kind, waiting}) => isStanding(kind) || waiting > 0)
    .toSorted((a, b) => rank(a.kind) - rank(b.kind) || b.count - a.count || (a.about < b.about ? -1 : 1));
}

function rank(kind: AlertKind): number {
  return ALERT_KINDS.indexOf(kind);
}

function deliveryOf({receiver, tries, error, doneAt, nextAt}: Delivery): SentMessage['deliveries'][number] {
  const state = doneAt === undefined ? 'waiting' : error === undefined ? 'delivered' : 'given-up';
  return {receiver, state, tries, error: error ?? null, at: doneAt ?? nextAt};
}
