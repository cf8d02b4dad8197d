/**
 * Small pictures of strips: nothing of them can be pointed at, and a title says what they show.
 * It does not deal with strips that are worked with (strip.tsx).
 */
import './strip.css';
import {type RefObject, useEffect, useMemo, useRef} from 'react';
import type {AxisBody} from '../../server/schema/pipeline.ts';
import {useLive} from '../live.tsx';
import {type Scale, scaleOf} from '../looks.ts';
import {lineLayout, type Span, wholeSpan} from '../strip-layout.ts';
import {paintOver, resize} from './strip-paint.ts';
import {paletteOf, useScheme} from './strip-palette.ts';
import {summaryText, useSummary} from './strip-words.ts';

interface Shown {
  readonly asset: string;
  readonly axis: AxisBody;
  /** The asset's own states, unless others are given. */
  readonly bytes?: Uint8Array | undefined;
  readonly height?: number;
}

export function MiniStrip({
  asset,
  axis,
  bytes,
  of = 'states',
  season,
  height = 14,
}: Shown & {readonly of?: 'states' | 'plan'; readonly season?: string | undefined}) {
  const {strips, stripsVersion} = useLive();
  const scale = scaleOf(of);
  const shown = bytes ?? strips.get(asset);
  const span = wholeSpan(axis, season);
  const canvas = usePicture({axis, bytes: shown, spans: [span], gap: 0, scale, height});
  const summary = useSummary(shown, span, scale, stripsVersion);
  const text = `${asset}${season === undefined ? '' : `, ${season}`}: ${summary}`;
  return (
    <canvas ref={canvas} className="strip-mini" style={{height}} role="img" aria-label={text} title={text} />
  );
}

/** Between the seasons of a row, in pixels. */
export const SEASON_GAP = 6;

/**
 * Seasons side by side in one picture, each as wide as the others: a canvas a season would be thousands.
 * `children` lie over it, and say what each shows.
 */
export function SeasonStrips({
  axis,
  bytes,
  seasons,
  height,
}: {
  readonly axis: AxisBody;
  readonly bytes: Uint8Array | undefined;
  readonly seasons: readonly string[];
  readonly height: number;
}) {
  const spans = seasons.map(season => axis.seasons.find(each => each.season === season));
  const canvas = usePicture({axis, bytes, spans, gap: SEASON_GAP, scale: scaleOf('states'), height});
  return <canvas ref={canvas} className="strip-mini" style={{height}} aria-hidden />;
}

/** What each season shows, in words. */
export function useSeasonWords(
  axis: AxisBody | undefined,
  bytes: Uint8Array | undefined,
): ReadonlyMap<string, string> {
  const {stripsVersion} = useLive();
  // biome-ignore lint/correctness/useExhaustiveDependencies: bytes are changed in place.
  return useMemo(
    () =>
      new Map(
        axis?.seasons
          .filter(({from, to}) => from < to)
          .map(span => [span.season, `${span.season}: ${summaryText(bytes, span, scaleOf('states'))}`]),
      ),
    [axis, bytes, stripsVersion],
  );
}

interface Picture {
  readonly axis: AxisBody;
  readonly bytes: Uint8Array | undefined;
  /** Side by side; undefined where there is nothing. */
  readonly spans: readonly (Span | undefined)[];
  readonly gap: number;
  readonly scale: Scale;
  readonly height: number;
}

/** Drawn with the next frame whenever something of it is another. */
function usePicture(picture: Picture): RefObject<HTMLCanvasElement | null> {
  const {stripsVersion} = useLive();
  const scheme = useScheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(picture);
  latest.current = picture;
  const {axis, bytes, spans, scale, height} = picture;
  const places = spans.map(span => (span === undefined ? '' : `${span.from}-${span.to}`)).join();
  useEffect(() => {
    const own = canvas.current;
    if (own === null) return;
    const observer = new ResizeObserver(() => draw(own, latest.current));
    observer.observe(own);
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: bytes are changed in place, and colours are read from the page.
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (canvas.current !== null) draw(canvas.current, latest.current);
    });
    return () => cancelAnimationFrame(frame);
  }, [axis, bytes, places, scale, height, stripsVersion, scheme]);
  return canvas;
}

function draw(canvas: HTMLCanvasElement, {axis, bytes, spans, gap, scale, height}: Picture): void {
  const context = canvas.getContext('2d');
  const width = canvas.clientWidth;
  if (context === null || width === 0 || bytes === undefined) return;
  const ratio = window.devicePixelRatio || 1;
  resize(canvas, width, height, ratio);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const each = (width - gap * (spans.length - 1)) / spans.length;
  spans.forEach((span, index) => {
    if (span === undefined || span.from >= span.to) return;
    // On whole pixels of the screen: between them columns would be blurred.
    const left = Math.round(index * (each + gap) * ratio) / ratio;
    const right = Math.round((index * (each + gap) + each) * ratio) / ratio;
    const layout = {...lineLayout(axis, span, right - left, height), left, width: right};
    paintOver(context, {
      layout,
      bytes,
      scale,
      palette: paletteOf(scale),
      ratio,
      top: 0,
      height,
      isQualityShown: false,
    });
  });
}
