/** Plays a random history over a random project, with the oracle writing down what everything is made from. */
import {CODE} from '../../planner/classify.ts';
import {keyAt, stateAt} from '../../planner/frame.ts';
import {hexAt} from '../../planner/hash.ts';
import type {Selection} from '../../planner/select.ts';
import {STATES} from '../../planner/state.ts';
import {unreachable} from '../../planner/unreachable.ts';
import {Oracle} from './oracle.ts';
import {assetsOf, beginning, type ProjectSeed, type Step} from './random-project.ts';
import {name, Toy} from './toy.ts';

export interface Played {
  readonly toy: Toy;
  readonly oracle: Oracle;
}

/** Undefined: the manifest is refused, as no key of an asset could ever be made. */
export function begin(seed: ProjectSeed): Played {
  const toy = new Toy({assets: assetsOf(seed.assets)});
  toy.now = beginning(seed.day);
  toy.calendar(seed.games);
  return {toy, oracle: new Oracle(toy)};
}

export function assetNames({toy}: Played): readonly string[] {
  return [...toy.pipeline.assets.keys()].filter(asset => asset !== 'raw.schedule');
}

function pick<Item>(items: readonly Item[], index: number): Item | undefined {
  return items[index % Math.max(1, items.length)];
}

/** A partition of any asset; undefined where that asset has no key. */
export function pickPartition(
  played: Played,
  {asset, key}: {readonly asset: number; readonly key: number},
): {readonly asset: string; readonly key: string} | undefined {
  const chosen = pick(assetNames(played), asset);
  const found = chosen === undefined ? undefined : pick(played.oracle.keys(chosen), key);
  return chosen === undefined || found === undefined ? undefined : {asset: chosen, key: found};
}

/** Whole runs, or runs of some assets, in which some attempts fail. Gaps that were signed off never fill. */
export function runSome(
  {toy, oracle}: Played,
  about: {readonly assets?: number; readonly failing?: number; readonly force?: boolean} = {},
) {
  const {assets = 0, failing = 0} = about;
  // Forcing fills what is accepted through its upstream, which a window already resolved passes over till the next plan.
  const force = about.force === true && toy.pipeline.knownGaps.length === 0;
  const names = [...toy.pipeline.assets.keys()].filter((_, index) => ((assets >> index) & 1) === 1);
  const selection: Selection | undefined =
    names.length === 0 ? undefined : [{assets: new Set(names), states: undefined}];
  const salt = toy.ledger.sequence;
  return toy.run(
    {selection, force},
    {
      fails: ref => {
        return isGap({toy, oracle}, ref) || scatter(`${ref} ${salt}`) % 10 < failing;
      },
      made: ({asset, ...frame}, ordinal) => oracle.note(asset.name, keyAt({asset, ...frame}, ordinal)),
    },
  );
}

/** Whether a partition is signed off and not there; in these histories such a one never fills. */
export function isGap({toy, oracle}: Played, ref: string): boolean {
  return toy.pipeline.knownGaps.some(({asset, keys}) => {
    const key = keys[0]?.from ?? '';
    return `${asset}@${key}` === ref && !oracle.isPublished(asset, key);
  });
}

/** The version of everything that is published and declared, by `asset@key`. */
export function versions({toy}: Played): ReadonlyMap<string, string> {
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
    case 'forget':
    case 'gap': {
      const found = pickPartition(played, step);
      if (found === undefined) return;
      if (step.kind === 'forget') toy.forget(found.asset, found.key);
      else if (step.kind === 'gap') signOff(toy, found);
      else correct(played, found);
      return;
    }
    case 'calendar':
      toy.calendar(step.games);
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
      toy.now += step.days * 86_400_000;
      return;
    default:
      unreachable(step);
  }
}

/** A published partition comes out with other content, from the same inputs. */
export function correct({toy, oracle}: Played, {asset, key}: {asset: string; key: string}): void {
  if (!oracle.isPublished(asset, key)) return;
  const version = scatter(`${asset} ${key} ${toy.ledger.sequence}`).toString(16).padStart(16, '0');
  toy.touch(asset, key, {version});
  oracle.note(asset, key);
}

function signOff(toy: Toy, {asset, key}: {asset: string; key: string}): void {
  const gap = {asset, keys: [key], reason: 'lost', accepted_by: 'a@b.c', accepted_on: '2024-01-01'};
  const known = toy.spec.knownGaps ?? [];
  const others = known.filter(({asset: other, keys}) => other !== asset || String(keys) !== key);
  toy.change({knownGaps: others.length < known.length ? others : [...known, gap]});
}

/** Every published and declared partition whose state contradicts the oracle, in words. */
export function contradictions({toy, oracle}: Played): readonly string[] {
  const wrong: string[] = [];
  for (const asset of toy.frame().assets.values()) {
    const own = asset.asset.name;
    if (own === 'raw.schedule') continue;
    const keys = oracle.keys(own);
    if (keys.join() !== asset.keys.join()) wrong.push(`${own} has the keys ${asset.keys}, not ${keys}`);
    asset.keys.forEach((key, i) => {
      const isExempt = oracle.isExempt(own, key);
      if ((asset.state[i] === CODE.exempt) !== isExempt) wrong.push(`${own}@${key}: exempt is ${isExempt}`);
      if (isExempt) return;
      const isAccepted = oracle.isAccepted(own, key);
      if ((asset.state[i] === CODE.accepted) !== isAccepted)
        wrong.push(`${own}@${key}: accepted is ${isAccepted}`);
      if (!oracle.isPublished(own, key)) return;
      const isStale = oracle.isStale(own, key);
      if ((asset.state[i] === CODE.stale) !== isStale) wrong.push(`${own}@${key}: stale is ${isStale}`);
    });
  }
  return wrong;
}

/** The state of every declared partition with its reasons, by `asset@key`. */
export function verdicts({toy}: Pick<Played, 'toy'>): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const asset of toy.frame().assets.values()) {
    asset.keys.forEach((key, i) => {
      all.set(
        `${asset.asset.name}@${key}`,
        JSON.stringify([stateAt(asset, i, STATES), asset.reasons.get(i)]),
      );
    });
  }
  return all;
}

/** Whether `asset@key` reads `other` over any edge, and so whether a change of that may show in its verdict. */
export function doesRead({oracle}: Played, asset: string, key: string, other: string): boolean {
  return oracle
    .asset(asset)
    .upstream.some(edge =>
      oracle.window(asset, edge, key).some(member => `${name(edge.upstream)}@${member.key}` === other),
    );
}
