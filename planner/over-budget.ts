/**
 * Which fetches the budgets of their sites do not reach for today: the newest dates come first, as in healing, each with
 * what such a fetch has cost of late. It does not deal with requests as they are sent (runner/site.ts).
 */
import {chooseOrdinals} from './asked.ts';
import type {Deciding} from './deciding.ts';
import type {AssetFrame, Frame} from './frame.ts';
import {lastDay} from './healing-age.ts';
import type {Site} from './pipeline.ts';
import type {Plan, PlanRequest} from './plan.ts';
import {budgetDay, costOf, isOfNow, limitOf, spentOf} from './site-budget.ts';
import {wantsOf} from './want.ts';

type Beyond = ReadonlyMap<AssetFrame, ReadonlySet<number>>;

/** Worked out for a site when the first fetch of it is asked about. */
export function beyondBudgets(frame: Frame, request: PlanRequest): Deciding['beyond'] {
  const bySite = new Map<Site, Beyond>();
  return (asset, ordinal) => {
    const site = frame.pipeline.sites.get(asset.asset.site ?? '');
    if (site?.perDay === undefined || asset.asset.making.kind !== 'files') return undefined;
    const beyond = bySite.get(site) ?? findBeyond(frame, request, site);
    bySite.set(site, beyond);
    if (beyond.get(asset)?.has(ordinal) !== true) return undefined;
    return {kind: 'over-budget', site: site.name, resetsAt: budgetDay(site.perDay, frame.now).until};
  };
}

function fetchesOf({assets}: Frame, site: string): readonly AssetFrame[] {
  return [...assets.values()].filter(({asset}) => asset.site === site && asset.making.kind === 'files');
}

function findBeyond(frame: Frame, request: PlanRequest, site: Site): Beyond {
  const {spending, now} = frame;
  const beyond = new Map<AssetFrame, Set<number>>();
  const wanted = fetchesOf(frame, site.name).flatMap(asset => {
    const budget = {left: Number.POSITIVE_INFINITY};
    const deciding = {frame, asset, progress: new Map(), request, budget, beyond: () => undefined};
    const cost = costOf(spending, site.name, asset.asset.name) ?? 1;
    beyond.set(asset, new Set());
    const {running} = wantsOf(deciding, chooseOrdinals(asset, request));
    return running.map(ordinal => ({asset, ordinal, cost, day: lastDay(asset, ordinal)}));
  });
  wanted.sort((a, b) => b.day - a.day);
  let spent = spentOf(spending, site, now);
  for (const {asset, ordinal, cost} of wanted) {
    const limit = site.perDay === undefined ? 0 : limitOf(site.perDay, isOfNow(asset, ordinal));
    if (spent + cost <= limit) spent += cost;
    else beyond.get(asset)?.add(ordinal);
  }
  return beyond;
}

/** What a plan takes of a site's day. */
export interface SiteUse {
  readonly site: string;
  readonly unit: 'requests' | 'credits';
  readonly amount: number;
  readonly left: number;
  /** When it begins anew; milliseconds since 1970. */
  readonly resetsAt: number;
  /** Of the fetches that run, by what such ones have cost of late. */
  readonly takes: number;
  /** Fetches that run of assets of which nobody knows what they cost; counted as one each. */
  readonly unknown: number;
  /** Fetches that it does not reach for. */
  readonly beyond: number;
}

/** Of each site with a budget of which the plan wants something. */
export function siteUses(frame: Frame, {groups}: Pick<Plan, 'groups'>): readonly SiteUse[] {
  const {spending, now, pipeline} = frame;
  return [...pipeline.sites.values()].flatMap(site => {
    if (site.perDay === undefined) return [];
    const names: ReadonlySet<string> = new Set(fetchesOf(frame, site.name).map(({asset}) => asset.name));
    let [takes, unknown, beyond] = [0, 0, 0];
    for (const {asset, action, keys, reasons} of groups.filter(each => names.has(each.asset))) {
      const cost = costOf(spending, site.name, asset);
      if (action === 'run') {
        takes += keys.length * (cost ?? 1);
        if (cost === undefined) unknown += keys.length;
      }
      if (action === 'skip' && reasons.some(({kind}) => kind === 'over-budget')) beyond += keys.length;
    }
    if (takes + beyond === 0) return [];
    const {unit, amount} = site.perDay;
    const left = Math.max(0, amount - spentOf(spending, site, now));
    const resetsAt = budgetDay(site.perDay, now).until;
    return [{site: site.name, unit, amount, left, resetsAt, takes: Math.ceil(takes), unknown, beyond}];
  });
}
