/**
 * Names and paths within a store: segments joined by `/` that can only lead downwards.
 * It does not look at any disk (links are the store's own concern).
 */
import {StoreError} from './store.ts';

/** Segments of a relative path; a trailing slash is allowed. Throws a `StoreError` for one that could leave the store. */
export function segmentsOf(path: string, what: 'path' | 'object name'): readonly string[] {
  const segments = path.replace(/\/$/, '').split('/');
  for (const segment of segments) {
    const problem = problemOf(segment);
    if (problem !== undefined) {
      throw new StoreError(
        'name',
        `The ${what} ${JSON.stringify(path)} cannot be stored: ${problem}. Use relative names such as 'games/2024.json'.`,
      );
    }
  }
  return segments;
}

function problemOf(segment: string): string | undefined {
  if (segment === '') return 'a part of it is empty';
  if (segment === '.' || segment === '..') return `'${segment}' leads elsewhere`;
  if (segment.includes('\\')) return 'it holds a backslash';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(segment)) return 'it holds a control character';
  if (Buffer.byteLength(segment) > 200) return 'a part of it is longer than 200 bytes';
  return undefined;
}
