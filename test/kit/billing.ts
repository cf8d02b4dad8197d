/**
 * A warehouse that bills: real DuckDB that claims what BigQuery would, so much a row staged and so much a publication.
 */
import type {Spent, Warehouse} from '../../runner/warehouse.ts';
import type {Workshop} from '../../runner/workshop.ts';

export interface Tariff {
  /** Bytes of every staging. */
  readonly staging: number;
  readonly publication: number;
}

/** Each slot millisecond stands for 1,000 bytes. */
function spentOf(bytesBilled: number, jobs: number): Spent {
  return {bytesBilled, slotMs: Math.floor(bytesBilled / 1000), jobs};
}

/** `bills` hears of each staging as it is discarded, with what it was billed. */
export function billing(
  tariff: Tariff,
  bills: (bytes: number) => void = () => undefined,
): (workshop: Workshop) => Workshop {
  const published = new Set<string>();
  const bytesOf = (relation: string): number =>
    tariff.staging + (published.has(relation) ? tariff.publication : 0);
  const wrap = (warehouse: Warehouse): Warehouse =>
    new Proxy(warehouse, {
      get(target, name) {
        if (name === 'spent')
          return ({relation}: {relation: string}) =>
            spentOf(bytesOf(relation), published.has(relation) ? 2 : 1);
        if (name === 'publish')
          return async (request: Parameters<Warehouse['publish']>[0]) => {
            await target.publish(request);
            published.add(request.staged.relation);
          };
        if (name === 'discard')
          return async (staged: Parameters<Warehouse['discard']>[0]) => {
            bills(bytesOf(staged.relation));
            await target.discard(staged);
          };
        const found: unknown = Reflect.get(target, name);
        return typeof found === 'function' ? found.bind(target) : found;
      },
    });
  return workshop => ({...workshop, warehouse: async waitMs => wrap(await workshop.warehouse(waitMs))});
}
