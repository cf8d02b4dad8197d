/**
 * How many partitions or batches may be at work at once: in all, of one asset, of one pool. Whoever has the least at
 * work comes first, so that nobody's slow site holds what others could use.
 * It does not deal with what is ready (schedule.ts), nor with requests to a site (site-pool.ts).
 */
import type {Asset, Concurrency, Pipeline} from '../planner/pipeline.ts';
import type {PlaceInUse} from './ledger-session.ts';

/** A site bounds its requests itself. So many times as many of its fetches may be at work: some parse, some store. */
const FETCHES_A_REQUEST = 2;

export class Slots {
  readonly #pipeline: Pick<Pipeline, 'sites' | 'pools'>;
  readonly #total: Concurrency;
  readonly #atWork = new Map<string, number>();

  constructor(pipeline: Pick<Pipeline, 'sites' | 'pools'>, total: Concurrency) {
    this.#pipeline = pipeline;
    this.#total = total;
  }

  hasRoom(asset: Asset): boolean {
    return this.#places(asset).every(([place, most]) => this.#count(place) < most);
  }

  begin(asset: Asset): void {
    for (const [place] of this.#places(asset)) this.#atWork.set(place, this.#count(place) + 1);
  }

  end(asset: Asset): void {
    for (const [place] of this.#places(asset)) this.#atWork.set(place, this.#count(place) - 1);
  }

  /** The share of its narrowest place that is taken. */
  load(asset: Asset): number {
    const own = this.#places(asset).slice(1);
    return Math.max(0, ...own.map(([place, most]) => this.#count(place) / most));
  }

  /** How many batches that need the warehouse are at work. */
  get batches(): number {
    return this.#count('batches');
  }

  /** Of what all assets share; the limits of single assets are left out. */
  inUse(): readonly PlaceInUse[] {
    const {sites, pools} = this.#pipeline;
    const place = (kind: PlaceInUse['kind'], name: string, limit: number): PlaceInUse => {
      return {kind, name, limit, inUse: this.#count(kind === 'all' ? name : `${kind} ${name}`)};
    };
    return [
      place('all', 'fetches', this.#total.fetches),
      place('all', 'batches', this.#total.batches),
      ...[...sites].map(([name, {concurrency}]) => place('site', name, concurrency * FETCHES_A_REQUEST)),
      ...[...pools].map(([name, limit]) => place('pool', name, limit)),
    ];
  }

  #count(place: string): number {
    return this.#atWork.get(place) ?? 0;
  }

  /** Each place that it takes, with how many it has room for; the first is that of all. */
  #places({name, making, site, pool, concurrency}: Asset): readonly (readonly [string, number])[] {
    const kind = making.kind === 'files' ? 'fetches' : 'batches';
    const requests = this.#pipeline.sites.get(site ?? '')?.concurrency;
    const all = [kind, this.#total[kind]] as const;
    const ofSite =
      site === undefined || requests === undefined
        ? []
        : [[`site ${site}`, requests * FETCHES_A_REQUEST] as const];
    const room = pool === undefined ? undefined : this.#pipeline.pools.get(pool);
    const ofPool = room === undefined ? [] : [[`pool ${pool}`, room] as const];
    return [all, [`asset ${name}`, concurrency ?? Number.POSITIVE_INFINITY], ...ofSite, ...ofPool];
  }
}
