/**
 * Values along the keys of an asset, as a line with the least and the most of what one column holds.
 * Below it stands the same in words. It does not deal with where the values come from.
 */
import './chart.css';
import {type ReactNode, useMemo} from 'react';
import {
  type Column,
  columnsOf,
  extentOf,
  medianOf,
  placeOfLeast,
  runsOf,
  ticksOf,
  type Values,
} from '../chart-columns.ts';
import {type Axis, ChartFrame, ChartWithout, type Frame, MARGIN, usePointed, yOf} from './chart-frame.tsx';
import {useWidth} from './use-width.ts';

export function LineChart({
  name,
  axis,
  values,
  format,
  from = 0,
  to,
  colour = 'var(--chart-line)',
  worst = 'least',
  onPick,
}: {
  /** What the values are, such as `quality`. */
  readonly name: string;
  readonly axis: Axis;
  /** By place on the axis. */
  readonly values: Values;
  readonly format: (value: number) => string;
  /** The ends of the scale; without `to` it is as high as the values. */
  readonly from?: number;
  readonly to?: number;
  readonly colour?: string;
  /** Which end of the values is bad, and told below. */
  readonly worst?: 'least' | 'most';
  readonly onPick?: (place: number) => void;
}) {
  const [ref, width] = useWidth();
  const frame = useMemo<Frame>(() => {
    const most = to ?? values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
    return {
      width: Math.max(width, 120),
      height: 132,
      ticks: ticksOf(from, most === from ? from + 1 : most, 3),
    };
  }, [values, from, to, width]);
  const columns = useMemo(
    () => columnsOf(values.length, Math.max(1, (frame.width - MARGIN.left - MARGIN.right) / 2)),
    [values.length, frame.width],
  );
  const paths = useMemo(() => pathsOf(values, columns, frame), [values, columns, frame]);
  const pointed = usePointed(frame, values.length, onPick);
  const {at} = pointed;
  const told = wordsOf({name, axis, values, format, worst});
  return (
    <div className="chart" ref={ref}>
      {told === undefined ? (
        <ChartWithout name={name} />
      ) : (
        <>
          <ChartFrame
            frame={frame}
            axis={axis}
            format={format}
            label={told}
            pointed={pointed}
            hint={at === undefined ? undefined : hintOf(axis.keys[at], values[at], format)}
          >
            <g style={{color: colour}}>
              {paths.bands.map(path => (
                <path key={path} d={path} className="chart-band" />
              ))}
              {paths.lines.map(path => (
                <path key={path} d={path} className="chart-line" />
              ))}
            </g>
          </ChartFrame>
          <p className="chart-words">{told}</p>
        </>
      )}
    </div>
  );
}

function pathsOf(
  values: Values,
  columns: readonly Column[],
  frame: Frame,
): {readonly bands: readonly string[]; readonly lines: readonly string[]} {
  const [low, high] = [frame.ticks[0] ?? 0, frame.ticks.at(-1) ?? 1];
  const inner = frame.width - MARGIN.left - MARGIN.right;
  const x = (column: number) => (MARGIN.left + ((column + 0.5) * inner) / columns.length).toFixed(1);
  const y = (value: number) => yOf(Math.min(high, Math.max(low, value)), frame).toFixed(1);
  const runs = runsOf(columns.map(column => extentOf(values, column)));
  return {
    bands: runs.map(run => {
      const top = run.map(([column, {most}]) => `${x(column)},${y(most)}`);
      const bottom = run.map(([column, {least}]) => `${x(column)},${y(least)}`);
      return `M${[...top, ...bottom.toReversed()].join('L')}Z`;
    }),
    // A run of one column is a point: round ends of the line show it.
    lines: runs.map(run => {
      const points = run.map(([column, {mean}]) => `${x(column)},${y(mean)}`);
      return `M${points.join('L')}${points.length === 1 ? 'h0.01' : ''}`;
    }),
  };
}

function hintOf(
  key: string | undefined,
  value: number | null | undefined,
  format: (value: number) => string,
): ReactNode {
  return (
    <>
      <strong>{key}</strong> {value === null || value === undefined ? 'not published' : format(value)}
    </>
  );
}

function wordsOf({
  name,
  axis,
  values,
  format,
  worst,
}: {
  readonly name: string;
  readonly axis: Axis;
  readonly values: Values;
  readonly format: (value: number) => string;
  readonly worst: 'least' | 'most';
}): string | undefined {
  const place = placeOfLeast(values, worst === 'least' ? 1 : -1);
  const median = medianOf(values);
  if (place === undefined || median === undefined) return undefined;
  return `${name}: median ${format(median)}, ${worst === 'least' ? 'lowest' : 'highest'} ${format(values[place] ?? 0)} (${axis.keys[place]})`;
}
