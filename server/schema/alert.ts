/**
 * Alerts as they stand: what is open, what was told, and who is told.
 * It does not deal with how they are found.
 */
import {z} from '@hono/zod-openapi';
import {ALERT_KINDS} from '../../planner/alert.ts';
import {count} from './common.ts';

const severity = z.enum(['critical', 'warning', 'info']);
const receiver = z.enum(['slack', 'email', 'webhook']);

const openAlert = z
  .object({
    kind: z.enum(ALERT_KINDS),
    severity,
    cause: z.string(),
    /** An asset, a source, the pipeline, or `run`. */
    about: z.string(),
    isAsset: z.boolean(),
    count,
    /** Of those, how many nobody was told of yet. */
    waiting: count,
    since: z.number(),
    /** Merged, as text; empty where it is about no partitions. */
    ranges: z.string(),
  })
  .openapi('OpenAlert');
export type OpenAlertBody = z.infer<typeof openAlert>;

const toldAlert = z
  .object({
    id: z.string(),
    at: z.number(),
    why: z.enum(['at-once', 'digest', 'test']),
    severity,
    title: z.string(),
    topics: z.array(z.object({title: z.string(), severity, cause: z.string(), lines: z.array(z.string())})),
    runs: z.array(z.string()),
    deliveries: z.array(
      z.object({
        receiver,
        state: z.enum(['waiting', 'delivered', 'given-up']),
        tries: count,
        error: z.string().nullable(),
      }),
    ),
  })
  .openapi('ToldAlert');
export type ToldAlertBody = z.infer<typeof toldAlert>;

const alertReceiver = z
  .object({
    kind: receiver,
    /** Why nothing can be sent from here. */
    trouble: z.string().nullable(),
    waiting: count,
    tries: count,
    error: z.string().nullable(),
    nextAt: z.number().nullable(),
    deliveredAt: z.number().nullable(),
  })
  .openapi('AlertReceiver');
export type AlertReceiverBody = z.infer<typeof alertReceiver>;

export const alerts = z
  .object({
    /** The manifest says that nobody is told. */
    isOff: z.boolean(),
    open: z.array(openAlert),
    told: z.array(toldAlert),
    receivers: z.array(alertReceiver),
    digestAt: z.number().nullable(),
  })
  .openapi('Alerts');
export type AlertsBody = z.infer<typeof alerts>;
