/**
 * The strip: a cell a partition along its axis, for looking, pointing, selecting and opening.
 * It does not deal with calendars (calendar-strip.tsx) nor with small pictures (mini-strip.tsx).
 */
import './strip.css';
import {useEffect, useId, useMemo, useRef, useState} from 'react';
import {useLocation} from 'wouter';
import {number} from '../../planner/amount.ts';
import type {AxisBody} from '../../server/schema/pipeline.ts';
import {partitionAddress} from '../addresses.ts';
import {useLive} from '../live.tsx';
import {type Scale, scaleOf} from '../looks.ts';
import type {Ordinals} from '../selection.ts';
import {type Level, type Span, summaryOf, wholeSpan} from '../strip-layout.ts';
import {PartitionCard} from './partition-card.tsx';
import {StripCard} from './strip-card.tsx';
import {useScheme} from './strip-palette.ts';
import {StripScene} from './strip-scene.ts';
import {summaryText, useSummary} from './strip-words.ts';

export interface StripProps {
  readonly asset: string;
  readonly axis: AxisBody;
  /** The asset's own states, unless others are given. */
  readonly bytes?: Uint8Array | undefined;
  /** States, or actions of a plan. */
  readonly of?: 'states' | 'plan';
  /** One season alone. */
  readonly season?: string | undefined;
  /** In pixels; of a calendar the most. */
  readonly height?: number;
  readonly selection?: Ordinals;
  /** Without it nothing can be selected, and a click opens. */
  readonly onSelect?: ((ordinals: Ordinals) => void) | undefined;
  /** Unless given, the page of the partition is opened. */
  readonly onOpen?: ((key: string) => void) | undefined;
  /** What the card of one cell says; unless given, what is said of any partition. */
  readonly describe?: ((ordinal: number) => React.ReactNode) | undefined;
}

/** Ctrl and the wheel zoom, shift and the wheel move. */
export function Strip({height = 28, ...props}: StripProps) {
  return <LiveStrip {...props} level="line" height={height} />;
}

/** With what is live around it: the asset's bytes, what a cell's card says, and the page that it opens. */
export function LiveStrip({
  asset,
  bytes,
  of = 'states',
  onOpen,
  describe,
  ...rest
}: StripProps & {readonly level: Level | 'line'; readonly height: number}) {
  const {strips, stripsVersion} = useLive();
  const [, go] = useLocation();
  return (
    <StripView
      {...rest}
      asset={asset}
      bytes={bytes ?? strips.get(asset)}
      version={stripsVersion}
      scale={scaleOf(of)}
      onOpen={onOpen ?? (key => go(partitionAddress(asset, key)))}
      describe={
        describe ?? (ordinal => <PartitionCard asset={asset} partitionKey={rest.axis.keys[ordinal] ?? ''} />)
      }
    />
  );
}

const NONE: Ordinals = [];

/** All that is seen comes in as properties. */
export function StripView({
  asset,
  axis,
  bytes,
  version,
  scale,
  level,
  season,
  height,
  selection = NONE,
  onSelect,
  onOpen,
  describe,
}: Omit<StripProps, 'of'> & {
  readonly level: Level | 'line';
  readonly height: number;
  readonly scale: Scale;
  /** Another one where bytes were changed in place. */
  readonly version: number;
}) {
  const scheme = useScheme();
  const host = useRef<HTMLDivElement>(null);
  const room = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const [scene, setScene] = useState<StripScene>();
  const help = useId();
  const input = {axis, bytes, version, scale, scheme, level, season, height, selection, onSelect, onOpen};
  const latest = useRef(input);
  latest.current = input;
  useEffect(() => {
    if (host.current === null || room.current === null || canvas.current === null || marks.current === null)
      return;
    const places = {
      host: host.current,
      room: room.current,
      canvas: canvas.current,
      marks: marks.current,
    };
    const made = new StripScene(places, latest.current);
    setScene(made);
    return () => made.close();
  }, []);
  useEffect(() => scene?.update(latest.current));
  const whole = wholeSpan(axis, season);
  const summary = useSummary(bytes, whole, scale, version);
  const summarize = (span: Span) => summaryText(bytes, span, scale);
  return (
    <>
      <div
        ref={host}
        className={onSelect === undefined ? 'strip strip-still' : 'strip'}
        style={level === 'line' ? {height} : {maxHeight: height}}
        role="slider"
        tabIndex={0}
        aria-roledescription="strip"
        aria-label={`Partitions of ${asset}${season === undefined ? '' : `, season ${season}`}`}
        aria-describedby={help}
        aria-valuemin={whole.from}
        aria-valuemax={Math.max(whole.from, whole.to - 1)}
        aria-valuenow={whole.from}
        aria-valuetext={summary}
      >
        <div ref={room} className="strip-room">
          <div className="strip-pictures">
            <canvas ref={canvas} aria-hidden />
            <canvas ref={marks} aria-hidden />
          </div>
        </div>
      </div>
      <span id={help} hidden>
        Arrow keys move, n and p go to the next and the previous gap
        {onSelect !== undefined && ', shift and arrow keys select, space selects one, Escape selects none'},
        Enter opens the partition{level === 'line' && ', plus and minus zoom'}.
      </span>
      {scene !== undefined && (
        <StripCard scene={scene} axis={axis} describe={describe} summarize={summarize} />
      )}
    </>
  );
}

/** Signs are dark or light with the ground that they stand on. */
function groundOf(name: string): 'light' | 'near' | undefined {
  if (name === 'stale' || name === 'skip') return 'light';
  return ['fresh', 'exempt', 'not-due', 'none', 'run-if'].includes(name) ? 'near' : undefined;
}

/** What the colours and signs mean, with how many there are of each where `bytes` are given. */
export function Legend({
  of = 'states',
  bytes,
  isWithQuality = of === 'states',
}: {
  readonly of?: 'states' | 'plan';
  readonly bytes?: Uint8Array | undefined;
  /** Whether low quality is marked, as it is in all but small pictures. */
  readonly isWithQuality?: boolean;
}) {
  const scale = scaleOf(of);
  const {stripsVersion} = useLive();
  // biome-ignore lint/correctness/useExhaustiveDependencies: bytes are changed in place.
  const counts = useMemo(
    () =>
      new Map(
        bytes === undefined
          ? []
          : summaryOf(bytes, {from: 0, to: bytes.length}, scale).map(({rank, count}) => [rank, count]),
      ),
    [bytes, scale, stripsVersion],
  );
  const shown = bytes === undefined ? scale.looks : scale.looks.filter(({rank}) => counts.has(rank));
  return (
    <ul className="strip-legend" aria-label="Legend">
      {shown.map(({name, word, sign, rank, variable}) => (
        <li key={name}>
          <span
            className="strip-swatch"
            style={{background: `var(${variable})`}}
            data-ground={groundOf(name)}
            aria-hidden
          >
            {sign}
          </span>
          {word}
          {counts.has(rank) && <b>{number(counts.get(rank) ?? 0)}</b>}
        </li>
      ))}
      {isWithQuality && (
        <li>
          <span className="strip-swatch strip-swatch-low" aria-hidden />
          low quality
        </li>
      )}
    </ul>
  );
}
