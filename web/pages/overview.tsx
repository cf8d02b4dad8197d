/**
 * How the pipeline is: its gaps first, then where they are, what runs, what heals and how good it is.
 * It does not deal with single assets (pages/asset.tsx).
 */
import './overview.css';
import type {OverviewBody} from '../../server/schema/overview.ts';
import {get} from '../api.ts';
import {useLedger} from '../live.tsx';
import {Causes} from '../overview/causes.tsx';
import {Heals} from '../overview/heals.tsx';
import {HealthHead} from '../overview/health-head.tsx';
import {Matrix} from '../overview/matrix.tsx';
import {Quality} from '../overview/quality.tsx';
import {Runs} from '../overview/runs.tsx';
import {Trend} from '../overview/trend-chart.tsx';
import {Failed} from '../parts/empty.tsx';

export function OverviewPage() {
  const {data, error, refetch} = useLedger('/overview', () => get<OverviewBody>('/overview'));
  if (error !== null && data === undefined)
    return (
      <div className="overview">
        <Failed error={error} retry={() => void refetch()} />
        <Matrix status={undefined} />
      </div>
    );
  return (
    <div className="overview">
      <HealthHead overview={data} />
      <div className="overview-main">
        <Matrix status={data?.assets} />
        <div className="overview-rest">
          <div className="overview-side">
            <Causes overview={data} />
            <Runs overview={data} />
            <Heals overview={data} />
          </div>
          <div className="overview-below">
            <Trend overview={data} />
            <Quality overview={data} />
          </div>
        </div>
      </div>
    </div>
  );
}
