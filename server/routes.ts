/**
 * Routes with schemas, and how they refuse what the schemas do not take.
 * It does not deal with any one route.
 */
import {OpenAPIHono, type z} from '@hono/zod-openapi';
import {HTTPException} from 'hono/http-exception';
import {type RefusalBody, refusal} from './schema/common.ts';

/** An empty set of routes, to be mounted below /api/v1. */
export function newRoutes(): OpenAPIHono {
  const routes = new OpenAPIHono({
    defaultHook: (result, context) => {
      if (result.success) return undefined;
      const [first] = result.error.issues;
      const where = first === undefined || first.path.length === 0 ? '' : `${first.path.join('.')}: `;
      const details = result.error.issues
        .map(issue => `${issue.path.join('.')}: ${issue.message}`)
        .join('\n');
      const body: RefusalBody = {
        error: `${where}${first?.message ?? 'not understood'}`.slice(0, 500),
        ...(result.error.issues.length > 1 ? {details: details.slice(0, 4000)} : {}),
      };
      return context.json(body, 400);
    },
  });
  // Such as a body that is no JSON.
  routes.onError((error, context) => {
    if (!(error instanceof HTTPException)) throw error;
    const body: RefusalBody = {error: error.message};
    return context.json(body, error.status);
  });
  return routes;
}

export function jsonOf<T extends z.ZodType>(schema: T, description: string) {
  return {content: {'application/json': {schema}}, description};
}

export function bodyOf<T extends z.ZodType>(schema: T) {
  return {content: {'application/json': {schema}}, required: true};
}

export const REFUSALS = {
  400: jsonOf(refusal, 'Not understood'),
  404: jsonOf(refusal, 'There is none'),
  409: jsonOf(refusal, 'Refused'),
  429: jsonOf(refusal, 'Too much is at work'),
};
