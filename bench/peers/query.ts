/**
 * The query of an asset as the peers are given it: as short as gameplan's own, with its windows in its conditions,
 * because none of them declares what a day reads.
 */
import type {PeerAsset} from './graph.ts';

/** `tableOf` writes a table as the tool wants it; `days` is a relation of the days that are to be made. */
export function queryOf(
  asset: PeerAsset,
  {days, tableOf}: {days: string; tableOf(name: string): string},
): string {
  const [first, ...others] = asset.upstream;
  if (first === undefined) return `SELECT days_to_make.game_date, 1 AS amount FROM ${days} AS days_to_make\n`;
  const joins = others.map(({upstream, days: before}, i) => {
    const day = `u${i + 1}.game_date`;
    const reads =
      before === 0
        ? `${day} = u0.game_date`
        : `${day} < u0.game_date AND ${day} >= u0.game_date - INTERVAL ${before} DAY`;
    return `JOIN ${tableOf(upstream)} AS u${i + 1} ON ${reads}\n`;
  });
  return `SELECT u0.game_date, 1 AS amount FROM ${tableOf(first.upstream)} AS u0\n${joins.join('')}`;
}
