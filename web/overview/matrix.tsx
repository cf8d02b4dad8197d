/**
 * All assets by season, each cell a strip: where the gaps are, at a glance.
 * It does not deal with what is done about them.
 */
import './matrix.css';
import {useMergedRef} from '@mantine/hooks';
import {useVirtualizer} from '@tanstack/react-virtual';
import {type KeyboardEvent, useMemo, useRef} from 'react';
import type {AssetStatusBody} from '../../server/schema/overview.ts';
import {useChosen} from '../chosen.ts';
import {useLive} from '../live.tsx';
import {Empty} from '../parts/empty.tsx';
import {FilterText} from '../parts/filter-text.tsx';
import {Section} from '../parts/section.tsx';
import {Legend} from '../parts/strip.tsx';
import {useWidth} from '../parts/use-width.ts';
import {AssetRow, type Counts, GroupRow} from './matrix-cells.tsx';
import {type MatrixRow, rowsOf, seasonsOf} from './matrix-rows.ts';

/** `status`: the counts, once they are there. */
export function Matrix({status}: {readonly status: readonly AssetStatusBody[] | undefined}) {
  const {pipeline, axes} = useLive();
  const {of, choose} = useChosen();
  const filter = of('find');
  const closed = of('closed');
  const rows = useMemo(
    () => rowsOf(pipeline, filter, new Set(closed.split(','))),
    [pipeline, filter, closed],
  );
  const seasons = useMemo(() => seasonsOf(axes), [axes]);
  const counts = useMemo(() => new Map(status?.map(each => [each.asset, each])), [status]);
  const toggle = (group: string) => {
    const after = new Set(closed.split(',').filter(Boolean));
    if (!after.delete(group)) after.add(group);
    choose({closed: [...after].join(',')});
  };
  return (
    <Section
      title="Assets by season"
      aside={
        <FilterText
          value={filter}
          onChoose={find => choose({find})}
          size="xs"
          w={220}
          placeholder="Filter assets"
          aria-label="Filter assets"
        />
      }
    >
      {rows.length === 0 ? (
        <Empty title={filter === '' ? 'No asset is declared.' : `No asset matches '${filter}'.`}>
          {filter === ''
            ? 'Declare one in pipeline.yaml.'
            : 'Each word must stand in the name, the group or a tag of an asset.'}
        </Empty>
      ) : (
        <Body rows={rows} seasons={seasons} counts={counts} toggle={toggle} />
      )}
      <div className="matrix-legend">
        <Legend isWithQuality={false} />
      </div>
    </Section>
  );
}

const HEIGHTS = {group: 32, wide: 27, narrow: 46, head: 28};
const NUMBERS = 132;
/** The name of a season does not fit over narrower cells: then a row is one strip of all seasons. */
const LEAST_CELL = 52;
const WHOLE: readonly string[] = [];

function Body({
  rows,
  seasons,
  counts,
  toggle,
}: {
  readonly rows: readonly MatrixRow[];
  readonly seasons: readonly string[];
  readonly counts: Counts;
  readonly toggle: (group: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [ref, width] = useWidth();
  const name = nameWidth(rows, width);
  const isNarrow = width > 0 && width < 560;
  const columns =
    isNarrow || (width - name - NUMBERS) / Math.max(1, seasons.length) < LEAST_CELL ? WHOLE : seasons;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: index => {
      const row = rows[index];
      if (row?.kind === 'group' && (row.isOpen || !isNarrow)) return HEIGHTS.group;
      return isNarrow ? HEIGHTS.narrow : HEIGHTS.wide;
    },
    getItemKey: index => {
      const row = rows[index];
      return `${isNarrow} ${row?.kind === 'group' ? `${row.group} ${row.isOpen}` : `${row?.asset.group}/${row?.asset.asset}`}`;
    },
    paddingStart: isNarrow ? 0 : HEIGHTS.head,
    scrollPaddingStart: HEIGHTS.head,
    overscan: 8,
  });
  const template = isNarrow
    ? 'minmax(0, 1fr) 84px'
    : `${name}px repeat(${Math.max(1, columns.length)}, minmax(0, 1fr)) ${NUMBERS}px`;
  const press = (event: KeyboardEvent) => step(event, box.current, index => virtual.scrollToIndex(index));
  return (
    <div ref={useMergedRef(box, ref)} className="matrix" data-narrow={isNarrow || undefined}>
      <table
        className="matrix-table"
        style={{height: virtual.getTotalSize()}}
        aria-label="Assets by season"
        aria-rowcount={rows.length + 1}
        onKeyDown={press}
      >
        {!isNarrow && <Head columns={columns} template={template} />}
        <tbody>
          {virtual.getVirtualItems().map(({index, key, start, size}) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <tr
                key={String(key)}
                aria-rowindex={index + 2}
                data-row={index}
                className={row.kind === 'group' ? 'matrix-row matrix-group' : 'matrix-row'}
                style={{top: start, height: size, gridTemplateColumns: template}}
              >
                {row.kind === 'group' ? (
                  <GroupRow row={row} columns={columns} counts={counts} toggle={toggle} />
                ) : (
                  <AssetRow asset={row.asset} columns={columns} counts={counts.get(row.asset.asset)} />
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** As wide as the longest name, and never more than a third. */
function nameWidth(rows: readonly MatrixRow[], width: number): number {
  const longest = rows.reduce(
    (most, row) => Math.max(most, row.kind === 'asset' ? row.asset.asset.length : 0),
    0,
  );
  return Math.round(Math.min(Math.max(190, longest * LETTER + 28), Math.max(190, width / 3)));
}

const LETTER = 7.4;

function Head({columns, template}: {readonly columns: readonly string[]; readonly template: string}) {
  return (
    <thead className="matrix-head">
      <tr aria-rowindex={1} style={{gridTemplateColumns: template}}>
        <th scope="col">Asset</th>
        {columns.length === 0 ? (
          <th scope="col">All seasons</th>
        ) : (
          columns.map(season => (
            <th scope="col" key={season}>
              {season}
            </th>
          ))
        )}
        <th scope="col" className="matrix-numbers">
          <span>gaps</span>
          <span>stale</span>
        </th>
      </tr>
    </thead>
  );
}

/** Arrow keys go from cell to cell; a row that is not there yet is scrolled to first. */
function step(event: KeyboardEvent, box: HTMLElement | null, scrollTo: (index: number) => void): void {
  const by = {ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0]}[event.key];
  const from = event.target instanceof HTMLElement ? event.target : undefined;
  const column = Number(from?.dataset['column']);
  const row = Number(from?.closest<HTMLElement>('[data-row]')?.dataset['row']);
  if (by === undefined || box === null || Number.isNaN(column) || Number.isNaN(row)) return;
  event.preventDefault();
  const [down = 0, right = 0] = by;
  const find = () => {
    const cells = box.querySelectorAll<HTMLElement>(`[data-row="${row + down}"] [data-column]`);
    return [...cells].findLast(cell => Number(cell.dataset['column']) <= column + right);
  };
  if (row + down >= 0) scrollTo(row + down);
  requestAnimationFrame(() => find()?.focus({preventScroll: true}));
}
