import fc from 'fast-check';
import {expect, test} from 'vitest';
import {chooseAccepted, entriesOf} from '../../planner/accepting.ts';
import {frameOf, keyAt} from '../../planner/frame.ts';
import {parseKnownGaps} from '../../planner/known-gaps.ts';
import {addEntries, editEntries, type GapEntry} from '../../planner/known-gaps-edit.ts';
import type {AcceptedGap} from '../../planner/pipeline.ts';
import {parseRange} from '../../planner/range-text.ts';
import {reopen} from '../../planner/reopening.ts';
import {name, Toy} from '../kit/toy.ts';

const DATES = ['2024-01-10', '2024-01-11', '2024-01-12', '2024-01-15', '2024-01-16', '2024-01-20'] as const;
const GAMES = Object.fromEntries(
  DATES.map((date, i) => [date, [`BOS-LAL #00${i}1`, `NYK-MIA #00${i}2`, `SEA-DEN #00${i}3`]]),
);
const gamesOn = (date: string) =>
  [1, 2, 3].map(n => `00${DATES.indexOf(date as (typeof DATES)[number])}${n}`);
const toy = new Toy({assets: {'raw.a': {covers: {column: 'game_id'}}, 'raw.b': {}}});
toy.calendar(GAMES);
const {assets} = toy.pipeline;

const parsed = (text: string) => {
  const {gaps, diagnostics} = parseKnownGaps({path: 'known-gaps.yaml', text}, assets);
  expect(diagnostics).toEqual([]);
  return gaps;
};

/** `asset key game reason` of all that is accepted; of a whole partition each game and `whole`. */
function said(gaps: readonly GapEntry[]): ReadonlySet<string> {
  return new Set(
    gaps.flatMap(({asset, keys, games, ...rest}) =>
      DATES.filter(date => keys.some(({from, to}) => from <= date && date <= to)).flatMap(date => {
        const {reason, tried, acceptedBy, acceptedOn, until} = rest;
        const why = JSON.stringify([reason, tried, acceptedBy, acceptedOn, until]);
        const named = games.length === 0 ? gamesOn(date) : games.filter(game => gamesOn(date).includes(game));
        return named.map(game => `${asset} ${date} ${game} ${why}`);
      }),
    ),
  );
}

const rangeText = fc
  .tuple(fc.constantFrom(...DATES), fc.constantFrom(...DATES), fc.boolean())
  .map(([a, b, isOne]) => (isOne || a === b ? a : a < b ? `${a}..${b}` : `${b}..${a}`));
const words = fc.constantFrom(
  'x',
  'a: b # c',
  "it's",
  '- [x, y] {z}',
  '0012',
  'null',
  'two\nlines',
  '*',
  '"q"',
);
const gameIds = fc.subarray(DATES.flatMap(gamesOn), {minLength: 1, maxLength: 6});

const entry = fc.record({
  asset: fc.constantFrom('raw.a', 'raw.b'),
  keys: fc.array(rangeText, {minLength: 1, maxLength: 3}),
  games: fc.option(gameIds, {nil: undefined}),
  reason: words,
  style: fc.constantFrom('flow', 'block', 'quoted', 'one line'),
});
type Written = typeof entry extends fc.Arbitrary<infer T> ? T : never;

/** As people write them, with comments that must stay where their entry does. */
function write({asset, keys, games, reason, style}: Written, at: number): string {
  const own = asset === 'raw.b' ? undefined : games;
  const about = `accepted_by: 'ann'`;
  if (style === 'one line') {
    const named = own === undefined ? '' : `games: ['${own.join("', '")}'], `;
    return `# head ${at}\n- {asset: ${asset}, keys: [${keys.join(', ')}], ${named}reason: ${JSON.stringify(reason)}, ${about}, accepted_on: 2024-01-25}\n`;
  }
  const list = (texts: readonly string[], indent: string) => {
    if (style === 'block') return `\n${texts.map(text => `${indent}- '${text}' # of ${text}`).join('\n')}`;
    return style === 'quoted'
      ? ` ['${texts.join("',\n       '")}']`
      : ` [ '${texts.join("' , '")}' ]  # list`;
  };
  return [
    `# head ${at}`,
    `- asset: ${asset}`,
    `  keys:${list(keys, '    ')}`,
    ...(own === undefined ? [] : [`  games:${list(own, '    ')}`]),
    `  reason: ${JSON.stringify(reason)}`,
    `  ${about}`,
    '  accepted_on: 2024-01-25 # on that day',
    '',
  ].join('\n');
}

const fileText = fc
  .tuple(fc.array(entry, {maxLength: 4}), fc.constantFrom('\n', ''), fc.boolean())
  .map(([entries, between, isDos]) => {
    const text = `# top\n${between}${entries.map(write).join(between)}${between}# tail\n`;
    return isDos ? text.replaceAll('\n', '\r\n') : text;
  });

const headsOf = (text: string) => text.split(/\r?\n/).filter(line => /^# (?:head|top|tail)/.test(line));

test('what is accepted is added to what the file says, and no letter of it changes', () => {
  fc.assert(
    fc.property(
      fileText,
      gameIds,
      words,
      fc.option(fc.constant('2030-01-01'), {nil: undefined}),
      (text, games, reason, until) => {
        const keys = [
          {from: '2024-01-10', to: '2024-01-10'},
          {from: '2024-01-15', to: '2024-01-20'},
        ];
        const base = {
          asset: name('raw.a'),
          reason,
          tried: ['nba', 'a, b'],
          acceptedBy: 'x: y',
          acceptedOn: '2024-02-01',
          until,
        };
        const added = [
          {...base, keys, games},
          {...base, keys, games: []},
        ];
        const edited = addEntries(text, added);
        expect(edited.startsWith(text)).toBe(true);
        const [was, is] = [parsed(text), parsed(edited)];
        expect(is.map(({at: _, ...gap}) => gap)).toEqual([...was.map(({at: _, ...gap}) => gap), ...added]);
      },
    ),
    {numRuns: 200},
  );
});

test('what is reopened is gone, all else is said as before, and comments above entries stay', () => {
  fc.assert(
    fc.property(fileText, rangeText, fc.option(gameIds, {nil: undefined}), (text, range, games) => {
      const patterns = parseRange(range).patterns ?? [];
      const was = parsed(text);
      const asset = frameOf(toy.frame(), name('raw.a'));
      const reopened = reopen(was, asset, {patterns, games: games && new Set(games)});
      const edited = addEntries(
        editEntries(
          text,
          reopened.map(({edit}) => edit),
        ),
        reopened.flatMap(({left, edit}) => left.slice(edit.lists === undefined ? 0 : 1)),
      );
      const [from = '', to = from] = range.split('..');
      const isMeant = (line: string) => {
        const [own, date = '', game = ''] = line.split(' ');
        return own === 'raw.a' && from <= date && date <= to && (games === undefined || games.includes(game));
      };
      expect(said(parsed(edited))).toEqual(new Set([...said(was)].filter(line => !isMeant(line))));
      expect(headsOf(edited)).toEqual(headsOf(text));
    }),
    {numRuns: 400},
  );
});

test('an entry that is edited keeps its other lines letter by letter', () => {
  const text = `# Signed off.

- asset: raw.a # the box scores
  keys: [2024-01-10..2024-01-20, '2024-01-11']   # a month
  reason: >
    Nobody
    has them.
  accepted_by: ann
  accepted_on: 2024-01-25

- asset: raw.b
  keys: [2024-01-12]
  reason: x
  accepted_by: ann
  accepted_on: 2024-01-25
`;
  const asset = frameOf(toy.frame(), name('raw.a'));
  const patterns = parseRange('2024-01-11,2024-01-15').patterns ?? [];
  const edits = reopen(parsed(text), asset, {patterns, games: undefined}).map(({edit}) => edit);
  expect(editEntries(text, edits)).toBe(
    text.replace(
      "[2024-01-10..2024-01-20, '2024-01-11']",
      '[2024-01-10, 2024-01-12..2024-01-14, 2024-01-16..2024-01-20]',
    ),
  );
});

test('a game that the calendar does not know stays signed off where another is reopened', () => {
  const asset = frameOf(toy.frame(), name('raw.a'));
  const [date = ''] = asset.keys;
  const [known = ''] = (asset.calendar?.games[0] ?? []).map(({id}) => id);
  const text = `- {asset: raw.a, keys: [${date}], games: ['${known}', g999], reason: x, accepted_by: y, accepted_on: 2024-01-25}\n`;
  const patterns = parseRange(date).patterns ?? [];
  const [reopened] = reopen(parsed(text), asset, {patterns, games: new Set([known])});
  expect(reopened?.left).toMatchObject([{keys: [{from: date, to: date}], games: ['g999']}]);
});

test('an empty list, and one in brackets, can grow', () => {
  const gap: AcceptedGap[] = parsed(
    '- {asset: raw.b, keys: [2024-01-12], reason: x, accepted_by: y, accepted_on: 2024-01-25}\n',
  ).slice();
  for (const text of ['', '[]\n', '# none\n[] # yet\n', '# none\n', '---\n'])
    expect(parsed(addEntries(text, gap))).toMatchObject([{asset: 'raw.b', reason: 'x'}]);
  const flow = '[{asset: raw.b, keys: [2024-01-10], reason: z, accepted_by: y, accepted_on: 2024-01-25}]\n';
  expect(parsed(addEntries(flow, gap)).map(({reason}) => reason)).toEqual(['z', 'x']);
});

test('what is accepted of a partition are the games that it lacks, and of a missing one the whole', () => {
  const own = new Toy({assets: {'raw.a': {covers: {column: 'game_id'}}}});
  own.calendar(GAMES);
  own.touch('raw.a', '2024-01-10', {absent: ['0002']});
  own.touch('raw.a', '2024-01-11');
  const frame = own.frame();
  const asset = frameOf(frame, name('raw.a'));
  const choose = (range: string, games?: readonly string[]) =>
    chooseAccepted(frame, asset, {patterns: parseRange(range).patterns ?? [], games});
  const about = {reason: 'x', tried: [], acceptedBy: 'y', acceptedOn: '2024-02-01', until: undefined};
  const {accepting, left} = choose('2024-01-*');
  expect(accepting.map(({ordinal, games}) => [keyAt(asset, ordinal), games])).toEqual([
    ['2024-01-10', ['0002']],
    ...['2024-01-12', '2024-01-15', '2024-01-16', '2024-01-20'].map(key => [key, []]),
  ]);
  expect(left.map(({key, because}) => `${key} ${because}`)).toEqual([
    '2024-01-11 it is fresh and lacks nothing',
  ]);
  expect(entriesOf(asset, accepting, about).map(({keys, games}) => ({keys, games}))).toEqual([
    {keys: [{from: '2024-01-12', to: '2024-01-20'}], games: []},
    {keys: [{from: '2024-01-10', to: '2024-01-10'}], games: ['0002']},
  ]);
  expect(choose('2024-01-10,2024-01-12', ['0002', '0021', '999'])).toMatchObject({
    accepting: [{games: ['0002']}, {games: ['0021']}],
    unknown: ['999'],
  });
  expect(choose('2024-01-10', ['0003']).left[0]?.because).toBe('it lacks none of those games; it lacks 0002');
});
