/**
 * The shape of `alerts` in `pipeline.yaml`: who is told of what goes wrong, and when.
 * It does not deal with what the values mean (manifest-alerts.ts).
 */
import * as z from 'zod';
import {ALERT_KINDS} from './alert.ts';
import {DURATION_HINT} from './duration.ts';
import {object, text} from './schema-shape.ts';

const off = z.literal('off');

const receivers = {
  slack: text('An incoming webhook of Slack, which is a secret: a variable; off: none.').optional(),
  email: z
    .union([
      off,
      object({
        smtp: text('The mail server, as smtps://user:password@mail.example.com in a variable.'),
        from: text('Who it is from, such as Gameplan <gameplan@example.com>.'),
        to: z
          .union([text('Who is told.'), z.array(z.string().min(1)).min(1)])
          .meta({description: 'One mail address, or a list of them.'}),
      }),
    ])
    .meta({description: 'Mail to those who are told; off: none.'})
    .optional(),
  webhook: z
    .union([
      off,
      object({
        url: text('Where the message is posted as JSON.'),
        headers: z
          .record(z.string(), z.string())
          .meta({description: 'Sent with it. Secrets only through environment variables.'})
          .optional(),
      }),
    ])
    .meta({description: 'An address of yours that messages are posted to; off: none.'})
    .optional(),
};

const shape = object({
  ...receivers,
  digest: text(
    "When the rest is told, as cron in the calendar's zone: '0 9 * * *' by default; off: never.",
  ).optional(),
  at_once: z
    .array(z.enum(ALERT_KINDS))
    .meta({description: 'Kinds that do not wait for the digest.'})
    .optional(),
  nothing_ran: text(
    `After how long without a pass of healing or a run that is told: ${DURATION_HINT}; off: never.`,
  ).optional(),
  page: text('The address under which gameplan serve can be reached, for links.').optional(),
});

export const alerts = z.union([off, shape]).meta({description: 'Who is told of what goes wrong, and when.'});

export type RawAlerts = z.infer<typeof shape>;
export type RawReceivers = Pick<RawAlerts, 'slack' | 'email' | 'webhook'>;
