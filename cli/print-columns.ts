/**
 * The declared columns of assets, as tables.
 * It does not deal with what a warehouse holds.
 */
import type {Asset} from '../planner/pipeline.ts';
import type {Paint} from './paint.ts';
import {printTable} from './table.ts';

/** Ends with a line break. */
export function printColumns(assets: readonly Asset[], paint: Paint): string {
  const blocks = assets.map(({name, columns, key, description}) => {
    const head = `${paint.name(name)}${description === undefined ? '' : `: ${description.trim()}`}`;
    if (columns.length === 0) return `${head}\n  (objects in the store, no columns)\n`;
    const table = printTable(
      {
        columns: ['column', 'type', 'unit', 'key', 'description'],
        rows: columns.map(column => [
          column.name,
          column.type,
          column.unit ?? '',
          key.includes(column.name) ? 'key' : '',
          column.description ?? '',
        ]),
      },
      paint,
    );
    return `${head}\n${table.replace(/^(?=.)/gm, '  ')}`;
  });
  return blocks.join('\n');
}
