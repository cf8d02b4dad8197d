import {expect, test} from 'vitest';
import {formatDiagnostics} from '../../planner/diagnostic.ts';
import {parseKnownGaps} from '../../planner/known-gaps.ts';
import {parseManifest} from '../../planner/manifest.ts';

const manifest = `name: toy
calendars:
  nba: {dates: [{date: 2024-01-15, season: 2023-24}]}
assets:
  raw.games: {rows: a.ts, columns: {game_date: date, game_id: string}, key: [game_id]}
`;
const {pipeline} = parseManifest({file: {path: 'pipeline.yaml', text: manifest}, target: undefined, env: {}});

const parse = (text: string) =>
  parseKnownGaps({path: 'known-gaps.yaml', text}, pipeline?.assets ?? new Map());

test('a gap has its keys as ranges, its reason and who accepted it', () => {
  const {gaps, diagnostics} = parse(`
- asset: raw.games
  keys: [2024-01-15, 2024-02-01..2024-02-03]
  reason: Nobody has them.
  tried: [nba]
  accepted_by: ops@example.com
  accepted_on: 2024-03-01
  until: 2025-01-01
`);
  expect(diagnostics).toEqual([]);
  expect(gaps).toMatchObject([
    {
      asset: 'raw.games',
      keys: [
        {from: '2024-01-15', to: '2024-01-15'},
        {from: '2024-02-01', to: '2024-02-03'},
      ],
      games: [],
      reason: 'Nobody has them.',
      acceptedBy: 'ops@example.com',
      acceptedOn: '2024-03-01',
      until: '2025-01-01',
    },
  ]);
});

test('a file with nothing in it accepts nothing', () => {
  for (const text of ['', '# none yet\n', '[]\n']) expect(parse(text)).toEqual({gaps: [], diagnostics: []});
});

test('a file that is no list is told', () => {
  expect(formatDiagnostics(parse('raw.games: [2024-01-15]\n').diagnostics)).toContain(
    'must be a list of accepted gaps',
  );
});

test('one wrong gap hides no other', () => {
  const good = '{asset: raw.games, keys: [2024-01-15], reason: x, accepted_by: y, accepted_on: 2024-03-01}';
  const {gaps, diagnostics} = parse(`- ${good}\n- {asset: raw.games, keys: [soon]}\n- ${good}\n- 7\n`);
  expect(gaps.length).toBe(2);
  expect(diagnostics.map(({code}) => code)).toEqual([
    'missing-key',
    'missing-key',
    'missing-key',
    'wrong-type',
  ]);
});
