/**
 * A line of the log for each request that is answered: what was asked and what came of it. What follows `?` is left out,
 * since people write anything there.
 */
import type {MiddlewareHandler} from 'hono';

export interface RequestLine {
  readonly severity: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
  readonly message: string;
  readonly [field: string]: unknown;
}

export type RequestLog = (line: RequestLine) => void;

export function requestLog(log: RequestLog): MiddlewareHandler {
  return async (context, next) => {
    const began = performance.now();
    await next();
    const {method, path} = context.req;
    const {status} = context.res;
    const durationMs = Math.round((performance.now() - began) * 10) / 10;
    // What only reads, and went well, is asked every few seconds by every page that is open.
    const severity =
      status >= 500 ? 'ERROR' : status >= 400 ? 'WARNING' : method === 'GET' ? 'DEBUG' : 'INFO';
    log({
      severity,
      message: `${method} ${path} ${status}`,
      event: 'request',
      method,
      path,
      status,
      durationMs,
    });
  };
}
