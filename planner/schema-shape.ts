/**
 * The kinds of values that the manifest's schema is put together from, each with a description for editors.
 * It does not deal with which keys there are.
 */
import * as z from 'zod';
import {DURATION_HINT, PERCENTAGE_HINT} from './duration.ts';

/** An object without other keys. The message of an unknown key lists those that there are, for the suggestion. */
export function object<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(' ');
  return z.strictObject(shape, {error: issue => (issue.code === 'unrecognized_keys' ? known : undefined)});
}

export const text = (description: string) => z.string().min(1).meta({description});
export const named = <Value extends z.ZodType>(what: string, pattern: string, value: Value) =>
  z.record(z.string(), value).meta({description: what, propertyNames: {pattern}});

export const duration = (what: string) => text(`${what}: ${DURATION_HINT}.`);
export const percentage = (what: string) => text(`${what}: ${PERCENTAGE_HINT}.`);
export const date = (what: string) => text(`${what}, as YYYY-MM-DD.`);
export const file = (what: string) => text(`${what}, as a path from the manifest's folder.`);
export const texts = (what: string) => z.array(z.string().min(1)).meta({description: what});
export const count = (what: string, least = 0) =>
  z.int().min(least).max(1_000_000_000).meta({description: what});
