/**
 * What whoever shows a frame needs of it: the order of keys and assets, the zone of times, and JSON.
 * It does not print.
 */
import {type Frame, keysOf} from '../planner/frame.ts';
import {buildGraph} from '../planner/graph.ts';
import type {Pipeline} from '../planner/pipeline.ts';
import type {KeyOrder} from './ranges.ts';

/** The order of an asset's keys: its calendar's dates or seasons. */
export function keyOrderOf(frame: Frame): (asset: string) => KeyOrder {
  const orders = new Map<readonly string[], KeyOrder>();
  const byName = new Map(
    [...frame.assets].map(([name, {asset, calendar}]): [string, readonly string[]] => [
      name,
      keysOf(asset, calendar),
    ]),
  );
  return name => {
    const keys = byName.get(name) ?? [];
    const order = orders.get(keys) ?? new Map(keys.map((key, index) => [key, index]));
    orders.set(keys, order);
    return order;
  };
}

/** Where an asset stands in the order of things: after all that it reads. What the pipeline does not know is last. */
export function rankIn({assets}: Pick<Pipeline, 'assets'>): (asset: string) => number {
  const positions: ReadonlyMap<string, number> = buildGraph(assets).positions;
  return name => positions.get(name) ?? positions.size;
}

/** The zone that times are shown and schedules are read in: the first calendar's. */
export function timezoneOf({
  calendars,
}: {
  readonly calendars: ReadonlyMap<string, {readonly timezone: string}>;
}): string | undefined {
  const [first] = calendars.values();
  return first?.timezone;
}

/** One JSON document and a line break. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each), 1)}\n`;
}
