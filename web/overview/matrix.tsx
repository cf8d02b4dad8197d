/**
 * All assets by season, each cell a strip: where the gaps are, at a glance.
 * It does not deal with what is done about them.
 */
import './matrix.css';
import {useMergedRef} from '@mantine/hooks';
import {IconChevronRight} from '@tabler/icons-react';
import {useVirtualizer} from '@tanstack/react-virtual';
import {type KeyboardEvent, memo, useMemo, useRef} from 'react';
import {Link} from 'wouter';
import type {AssetStatusBody} from '../../server/schema/overview.ts';
import type {AxisBody, DeclaredAssetBody} from '../../server/schema/pipeline.ts';
import {assetAddress} from '../addresses.ts';
import {useChosen} from '../chosen.ts';
import {counted, number} from '../format.ts';
import {useLive} from '../live.tsx';
import {Empty} from '../parts/empty.tsx';
import {FilterText} from '../parts/filter-text.tsx';
import {MiniStrip, SEASON_GAP, SeasonStrips, useSeasonWords} from '../parts/mini-strip.tsx';
import {Section} from '../parts/section.tsx';
import {Legend} from '../parts/strip.tsx';
import {useWidth} from '../parts/use-width.ts';
import {type MatrixRow, rowsOf, seasonsOf, worstOf} from './matrix-rows.ts';

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

type Counts = ReadonlyMap<string, AssetStatusBody>;
const HEIGHTS = {group: 32, wide: 27, narrow: 46, head: 28};
const NUMBERS = 132;
/** Narrower cells would say nothing: then a row is one strip of all seasons. */
const LEAST_CELL = 22;
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

function GroupRow({
  row: {group, assets, isOpen},
  columns,
  counts,
  toggle,
}: {
  readonly row: Extract<MatrixRow, {kind: 'group'}>;
  readonly columns: readonly string[];
  readonly counts: Counts;
  readonly toggle: (group: string) => void;
}) {
  const own = assets.flatMap(({asset}) => counts.get(asset)?.states ?? []);
  return (
    <>
      <th scope="row" className="matrix-name">
        <button
          type="button"
          className="matrix-toggle"
          aria-expanded={isOpen}
          data-column={0}
          onClick={() => toggle(group)}
        >
          <IconChevronRight size={14} aria-hidden className="matrix-chevron" />
          <b>{group}</b>
          <span className="quiet">{counted(assets.length, 'asset')}</span>
        </button>
      </th>
      {isOpen ? (
        <td style={{gridColumn: `span ${Math.max(1, columns.length)}`}} className="matrix-rest" />
      ) : (
        <ClosedCells group={group} assets={assets} columns={columns} />
      )}
      <Numbers states={own} />
    </>
  );
}

/** The worst of the group at each place. */
function ClosedCells({
  group,
  assets,
  columns,
}: {
  readonly group: string;
  readonly assets: readonly DeclaredAssetBody[];
  readonly columns: readonly string[];
}) {
  const {axes, strips, stripsVersion} = useLive();
  // Most of a group lies along one axis; what lies along another has no place beside it.
  const axisName = mostOften(assets.map(({axis}) => axis));
  const axis = axes.get(axisName);
  // biome-ignore lint/correctness/useExhaustiveDependencies: strips are changed in place.
  const worst = useMemo(
    () =>
      worstOf(assets.filter(each => each.axis === axisName).flatMap(({asset}) => strips.get(asset) ?? [])),
    [assets, axisName, strips, stripsVersion],
  );
  if (axis === undefined) return null;
  return columns.length === 0 ? (
    <td className="matrix-cell matrix-wide">
      <MiniStrip asset={`the worst of ${group}`} axis={axis} bytes={worst} height={16} />
    </td>
  ) : (
    <SeasonCells name={`the worst of ${group}`} axis={axis} bytes={worst} columns={columns} />
  );
}

function mostOften(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

/** One picture, and over it a place a season, which leads to it where `to` is given. */
function SeasonCells({
  name,
  axis,
  bytes,
  columns,
  to,
}: {
  readonly name: string;
  readonly axis: AxisBody;
  readonly bytes: Uint8Array | undefined;
  readonly columns: readonly string[];
  readonly to?: (season: string) => string;
}) {
  const words = useSeasonWords(axis, bytes);
  return (
    <td className="matrix-cell" colSpan={columns.length} style={{gridColumn: `span ${columns.length}`}}>
      <SeasonStrips axis={axis} bytes={bytes} seasons={columns} height={16} />
      <div
        className="matrix-places"
        style={{gridTemplateColumns: `repeat(${columns.length}, minmax(0, 1fr))`, columnGap: SEASON_GAP}}
      >
        {columns.map((season, index) => {
          const own = words.get(season);
          if (own === undefined) return <span key={season} />;
          const text = `${name}, ${own}`;
          return to === undefined ? (
            <span key={season} role="img" aria-label={text} title={text} />
          ) : (
            <Link
              key={season}
              href={to(season)}
              data-column={index + 1}
              tabIndex={-1}
              aria-label={text}
              title={text}
            />
          );
        })}
      </div>
    </td>
  );
}

/** Rows stay as they are while others come into sight. */
const AssetRow = memo(AssetCells);

function AssetCells({
  asset: {asset, axis: axisName},
  columns,
  counts,
}: {
  readonly asset: DeclaredAssetBody;
  readonly columns: readonly string[];
  readonly counts: AssetStatusBody | undefined;
}) {
  const {axes, strips} = useLive();
  const axis = axes.get(axisName);
  const isWhole = columns.length === 0 || axis === undefined || axis.seasons.length === 0;
  return (
    <>
      <th scope="row" className="matrix-name">
        <Link href={assetAddress(asset)} data-column={0} title={asset}>
          {asset}
        </Link>
      </th>
      {isWhole ? (
        <td
          className="matrix-cell matrix-wide"
          style={columns.length === 0 ? undefined : {gridColumn: `span ${columns.length}`}}
        >
          {axis !== undefined && (
            <Link href={assetAddress(asset)} data-column={1} tabIndex={-1}>
              <MiniStrip asset={asset} axis={axis} height={16} />
            </Link>
          )}
        </td>
      ) : (
        <SeasonCells
          name={asset}
          axis={axis}
          bytes={strips.get(asset)}
          columns={columns}
          to={season => assetAddress(asset, season)}
        />
      )}
      <Numbers states={counts === undefined ? [] : [counts.states]} />
    </>
  );
}

function Numbers({states}: {readonly states: readonly AssetStatusBody['states'][]}) {
  const gaps = states.reduce((sum, each) => sum + each.missing + each.partial, 0);
  const stale = states.reduce((sum, each) => sum + each.stale, 0);
  const isKnown = states.length > 0;
  return (
    <td className="matrix-numbers number">
      <span className={gaps > 0 ? 'matrix-gaps' : 'quiet'}>{isKnown ? number(gaps) : ''}</span>
      <span className={stale > 0 ? '' : 'quiet'}>{isKnown ? number(stale) : ''}</span>
    </td>
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
