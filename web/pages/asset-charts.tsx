/**
 * How an asset's partitions were made, along its keys: quality, coverage, sources, durations.
 * It does not deal with drawing (parts/line-chart.tsx, parts/stacked-bars.tsx).
 */
import {useMemo} from 'react';
import {useLocation} from 'wouter';
import {durationText, scoreText} from '../../planner/amount.ts';
import type {SeriesBody} from '../../server/schema/asset.ts';
import type {AxisBody} from '../../server/schema/pipeline.ts';
import {partitionAddress} from '../addresses.ts';
import {get, pathOf} from '../api.ts';
import {useLedger} from '../live.tsx';
import {Awaited, Failed} from '../parts/empty.tsx';
import {LineChart} from '../parts/line-chart.tsx';
import {Section} from '../parts/section.tsx';
import {type Kind, StackedBars} from '../parts/stacked-bars.tsx';

export function AssetCharts({name, axis}: {readonly name: string; readonly axis: AxisBody}) {
  const path = `${pathOf('assets', name)}/series`;
  const {data, error, refetch} = useLedger(path, () => get<SeriesBody>(path));
  if (error !== null && data === undefined) return <Failed error={error} retry={() => void refetch()} />;
  if (data === undefined || data.asset !== name) return <Awaited height={230} of="charts" />;
  return <Charts series={data} axis={axis} />;
}

function Charts({series, axis}: {readonly series: SeriesBody; readonly axis: AxisBody}) {
  const [, go] = useLocation();
  const {asset, score, found, expected, durationMs, sources, source} = series;
  const coverage = useMemo(
    () =>
      found.map((held, at) => {
        const wanted = expected[at];
        return held === null || wanted == null || wanted === 0 ? null : (100 * held) / wanted;
      }),
    [found, expected],
  );
  const kinds = useMemo(() => kindsOf(sources, source), [sources, source]);
  const open = (place: number) => {
    const key = axis.keys[place];
    if (key !== undefined) go(partitionAddress(asset, key));
  };
  return (
    <div className="asset-charts">
      <Section title="Quality" aside="score of each partition">
        <LineChart name="quality" axis={axis} values={score} format={scoreText} to={100} onPick={open} />
      </Section>
      {coverage.some(each => each !== null) && (
        <Section title="Coverage" aside="games held of those expected">
          <LineChart
            name="coverage"
            axis={axis}
            values={coverage}
            format={share => `${scoreText(share)}%`}
            to={100}
            colour="var(--chart-coverage)"
            onPick={open}
          />
        </Section>
      )}
      {kinds.length > 0 && (
        <Section title="Sources" aside="what rows were taken from">
          <StackedBars name="sources" axis={axis} values={source} kinds={kinds} />
        </Section>
      )}
      <Section title="Duration" aside="of the materialization that stands">
        <LineChart
          name="duration"
          axis={axis}
          values={durationMs}
          format={durationText}
          worst="most"
          colour="var(--chart-duration)"
          onPick={open}
        />
      </Section>
    </div>
  );
}

const SEVERAL = -2;
const COLOURS = 6;

/** In the order of the cascade as it was used; several sources last. */
function kindsOf(names: readonly string[], source: readonly number[]): readonly Kind[] {
  const kinds = names.map((name, value) => ({
    value,
    name,
    colour: `var(--chart-source-${(value % COLOURS) + 1})`,
  }));
  if (!source.includes(SEVERAL)) return kinds;
  return [...kinds, {value: SEVERAL, name: 'several', colour: 'var(--chart-source-several)'}];
}
