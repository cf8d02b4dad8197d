/**
 * What was made and what went wrong on each of the last thirty days.
 * It does not deal with where bars lie (trend.ts).
 */
import './trend-chart.css';
import {type KeyboardEvent, type PointerEvent, useState} from 'react';
import {number} from '../../planner/amount.ts';
import {OUTCOMES} from '../../planner/ledger.ts';
import type {OverviewBody} from '../../server/schema/overview.ts';
import {keyInWords} from '../format.ts';
import {Awaited} from '../parts/empty.tsx';
import {Section} from '../parts/section.tsx';
import {OutcomeBadge, outcomeColour} from '../parts/state-badge.tsx';
import {useWidth} from '../parts/use-width.ts';
import {MADE, sumOf, trendLayout, WRONG} from './trend.ts';

const HEIGHT = {up: 78, down: 36};

export function Trend({overview}: {readonly overview: OverviewBody | undefined}) {
  return (
    <Section title="The last 30 days">
      {overview === undefined ? (
        <Awaited height={172} of="the last 30 days" />
      ) : (
        <Chart trend={overview.trend} />
      )}
    </Section>
  );
}

function Chart({trend}: Pick<OverviewBody, 'trend'>) {
  const [ref, width] = useWidth();
  const [at, setAt] = useState<number>();
  const inner = Math.max(60, width);
  const {bars, pitch, middle, most} = trendLayout(trend, {width: inner, ...HEIGHT});
  const shown = at === undefined ? undefined : trend[at];
  const made = trend.reduce((sum, day) => sum + sumOf(day, MADE), 0);
  const wrong = trend.reduce((sum, day) => sum + sumOf(day, WRONG), 0);
  const whole = `${number(made)} ended well, ${number(wrong)} did not`;
  const point = ({clientX, currentTarget}: PointerEvent) => {
    const day = Math.floor((clientX - currentTarget.getBoundingClientRect().left) / pitch);
    setAt(Math.max(0, Math.min(trend.length - 1, day)));
  };
  const press = (event: KeyboardEvent) => {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(trend.length - 1, (at ?? trend.length) + by)));
  };
  return (
    <div className="trend">
      <div
        ref={ref}
        className="trend-place"
        role="slider"
        tabIndex={0}
        aria-label="Attempts by day"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, trend.length - 1)}
        aria-valuenow={at ?? Math.max(0, trend.length - 1)}
        aria-valuetext={shown === undefined ? whole : `${keyInWords(shown.date)}: ${wordsOf(shown)}`}
        onPointerMove={point}
        onPointerLeave={() => setAt(undefined)}
        onKeyDown={press}
        onBlur={() => setAt(undefined)}
      >
        <svg className="trend-chart" width={inner} height={HEIGHT.up + HEIGHT.down + 2} aria-hidden>
          {at !== undefined && (
            <rect
              className="trend-pointed"
              x={at * pitch}
              width={pitch}
              y={0}
              height={HEIGHT.up + HEIGHT.down + 2}
            />
          )}
          {bars.map(({date, outcome, x, y, width: wide, height}) => (
            <rect
              key={date + outcome}
              x={x}
              y={y}
              width={wide}
              height={height}
              fill={outcomeColour(outcome)}
            />
          ))}
          <line className="trend-middle" x1={0} x2={inner} y1={middle + 0.5} y2={middle + 0.5} />
        </svg>
        {most.made > 0 && <span className="trend-most quiet">most of a day: {number(most.made)}</span>}
      </div>
      <div className="trend-ends quiet">
        <span>{trend[0]?.date}</span>
        <span>{trend.at(-1)?.date}</span>
      </div>
      <div className="trend-words" aria-hidden>
        {shown === undefined ? (
          <span className="quiet">{made + wrong === 0 ? 'Nothing was tried in 30 days.' : `${whole}.`}</span>
        ) : (
          <>
            <b>{keyInWords(shown.date)}</b>
            {OUTCOMES.filter(outcome => shown.outcomes[outcome] > 0).map(outcome => (
              <OutcomeBadge key={outcome} outcome={outcome} count={shown.outcomes[outcome]} />
            ))}
          </>
        )}
      </div>
    </div>
  );
}

function wordsOf({outcomes}: OverviewBody['trend'][number]): string {
  const used = OUTCOMES.filter(outcome => outcomes[outcome] > 0);
  return used.length === 0
    ? 'nothing was tried'
    : used.map(outcome => `${outcomes[outcome]} ${outcome}`).join(', ');
}
