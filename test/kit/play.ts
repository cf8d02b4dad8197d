/** Plays a random history over a random project, with the oracle writing down what everything is made from. */
import {keyAt} from '../../planner/frame.ts';
import {hexAt} from '../../planner/hash.ts';
import type {PlanRequest} from '../../planner/plan.ts';
import type {KeyFilter} from '../../planner/range.ts';
import type {Selection} from '../../planner/select.ts';
import {unreachable} from '../../planner/unreachable.ts';
import {edited} from './calendar-edit.ts';
import {Oracle, ref} from './oracle.ts';
import {
  assetsOf,
  beginning,
  dateOn,
  type ProjectSeed,
  type RequestSeed,
  type Step,
} from './random-project.ts';
import {name, Toy} from './toy.ts';
import type {ToyGames} from './toy-spec.ts';

export interface Played {
  readonly toy: Toy;
  readonly oracle: Oracle;
  /** The calendar as last published; games before `boundary` are those of the first season. */
  games: ToyGames;
  boundary: string;
}

export function begin(seed: ProjectSeed): Played {
  const bounds = {
    ...(seed.start === '' ? {} : {start: seed.start}),
    ...(seed.end === '' ? {} : {end: seed.end}),
  };
  const toy = new Toy({assets: assetsOf(seed.assets), manifest: bounds});
  toy.now = beginning(seed.day);
  const played: Played = {toy, oracle: new Oracle(toy), games: {}, boundary: ''};
  publishCalendar(played, seed.games);
  return played;
}

/** The schedule comes with it, as a table whose content never changes by itself. */
function publishCalendar(played: Played, games: ToyGames): void {
  const {toy, oracle} = played;
  played.games = games;
  const early = Object.entries(games).filter(([date]) => date < played.boundary);
  const seasoned = early.map(([date, lines]) => [date, lines.map(line => `${line} @2023-24`)] as const);
  toy.calendar({...games, ...Object.fromEntries(seasoned)});
  for (const key of oracle.keys('raw.schedule')) {
    oracle.note('raw.schedule', key, versions(played).get(`raw.schedule@${key}`) ?? '');
  }
}

export function assetNames({toy}: Played): readonly string[] {
  return [...toy.pipeline.assets.keys()].filter(asset => asset !== 'raw.schedule');
}

function pick<Item>(items: readonly Item[], index: number): Item | undefined {
  return items[index % Math.max(1, items.length)];
}

interface Place {
  readonly asset: string;
  readonly key: string;
}

/** A partition of any asset; undefined where that asset has no key. */
export function pickPartition(
  played: Played,
  {asset, key}: {readonly asset: number; readonly key: number},
  among: readonly string[] = [...assetNames(played), 'raw.schedule'],
): Place | undefined {
  const chosen = pick(among, asset);
  const found = chosen === undefined ? undefined : pick(played.oracle.keys(chosen), key);
  return chosen === undefined || found === undefined ? undefined : {asset: chosen, key: found};
}

/** Whole runs, or runs of some assets, in which some attempts fail. Gaps that were signed off never fill. */
export function runSome(
  {toy, oracle}: Pick<Played, 'toy' | 'oracle'>,
  about: {
    readonly assets?: number;
    readonly from?: number;
    readonly failing?: number;
    readonly force?: boolean;
  } = {},
) {
  const {assets = 0, failing = 0, from = 0} = about;
  // Forcing fills what is accepted through its upstream, which a window already resolved passes over till the next plan.
  const force = about.force === true && toy.pipeline.knownGaps.length === 0;
  const range = from === 0 ? {} : {from: pick(oracle.calendar.dates, from)};
  const salt = toy.ledger.sequence;
  return toy.run(
    {selection: selectionOf(toy, assets), range, force},
    {
      fails: own => {
        const fails = isGap({toy, oracle}, own) || scatter(`${own} ${salt}`) % 10 < failing;
        if (fails) oracle.noteFailure(...partsOf(own), 'HTTP 500');
        return fails;
      },
      made: (asset, ordinal, version) => oracle.note(asset.asset.name, keyAt(asset, ordinal), version),
    },
  );
}

/** The assets whose bits are set; undefined, which means all, where none is. */
function selectionOf({pipeline}: Toy, bits: number, states?: ReadonlySet<'stale'>): Selection | undefined {
  const names = [...pipeline.assets.keys()].filter((_, index) => ((bits >> index) & 1) === 1);
  if (names.length === 0 && states === undefined) return undefined;
  return [{assets: new Set(names.length === 0 ? pipeline.assets.keys() : names), states}];
}

export function requestFrom({toy, oracle}: Played, seed: RequestSeed): Partial<PlanRequest> {
  const {force, missingOnly, limit, prune, allowProtected} = seed;
  const selection = selectionOf(toy, seed.assets, seed.onlyStale ? new Set(['stale']) : undefined);
  return {selection, range: rangeOf(oracle, seed), force, missingOnly, limit, prune, allowProtected};
}

function rangeOf({calendar}: Oracle, {range, at}: RequestSeed): KeyFilter {
  const date = pick(calendar.dates, at);
  switch (range) {
    case 'all':
      return {};
    case 'from':
      return {from: date};
    case 'to':
      return {to: date};
    case 'dates':
      return {keys: calendar.dates.filter((_, index) => index % 3 === at % 3)};
    case 'season':
      return {seasons: [pick(calendar.seasons, at) ?? '']};
    default:
      return unreachable(range);
  }
}

/** Whether a partition is signed off and not there; in these histories such a one never fills. */
export function isGap({oracle}: Pick<Played, 'toy' | 'oracle'>, own: string): boolean {
  return oracle.acceptedReason(...partsOf(own))?.kind === 'accepted-gap';
}

export function partsOf(own: string): readonly [asset: string, key: string] {
  const [asset = '', key = ''] = own.split('@');
  return [asset, key];
}

/** The version of everything that is published and declared, by `asset@key`. */
export function versions({toy}: Pick<Played, 'toy'>): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const asset of toy.frame().assets.values()) {
    asset.keys.forEach((key, i) => {
      if (asset.published[i] === 1) all.set(`${asset.asset.name}@${key}`, hexAt(asset.version, i));
    });
  }
  return all;
}

/** FNV-1a: the same text gives the same number on every machine. */
export function scatter(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}

export function playStep(played: Played, step: Step): void {
  const {toy} = played;
  switch (step.kind) {
    case 'run':
      runSome(played, step);
      return;
    case 'correct':
    case 'partial':
    case 'forget':
    case 'mark':
    case 'gap':
    case 'game-gap':
    case 'lose':
    case 'fail':
    case 'park':
    case 'quarantine': {
      const found = pickPartition(played, step, namesFor(played, step.kind));
      if (found !== undefined) playAt(played, step.kind, found, step.content);
      return;
    }
    case 'calendar':
      publishCalendar(played, step.games);
      return;
    case 'edit':
      if (step.edit === 'reseason') played.boundary = dateOn(1, step.day);
      publishCalendar(
        played,
        step.edit === 'reseason' ? played.games : edited(played.games, step.edit, step),
      );
      return;
    case 'rewrite':
    case 'comment': {
      const asset = pick(assetNames(played), step.asset) ?? '';
      const before = toy.spec.texts?.[asset] ?? 'SELECT a';
      const text = step.kind === 'rewrite' ? `${before} + 1` : `-- as it was\n${before} `;
      toy.change({texts: {...toy.spec.texts, [asset]: text}});
      return;
    }
    case 'wait':
      toy.now += step.hours * 3_600_000;
      return;
    default:
      unreachable(step);
  }
}

type Touching = Extract<Step, {asset: number; key: number}>['kind'];

/** Only what declares coverage can lack games. */
function namesFor(played: Played, kind: Touching): readonly string[] {
  const names = [...assetNames(played), 'raw.schedule'];
  if (kind !== 'partial' && kind !== 'game-gap') return names;
  return names.filter(asset => played.oracle.asset(asset).covers !== undefined);
}

function playAt(played: Played, kind: Touching, place: Place, content: number): void {
  const {toy, oracle} = played;
  const {asset, key} = place;
  const games = oracle.isDate(asset) ? oracle.calendar.on(key).map(({id}) => id) : [];
  switch (kind) {
    case 'correct':
      correct(played, place, content);
      return;
    case 'partial':
      publish(played, place, {content, absent: games.filter((_, i) => i !== content)});
      return;
    case 'forget':
      toy.forget(asset, key);
      oracle.book.forget(asset, key);
      return;
    case 'mark':
      mark(played, place);
      return;
    case 'gap':
      signOff(toy, {asset, keys: [key]});
      return;
    case 'lose':
      toy.forget(asset, key);
      oracle.book.forget(asset, key);
      signOff(toy, {asset, keys: [key]});
      return;
    case 'game-gap':
      if (games.length > 0)
        signOff(toy, {asset, keys: [key], games: games.filter((_, i) => i === 0 || content > 0)});
      return;
    case 'fail':
    case 'park':
      for (let tries = kind === 'park' ? 3 : 1; tries > 0; tries--) {
        toy.fail(asset, key);
        oracle.noteFailure(asset, key, 'HTTP 500');
      }
      return;
    case 'quarantine':
      toy.fail(asset, key, {quarantined: true, error: '2 rows'});
      oracle.noteFailure(asset, key, '2 rows', 'quarantined');
      return;
    default:
      unreachable(kind);
  }
}

/** What is stale is taken as it is; what is not stays as it is. */
function mark({toy, oracle}: Played, {asset, key}: Place): void {
  const made = oracle.made(asset, key);
  const isStale = oracle.verdict(asset, key).state === 'stale';
  if (toy.mark(asset, key) !== isStale) throw new Error(`${asset}@${key} is marked against the rules`);
  if (isStale) oracle.book.mark(asset, key, made);
}

/** A published partition comes out with other content, from the inputs of today. Contents come back: A, B, A. */
export function correct(played: Played, place: Place, content = 0): void {
  if (played.oracle.isPublished(place.asset, place.key)) publish(played, place, {content, absent: []});
}

function publish(
  {toy, oracle}: Played,
  {asset, key}: Place,
  {content, absent}: {readonly content: number; readonly absent: readonly string[]},
): void {
  const version = scatter(`${asset} ${key} ${content}`).toString(16).padStart(16, '0');
  oracle.note(asset, key, version, absent);
  toy.touch(asset, key, {version, absent});
}

function signOff(
  toy: Toy,
  place: {readonly asset: string; readonly keys: readonly string[]; readonly games?: readonly string[]},
): void {
  const gap = {...place, reason: 'lost', accepted_by: 'a@b.c', accepted_on: '2024-01-01'};
  const known = toy.spec.knownGaps ?? [];
  const others = known.filter(
    ({asset, keys}) => asset !== place.asset || String(keys) !== String(place.keys),
  );
  toy.change({knownGaps: others.length < known.length ? others : [...known, gap]});
}

/** The state and reasons of every declared partition where nothing is planned, by `asset@key`. */
export function verdicts({toy}: Pick<Played, 'toy'>): ReadonlyMap<string, string> {
  const {partitions} = toy.plan({all: true, limit: 0});
  return new Map(
    partitions.map(({asset, key, state, reasons}) => [ref(asset, key), JSON.stringify([state, reasons])]),
  );
}

/** Whether `asset@key` reads `other` over any edge, and so whether a change of that may show in its verdict. */
export function doesRead({oracle}: Played, asset: string, key: string, other: string): boolean {
  return oracle
    .asset(asset)
    .upstream.some(edge =>
      oracle.window(asset, edge, key).some(member => `${name(edge.upstream)}@${member.key}` === other),
    );
}
