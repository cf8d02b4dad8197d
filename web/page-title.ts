/** What a page is called. It does not deal with what is on it. */
import {decoded} from './decoded.ts';

/** What a tab of the browser is called, by the path of the address. */
export function titleOf(path: string): string {
  const [place = '', name, key] = path
    .split('/')
    .filter(part => part !== '')
    .map(decoded);
  if (place === 'assets' && name !== undefined) return key === undefined ? name : `${name}@${key}`;
  if (place === 'runs' && name !== undefined) return `Run ${name}`;
  return place === '' ? 'Overview' : `${place.charAt(0).toUpperCase()}${place.slice(1)}`;
}
