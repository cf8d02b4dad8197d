import {describe, expect, test} from 'vitest';
import {chooseHealing, type HealingChoice, type LeftCause} from '../../planner/healing.ts';
import {Toy} from '../kit/toy.ts';
import type {ToySpec} from '../kit/toy-spec.ts';

const [OLD1, OLD2, NEW1, NEW2] = ['2023-11-10', '2023-11-11', '2024-01-15', '2024-01-16'] as const;
const GAMES = {
  [OLD1]: ['BOS-LAL #1'],
  [OLD2]: ['NYK-MIA #2'],
  [NEW1]: ['SEA-DEN #3'],
  [NEW2]: ['BOS-NYK #4'],
};
const DATES = [OLD1, OLD2, NEW1, NEW2];
const SITES = {stats: {url: 'https://stats.example.com'}};
const CHAIN = {
  'landing.box': {files: 'assets/box.ts', site: 'stats'},
  'raw.box': {rows: 'assets/raw.ts', upstream: {box: 'landing.box'}},
  'own.form': {upstream: {box: {asset: 'raw.box', window: 'season to date', required: false}}},
};

function toyOf({manifest, ...more}: Partial<ToySpec> = {}): Toy {
  const toy = new Toy({assets: CHAIN, manifest: {sites: SITES, ...manifest}, ...more});
  toy.calendar(GAMES);
  return toy;
}

function fill(toy: Toy, ...keys: readonly string[]): void {
  for (const asset of Object.keys(CHAIN)) {
    for (const key of keys) toy.touch(asset, key, {at: Date.parse(`${key}T23:00:00Z`) + 86_400_000});
  }
}

const choose = (toy: Toy): HealingChoice => chooseHealing(toy.planned(), request => toy.planned(request));
const chosen = (toy: Toy): readonly string[] =>
  [...choose(toy).only].flatMap(([asset, keys]) => [...keys].map(key => `${asset}@${key}`));
const left = (toy: Toy, cause: LeftCause): readonly string[] =>
  choose(toy).left.flatMap(each => (each.cause === cause ? [each.ref] : []));
const refs = (...keys: readonly string[]) =>
  Object.keys(CHAIN).flatMap(asset => keys.map(key => `${asset}@${key}`));

/** One pass: what is chosen is planned alone and made. */
function pass(toy: Toy, fails: (ref: string) => boolean = () => false): readonly string[] {
  const made = toy.run({only: choose(toy).only}, {fails});
  return [...made]
    .filter(([, outcome]) => outcome !== 'not-needed')
    .map(([ref, outcome]) => `${ref} ${outcome}`);
}

describe('how old a partition may be', () => {
  test('recent gaps are filled, and older ones told with the oldest', () => {
    const toy = toyOf();
    expect(chosen(toy)).toEqual(refs(NEW1, NEW2));
    expect(left(toy, 'too-old')).toEqual(refs(OLD1, OLD2));
    const oldest = choose(toy).left.find(({cause}) => cause === 'too-old');
    expect(new Date(oldest?.since ?? 0).toISOString()).toBe('2023-11-11T05:00:00.000Z');
  });

  test('it counts from the last change of an input', () => {
    const toy = toyOf();
    fill(toy, ...DATES);
    toy.touch('landing.box', OLD1, {version: 'ffffffffffffffff', at: toy.now - 86_400_000});
    expect(chosen(toy)).toContain(`raw.box@${OLD1}`);
    expect(left(toy, 'too-old')).toEqual([]);
  });

  test('what follows from a partition that is made is made with it, however old', () => {
    const toy = toyOf();
    fill(toy, ...DATES);
    toy.touch('landing.box', OLD1, {version: 'ffffffffffffffff', at: toy.now - 86_400_000});
    pass(toy);
    expect(chosen(toy)).toEqual([]);
    expect(toy.actions()).toEqual([]);
  });

  test('a definition that changed is not restated by itself', () => {
    const toy = toyOf();
    fill(toy, ...DATES);
    toy.change({texts: {'own.form': 'SELECT 2'}});
    expect(chosen(toy)).toEqual([NEW1, NEW2].map(key => `own.form@${key}`));
    expect(left(toy, 'too-old')).toEqual([OLD1, OLD2].map(key => `own.form@${key}`));
  });

  test('an old fetch that failed is tried when its site has answered since', () => {
    const toy = toyOf();
    fill(toy, OLD2);
    toy.fail('landing.box', OLD1, {at: toy.now - 5 * 86_400_000});
    for (const key of [NEW1, NEW2]) {
      for (const asset of Object.keys(CHAIN)) toy.touch(asset, key, {at: toy.now - 6 * 86_400_000});
    }
    expect(chosen(toy)).toEqual([]);
    toy.touch('landing.box', NEW2, {at: toy.now - 4 * 86_400_000});
    expect(chosen(toy)).toEqual(expect.arrayContaining([`landing.box@${OLD1}`, `raw.box@${OLD1}`]));
  });

  test('a season is recent until its last day', () => {
    const toy = toyOf({assets: {'raw.teams': {partition_by: 'season'}}});
    toy.at('2024-05-01T12:00:00Z');
    expect(chosen(toy)).toEqual(['raw.teams@2023-24']);
    toy.at('2024-09-01T12:00:00Z');
    expect(left(toy, 'too-old')).toEqual(['raw.teams@2023-24']);
  });
});

describe('what is left alone', () => {
  test('a second pass right after does nothing, also where partitions failed', () => {
    const toy = toyOf();
    pass(toy, ref => ref === `landing.box@${NEW1}`);
    expect(chosen(toy)).toEqual([]);
    expect(left(toy, 'tried-just-now')).toEqual([`landing.box@${NEW1}`]);
    toy.now += 2 * 3_600_000;
    expect(chosen(toy)).toContain(`landing.box@${NEW1}`);
  });

  test('what is parked is told, after as many failures as the manifest says', () => {
    const toy = toyOf({manifest: {healing: {retry_budget: 2}}});
    fill(toy, OLD1, OLD2, NEW2);
    for (const asset of ['landing.box']) toy.touch(asset, NEW1);
    toy.fail('raw.box', NEW1, {at: toy.now - 90 * 60_000});
    expect(left(toy, 'parked')).toEqual([]);
    expect(chosen(toy)).toContain(`raw.box@${NEW1}`);
    toy.fail('raw.box', NEW1, {at: toy.now - 80 * 60_000});
    expect(left(toy, 'parked')).toEqual([`raw.box@${NEW1}`]);
    expect(chosen(toy)).not.toContain(`raw.box@${NEW1}`);
  });

  test('nothing is made in quiet hours, by the clock of the calendar', () => {
    const toy = toyOf({manifest: {healing: {quiet: '17:00-23:30'}}});
    const quietAt = (instant: string) => {
      toy.at(instant);
      return choose(toy).isQuiet;
    };
    expect(quietAt('2024-02-01T21:59:00Z')).toBe(false);
    expect(quietAt('2024-02-01T22:00:00Z')).toBe(true);
    expect(quietAt('2024-02-02T04:29:00Z')).toBe(true);
    expect(quietAt('2024-02-02T04:30:00Z')).toBe(false);
    toy.change({manifest: {sites: SITES, healing: {quiet: '22:00-02:00'}}});
    expect(quietAt('2024-02-02T04:30:00Z')).toBe(true);
    expect(quietAt('2024-02-02T07:00:00Z')).toBe(false);
  });
});

describe('how many', () => {
  test('never more than allowed: the newest first, each with what it needs, and all in the end', () => {
    const toy = toyOf({manifest: {healing: {at_most: '2 partitions', auto_within: '300 days'}}});
    expect(chosen(toy)).toEqual([`landing.box@${NEW2}`, `raw.box@${NEW2}`]);
    expect(left(toy, 'over-budget')).toHaveLength(10);
    let passes = 0;
    for (; chosen(toy).length > 0; passes++) {
      const choice = choose(toy);
      expect(choice.making + choice.following).toBeLessThanOrEqual(2);
      pass(toy);
    }
    expect(toy.actions()).toEqual([]);
    expect(passes).toBeGreaterThanOrEqual(6);
  });

  test('what only waits takes no place from what can be made', () => {
    const manifest = {sites: SITES, healing: {at_most: 1, auto_within: '10 days'}};
    const assets = {
      'raw.box': {},
      'raw.odds': {},
      'own.both': {upstream: {box: 'raw.box', odds: 'raw.odds'}},
    };
    const toy = toyOf({assets, manifest});
    for (const key of DATES) toy.touch('raw.odds', key);
    toy.touch('raw.box', NEW1);
    expect(chosen(toy)).toEqual([`own.both@${NEW1}`]);
    expect(left(toy, 'too-old')).toContain(`raw.box@${NEW2}`);
    expect(left(toy, 'waiting')).toContain(`own.both@${NEW2}`);
    expect(left(toy, 'over-budget')).toEqual([]);
  });

  test('sources on demand go with what may turn to them', () => {
    const source = (name: string) => ({name, upstream: `landing.${name}`});
    const assets = {
      'landing.nba': {files: 'assets/nba.ts', site: 'stats'},
      'landing.bdl': {files: 'assets/bdl.ts', site: 'stats'},
      'raw.box': {rows: 'assets/box.ts', sources: [source('nba'), source('bdl')]},
    };
    const toy = toyOf({assets, manifest: {healing: {at_most: 4}}});
    expect(chosen(toy)).toEqual([
      ...[NEW1, NEW2].map(key => `landing.nba@${key}`),
      ...['landing.bdl', 'raw.box'].map(asset => `${asset}@${NEW2}`),
    ]);
  });
});
