/**
 * The attempts of a run along time: a lane an asset. Wheel, fingers or keys zoom and move it; the pointer says what is
 * under it. It does not deal with what is drawn (timeline-paint.ts).
 */
import './timeline.css';
import {Group, Text, useComputedColorScheme} from '@mantine/core';
import {useElementSize} from '@mantine/hooks';
import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import {counted, durationText} from '../../planner/amount.ts';
import {OUTCOMES} from '../../planner/ledger.ts';
import type {TimelineBody} from '../../server/schema/run.ts';
import {fullTime} from '../format.ts';
import {useLive} from '../live.tsx';
import {OutcomeBadge, outcomeColour} from '../parts/state-badge.tsx';
import {ZoomButtons} from '../parts/zoom-buttons.tsx';
import {pan, type Span, ticksOf, wholeOf, zoom} from './time-scale.ts';
import {isBadOutcome, LANE, paintTimeline} from './timeline-paint.ts';
import {attemptAt, lanesOf} from './timeline-rows.ts';

export function Timeline({
  timeline,
  startedAt,
}: {
  readonly timeline: TimelineBody;
  /** Of the run: ticks count from there. */
  readonly startedAt: number;
}) {
  const lanes = useMemo(() => lanesOf(timeline), [timeline]);
  const whole = useMemo(() => wholeOf(timeline.startedAt, timeline.endedAt), [timeline]);
  const [zoomed, setZoomed] = useState<Span>();
  // A run that goes on is seen whole until somebody zooms.
  const seen = zoomed ?? whole;
  const set = (next: Span) => setZoomed(next.from <= whole.from && next.to >= whole.to ? undefined : next);
  const middle = (seen.from + seen.to) / 2;
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={6}>
        <Text size="xs" className="quiet">
          {durationText(seen.to - seen.from)} in view, since the run began. Ctrl and the wheel zoom, drag to
          move; plus, minus, arrow keys and 0 do the same.
        </Text>
        <ZoomButtons
          size="sm"
          onIn={() => set(zoom(seen, 2, middle, whole))}
          onOut={() => set(zoom(seen, 0.5, middle, whole))}
          onAll={() => setZoomed(undefined)}
        />
      </Group>
      <div className={lanes.length > FEW ? 'timeline timeline-boxed' : 'timeline'}>
        <div className="timeline-corner" />
        <Axis seen={seen} startedAt={startedAt} />
        <div aria-hidden>
          {lanes.map(({asset}) => (
            <div key={asset} className="timeline-name" style={{height: LANE.height}} title={asset}>
              {asset}
            </div>
          ))}
        </div>
        <Lanes {...{timeline, lanes, whole, seen, set, startedAt}} />
      </div>
    </div>
  );
}

/** So many lanes are shown without a box to scroll in. */
const FEW = 45;

function Axis({seen, startedAt}: {readonly seen: Span; readonly startedAt: number}) {
  const {ref, width} = useElementSize();
  return (
    <div ref={ref} className="timeline-axis" aria-hidden>
      {ticksOf(seen, startedAt, width).map(({at, text}) => (
        <span key={at} style={{left: `${(100 * (at - seen.from)) / (seen.to - seen.from)}%`}}>
          {text}
        </span>
      ))}
    </div>
  );
}

/** Pixels of the device. */
const HIGHEST = 16_000;

interface Shown {
  readonly timeline: TimelineBody;
  readonly lanes: ReturnType<typeof lanesOf>;
  readonly whole: Span;
  readonly seen: Span;
  readonly set: (span: Span) => void;
  readonly startedAt: number;
}

function Lanes({timeline, lanes, whole, seen, set, startedAt}: Shown) {
  const {ref: box, width} = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<{attempt: number; x: number; y: number}>();
  const drag = useRef<{x: number; seen: Span}>(undefined);
  const latest = useRef({seen, whole, set});
  latest.current = {seen, whole, set};
  const height = lanes.length * LANE.height + 1;
  usePainted(canvas, {timeline, lanes, seen, startedAt, width, height});
  useZoomingWheel(canvas, latest);
  const timeAt = (x: number) => seen.from + (x / Math.max(width, 1)) * (seen.to - seen.from);
  const point = (event: PointerEvent<HTMLCanvasElement>) => {
    const {left, top} = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    if (drag.current !== undefined) {
      const {x: start, seen: from} = drag.current;
      set(pan(from, (start - x) / Math.max(width, 1), whole));
      return setPointed(undefined);
    }
    const lane = lanes[Math.floor(y / LANE.height)];
    const reach = (3 * (seen.to - seen.from)) / Math.max(width, 1);
    const isBad = (attempt: number) => isBadOutcome(timeline.outcomes[timeline.outcome[attempt] ?? 0]);
    const attempt = lane === undefined ? undefined : attemptAt(lane, timeline, timeAt(x), reach, isBad);
    setPointed(attempt === undefined ? undefined : {attempt, x, y});
  };
  const press = (event: KeyboardEvent) => {
    const next = keyed(event.key, seen, whole);
    if (next === undefined) return;
    event.preventDefault();
    set(next);
  };
  return (
    <div ref={box} className="timeline-lanes" style={{height}}>
      <canvas
        ref={canvas}
        className="timeline-canvas"
        style={{height}}
        tabIndex={0}
        role="img"
        aria-label={`${counted(timeline.asset.length, 'attempt')} of ${counted(lanes.length, 'asset')} along time. Plus and minus zoom, arrow keys move, 0 shows all. The table of attempts says the same.`}
        onKeyDown={press}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = {x: event.clientX - event.currentTarget.getBoundingClientRect().left, seen};
        }}
        onPointerMove={point}
        onPointerUp={() => {
          drag.current = undefined;
        }}
        onPointerCancel={() => {
          drag.current = undefined;
        }}
        onPointerLeave={() => setPointed(undefined)}
      />
      {pointed !== undefined && <Pointed timeline={timeline} {...pointed} width={width} />}
    </div>
  );
}

/** Under the pointer. */
function Pointed({
  timeline,
  attempt,
  x,
  y,
  width,
}: {
  readonly timeline: TimelineBody;
  readonly attempt: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}) {
  const {timezone} = useLive().pipeline;
  const [from, to] = [timeline.startedAt[attempt] ?? 0, timeline.endedAt[attempt] ?? 0];
  const outcome = timeline.outcomes[timeline.outcome[attempt] ?? 0] ?? 'succeeded';
  const isLeft = x > width / 2;
  return (
    <div
      className="timeline-card"
      style={{top: y + 14, ...(isLeft ? {right: width - x + 8} : {left: x + 8})}}
      role="status"
    >
      <b>{timeline.assets[timeline.asset[attempt] ?? 0]}</b>
      <OutcomeBadge outcome={outcome} />
      <span>took {durationText(to - from)}</span>
      <span className="quiet">{fullTime(from, timezone)}</span>
    </div>
  );
}

function keyed(key: string, seen: Span, whole: Span): Span | undefined {
  const middle = (seen.from + seen.to) / 2;
  switch (key) {
    case '+':
    case '=':
      return zoom(seen, 1.6, middle, whole);
    case '-':
      return zoom(seen, 1 / 1.6, middle, whole);
    case 'ArrowLeft':
      return pan(seen, -0.2, whole);
    case 'ArrowRight':
      return pan(seen, 0.2, whole);
    case 'Home':
      return pan(seen, -1e9, whole);
    case 'End':
      return pan(seen, 1e9, whole);
    case '0':
    case 'Escape':
      return whole;
    default:
      return undefined;
  }
}

/** Drawn anew with each frame in which anything is another. */
function usePainted(
  canvas: RefObject<HTMLCanvasElement | null>,
  {
    timeline,
    lanes,
    seen,
    startedAt,
    width,
    height,
  }: Pick<Shown, 'timeline' | 'lanes' | 'seen' | 'startedAt'> & {
    readonly width: number;
    readonly height: number;
  },
) {
  const scheme = useComputedColorScheme('light');
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page, which has another scheme.
  useEffect(() => {
    const own = canvas.current;
    if (own === null || width === 0) return;
    const frame = requestAnimationFrame(() => {
      const context = own.getContext('2d');
      if (context === null) return;
      // No browser draws on a canvas of any height.
      const ratio = Math.min(window.devicePixelRatio || 1, HIGHEST / height);
      own.width = Math.round(width * ratio);
      own.height = Math.round(height * ratio);
      paintTimeline(context, {
        timeline,
        lanes,
        seen,
        width,
        ratio,
        ...coloursOf(own),
        ticks: ticksOf(seen, startedAt, width),
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [timeline, lanes, seen, width, height, startedAt, scheme, canvas]);
}

/** A listener of React's could not keep the page from scrolling. */
function useZoomingWheel(
  canvas: RefObject<HTMLCanvasElement | null>,
  latest: RefObject<{seen: Span; whole: Span; set: (span: Span) => void}>,
) {
  useEffect(() => {
    const own = canvas.current;
    if (own === null) return;
    const turn = (event: WheelEvent) => {
      const {seen, whole, set} = latest.current;
      const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (!event.ctrlKey && !event.metaKey && !isSideways) return;
      event.preventDefault();
      if (isSideways) return set(pan(seen, (event.deltaX || event.deltaY) / own.clientWidth, whole));
      const at = seen.from + (event.offsetX / own.clientWidth) * (seen.to - seen.from);
      set(zoom(seen, 1.002 ** -event.deltaY, at, whole));
    };
    own.addEventListener('wheel', turn, {passive: false});
    return () => own.removeEventListener('wheel', turn);
  }, [canvas, latest]);
}

/** As the scheme in force has them. */
function coloursOf(element: HTMLElement) {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    colours: new Map(
      OUTCOMES.map(outcome => [outcome, read(outcomeColour(outcome).replace(/^var\((.*)\)$/, '$1'))]),
    ),
    line: read('--line'),
  };
}
