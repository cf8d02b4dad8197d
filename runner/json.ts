/**
 * JSON held against a schema: a changed shape is an error with its place, never nulls.
 */
import type {ZodType} from 'zod';

/** Throws an error that names `place` and the first wrong path. */
export function readJson<T>(text: string, schema: ZodType<T>, place: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${place} is not JSON: it begins '${text.slice(0, 80)}'.`, {cause});
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue === undefined ? '' : issue.path.map(String).join('.');
  throw new Error(`${place} has another shape than expected at '${path}': ${issue?.message}.`);
}
