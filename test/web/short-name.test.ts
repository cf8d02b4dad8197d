import {expect, test} from 'vitest';
import {shortName} from '../../web/short-name.ts';

test('a short name stays the same, is short, and differs from others', () => {
  expect(shortName('')).toBe((0x811c9dc5).toString(36));
  const names = Array.from({length: 2000}, (_, at) => shortName(`raw.games 2023-24 missing ${at}`));
  expect(new Set(names).size).toBe(2000);
  expect(names.every(name => /^[0-9a-z]{1,7}$/.test(name))).toBe(true);
});
