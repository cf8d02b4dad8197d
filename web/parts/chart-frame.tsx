/**
 * What charts along the keys of an asset have in common: scale, seasons, the place that is pointed at.
 * It does not deal with what is drawn in it.
 */
import {type KeyboardEvent, type PointerEvent, type ReactNode, useState} from 'react';
import type {AxisBody} from '../../server/schema/pipeline.ts';

export type Axis = Pick<AxisBody, 'keys' | 'seasons'>;

export const MARGIN = {left: 48, right: 8, top: 8, bottom: 20} as const;

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** The first is the lower end of the scale, the last the upper one. */
  readonly ticks: readonly number[];
}

export function ChartFrame({
  frame,
  axis,
  format,
  label,
  pointed: {at, canPick, handlers},
  hint,
  children,
}: {
  readonly frame: Frame;
  readonly axis: Axis;
  readonly format: (value: number) => string;
  /** All of it in words. */
  readonly label: string;
  readonly pointed: Pointed;
  /** Of the place that is pointed at. */
  readonly hint: ReactNode;
  readonly children: ReactNode;
}) {
  const {width, height, ticks} = frame;
  const count = Math.max(1, axis.keys.length);
  const x = (place: number) => MARGIN.left + (place * (width - MARGIN.left - MARGIN.right)) / count;
  const bottom = height - MARGIN.bottom;
  const middle = at === undefined ? undefined : x(at + 0.5);
  return (
    <div className="chart-place">
      <svg
        className="chart-frame"
        data-pickable={canPick || undefined}
        width={width}
        height={height}
        role="img"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move the pointed place.
        tabIndex={0}
        {...handlers}
      >
        {ticks.map((tick, at) => {
          const y = yOf(tick, frame);
          const text = format(tick);
          // Of steps that are smaller than what is told apart, the first is named.
          const isTold = text !== format(ticks[at - 1] ?? Number.NaN);
          return (
            <g key={tick}>
              <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y} y2={y} className="chart-grid" />
              <text x={MARGIN.left - 6} y={y} dy="0.32em" textAnchor="end" className="chart-tick">
                {isTold && text}
              </text>
            </g>
          );
        })}
        {axis.seasons.map(({season, from, to}) => (
          <g key={season}>
            {from > 0 && (
              <line x1={x(from)} x2={x(from)} y1={MARGIN.top} y2={bottom} className="chart-season" />
            )}
            {x(to) - x(from) > 44 && (
              <text x={(x(from) + x(to)) / 2} y={height - 5} textAnchor="middle" className="chart-tick">
                {season}
              </text>
            )}
          </g>
        ))}
        {children}
        {middle !== undefined && (
          <line x1={middle} x2={middle} y1={MARGIN.top} y2={bottom} className="chart-pointed" />
        )}
      </svg>
      {middle !== undefined && (
        <div
          className="chart-hint"
          style={middle > width / 2 ? {right: width - middle + 8} : {left: middle + 8}}
        >
          {hint}
        </div>
      )}
    </div>
  );
}

/** As high as a chart, where there is nothing to draw. */
export function ChartWithout({name}: {readonly name: string}) {
  return <p className="chart-without">No {name} yet: nothing is published.</p>;
}

/** How far down a value stands. */
export function yOf(value: number, {height, ticks}: Frame): number {
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const tall = height - MARGIN.top - MARGIN.bottom;
  return MARGIN.top + tall * (1 - (value - low) / (high - low));
}

/** The place that is pointed at by pointer or arrows, and what moves it. */
export interface Pointed {
  readonly at: number | undefined;
  readonly canPick: boolean;
  readonly handlers: {
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
    readonly onClick: () => void;
  };
}

/** `onPick` is told the place that is clicked, or pointed at when Enter is pressed. */
export function usePointed(frame: Frame, count: number, onPick?: (place: number) => void): Pointed {
  const [at, setAt] = useState<number>();
  const pick = () => at !== undefined && onPick?.(at);
  const press = (event: KeyboardEvent) => {
    const place = stepBy(event, at, count);
    if (place !== undefined) setAt(place);
    else if (event.key === 'Enter' && at !== undefined) pick();
    else return;
    event.preventDefault();
  };
  return {
    at,
    canPick: onPick !== undefined,
    handlers: {
      onPointerMove: event => setAt(placeAt(event, frame, count)),
      onPointerLeave: () => setAt(undefined),
      onKeyDown: press,
      onClick: pick,
    },
  };
}

/** Which of `count` places the pointer is over; undefined beside them. */
function placeAt(event: PointerEvent, {width}: Frame, count: number): number | undefined {
  const box = event.currentTarget.getBoundingClientRect();
  const share = (event.clientX - box.left - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
  return share < 0 || share >= 1 || count === 0 ? undefined : Math.floor(share * count);
}

/** Where an arrow leads; undefined for other keys. */
function stepBy({key, shiftKey}: KeyboardEvent, at: number | undefined, count: number): number | undefined {
  if (count === 0) return undefined;
  const step = shiftKey ? 10 : 1;
  const within = (place: number) => Math.min(count - 1, Math.max(0, place));
  if (key === 'ArrowRight') return within((at ?? -1) + step);
  if (key === 'ArrowLeft') return within((at ?? count) - step);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : undefined;
}
