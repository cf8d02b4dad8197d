/**
 * When it was last healed, when it is next, and what the next pass makes and leaves.
 * It does not deal with why partitions are gaps (causes.tsx).
 */
import './lists.css';
import type {ReactNode} from 'react';
import {Link} from 'wouter';
import {counted, number} from '../../planner/amount.ts';
import type {HealsBody, OverviewBody} from '../../server/schema/overview.ts';
import {assetAddress} from '../addresses.ts';
import {get} from '../api.ts';
import {useLedger} from '../live.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {Section} from '../parts/section.tsx';
import {TimeText} from '../parts/time-text.tsx';

const SHOWN = 5;

/** Asked apart, and last: to say it, everything is planned once more, and no other answer is to wait for that. */
export function Heals({overview}: {readonly overview: OverviewBody | undefined}) {
  const ask = () => get<HealsBody>('/heals');
  const {data: heals, error, refetch} = useLedger('/heals', ask, overview !== undefined);
  return (
    <Section title="What heals next">
      {heals === undefined && error !== null ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : heals === undefined ? (
        <Awaited height={110} lines={3} of="what heals next" />
      ) : (
        <>
          <Passes heals={heals} />
          {heals.assets.length + heals.left.length === 0 ? (
            <Empty title="Nothing waits to heal.">
              Gaps that a later try, another source or the next run can fill are listed here.
            </Empty>
          ) : (
            <Next heals={heals} />
          )}
        </>
      )}
    </Section>
  );
}

function Passes({heals: {lastPass, nextAt}}: {readonly heals: HealsBody}) {
  const who = lastPass?.by == null ? '' : ` by ${lastPass.by}`;
  return (
    <p className="lists-under quiet">
      {lastPass === null ? (
        'No pass yet.'
      ) : (
        <>
          Last pass <TimeText at={lastPass.endedAt ?? lastPass.startedAt} /> ({lastPass.trigger}
          {who}): {lastPass.text}.
        </>
      )}{' '}
      {nextAt === null ? (
        'No server heals on a schedule.'
      ) : (
        <>
          The next one is at <TimeText at={nextAt} as="clock" />.
        </>
      )}
    </p>
  );
}

function Next({heals: {assets, left, isQuiet}}: {readonly heals: HealsBody}) {
  const others = assets.slice(SHOWN);
  return (
    <ul className="lists">
      {assets.slice(0, SHOWN).map(({asset, count}) => (
        <Row key={asset} count={count} when={isQuiet ? 'after the quiet hours' : 'next pass'}>
          <span className="lists-what">
            <span className="lists-text">
              <Link href={assetAddress(asset)}>{asset}</Link>
            </span>
          </span>
        </Row>
      ))}
      {others.length > 0 && (
        <Row count={others.reduce((sum, {count}) => sum + count, 0)} when="the same">
          <span className="lists-what quiet">of {counted(others.length, 'other asset')}</span>
        </Row>
      )}
      {left.map(({text, count}) => (
        <Row key={text} count={count} when="left">
          <span className="lists-what quiet">{text}</span>
        </Row>
      ))}
    </ul>
  );
}

function Row({
  count,
  when,
  children,
}: {
  readonly count: number;
  readonly when: string;
  readonly children: ReactNode;
}) {
  return (
    <li className="lists-row">
      <span className="lists-count">{number(count)}</span>
      {children}
      <span className="lists-when quiet">{when}</span>
    </li>
  );
}
