/**
 * `GET /healthz`: whether this server does its work, for whoever watches over its process. Everybody may ask, by any
 * name: it tells nothing of the pipeline. Whether anything healed is for the ledger and an address outside to say.
 */
import {Hono} from 'hono';
import type {ClockStanding} from './healing-clock.ts';

export interface HealthBody {
  readonly status: 'ok' | 'stuck';
  readonly healing: ClockStanding | 'off';
}

export function healthRoutes({
  standing,
}: {
  /** Undefined: this server does not heal on a schedule. */
  readonly standing: () => ClockStanding | undefined;
}): Hono {
  const routes = new Hono();
  routes.get('/healthz', context => {
    const healing = standing() ?? 'off';
    const body: HealthBody = {status: healing === 'stuck' ? 'stuck' : 'ok', healing};
    context.header('Cache-Control', 'no-store');
    context.header('X-Content-Type-Options', 'nosniff');
    return context.json(body, healing === 'stuck' ? 503 : 200);
  });
  return routes;
}
