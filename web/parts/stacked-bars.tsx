/**
 * How often each of a few kinds occurs along the keys of an asset, as bars of parts that lie on each other.
 * It does not deal with what the kinds are.
 */
import './chart.css';
import {useMemo} from 'react';
import {number, percent} from '../../planner/amount.ts';
import {columnsOf, countsOf} from '../chart-columns.ts';
import {type Axis, ChartFrame, ChartWithout, type Frame, MARGIN, usePointed} from './chart-frame.tsx';
import {useWidth} from './use-width.ts';

export interface Kind {
  /** As it stands among the values. */
  readonly value: number;
  readonly name: string;
  readonly colour: string;
}

/** Narrower bars are not told apart. */
const BAR = 6;

export function StackedBars({
  name,
  axis,
  values,
  kinds,
}: {
  readonly name: string;
  readonly axis: Axis;
  /** By place on the axis; what is none of the kinds is left out. */
  readonly values: readonly number[];
  /** From the ground up. */
  readonly kinds: readonly Kind[];
}) {
  const [ref, width] = useWidth();
  const frame: Frame = {width: Math.max(width, 120), height: 132, ticks: [0, 0.5, 1]};
  const inner = frame.width - MARGIN.left - MARGIN.right;
  const columns = useMemo(() => columnsOf(values.length, Math.max(1, inner / BAR)), [values.length, inner]);
  const counts = useMemo(
    () =>
      countsOf(
        values,
        columns,
        kinds.map(({value}) => value),
      ),
    [values, columns, kinds],
  );
  const totals = kinds.map((_, place) => counts.reduce((sum, column) => sum + (column[place] ?? 0), 0));
  const whole = totals.reduce((sum, total) => sum + total, 0);
  const shares = kinds.map((kind, place) => `${kind.name} ${percent(totals[place] ?? 0, whole)}`);
  const pointed = usePointed(frame, values.length);
  const {at} = pointed;
  const column = at === undefined ? -1 : columns.findIndex(({from, to}) => at >= from && at < to);
  return (
    <div className="chart" ref={ref}>
      {whole === 0 ? (
        <ChartWithout name={name} />
      ) : (
        <>
          <ChartFrame
            frame={frame}
            axis={axis}
            format={share => `${Math.round(share * 100)}%`}
            label={`${name}: ${shares.join(', ')}`}
            pointed={pointed}
            hint={
              <Hint
                from={axis.keys[columns[column]?.from ?? 0] ?? ''}
                to={axis.keys[(columns[column]?.to ?? 1) - 1] ?? ''}
                kinds={kinds}
                counts={counts[column] ?? []}
              />
            }
          >
            {kinds.map(({name: kind, colour}, place) => (
              <path key={kind} d={partsOf(counts, place, frame)} fill={colour} />
            ))}
          </ChartFrame>
          <ul className="chart-legend">
            {kinds.map(({name: kind, colour}, place) => (
              <li key={kind}>
                <span className="chart-legend-swatch" style={{background: colour}} aria-hidden />
                {kind} <span className="quiet number">{number(totals[place] ?? 0)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** One path for all parts of a kind. */
function partsOf(counts: readonly (readonly number[])[], place: number, {width, height}: Frame): string {
  const inner = width - MARGIN.left - MARGIN.right;
  const tall = height - MARGIN.top - MARGIN.bottom;
  const wide = inner / counts.length;
  const gap = wide > 4 ? 1 : 0;
  return counts
    .map((column, index) => {
      const whole = column.reduce((sum, count) => sum + count, 0);
      const own = column[place] ?? 0;
      if (own === 0) return '';
      const below = column.slice(0, place).reduce((sum, count) => sum + count, 0);
      const x = MARGIN.left + index * wide;
      const y = MARGIN.top + tall * (1 - (below + own) / whole);
      const high = (tall * own) / whole;
      return `M${x.toFixed(1)},${y.toFixed(1)}h${(wide - gap).toFixed(1)}v${high.toFixed(1)}h-${(wide - gap).toFixed(1)}Z`;
    })
    .join('');
}

function Hint({
  from,
  to,
  kinds,
  counts,
}: {
  readonly from: string;
  readonly to: string;
  readonly kinds: readonly Kind[];
  readonly counts: readonly number[];
}) {
  const used = kinds.flatMap(({name}, place) =>
    (counts[place] ?? 0) > 0 ? [`${name} ${counts[place]}`] : [],
  );
  return (
    <>
      <strong>{from === to ? from : `${from} … ${to}`}</strong>{' '}
      {used.length === 0 ? 'nothing published' : used.join(', ')}
    </>
  );
}
