/**
 * What stands in a row of the matrix: of a group, or of an asset.
 * It does not deal with which rows there are (matrix-rows.ts) nor with where they stand (matrix.tsx).
 */
import {IconChevronRight} from '@tabler/icons-react';
import {memo, useMemo} from 'react';
import {Link} from 'wouter';
import {counted, number} from '../../planner/amount.ts';
import type {AssetStatusBody} from '../../server/schema/overview.ts';
import type {AxisBody, DeclaredAssetBody} from '../../server/schema/pipeline.ts';
import {assetAddress} from '../addresses.ts';
import {useLive} from '../live.tsx';
import {MiniStrip, SEASON_GAP, SeasonStrips, useSeasonWords} from '../parts/mini-strip.tsx';
import {type MatrixRow, worstOf} from './matrix-rows.ts';

export type Counts = ReadonlyMap<string, AssetStatusBody>;

export function GroupRow({
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
export const AssetRow = memo(AssetCells);

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
