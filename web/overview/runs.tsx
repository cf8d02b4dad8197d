/**
 * What runs now, what ran last, and what heals next.
 * It does not deal with single runs (the page of a run).
 */
import './lists.css';
import {Anchor, Text, VisuallyHidden} from '@mantine/core';
import {Link} from 'wouter';
import {counted, durationText, number} from '../../planner/amount.ts';
import type {HealsBody, OverviewBody} from '../../server/schema/overview.ts';
import type {RunLineBody} from '../../server/schema/run.ts';
import {assetAddress, runAddress} from '../addresses.ts';
import {get} from '../api.ts';
import {useLedger} from '../live.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {OutcomeCounts} from '../parts/outcome-counts.tsx';
import {Section} from '../parts/section.tsx';
import {TimeText} from '../parts/time-text.tsx';
import {LiveRunCard} from '../run/run-row.tsx';
import {RUN_KINDS, RunStatus} from '../run/status.tsx';

const SHOWN = 5;

export function Runs({overview}: {readonly overview: OverviewBody | undefined}) {
  return (
    <Section
      title="Runs"
      aside={
        <Anchor component={Link} href="/runs" fz={13}>
          All runs
        </Anchor>
      }
    >
      {overview === undefined ? (
        <Awaited height={260} lines={5} of="runs" />
      ) : (
        <>
          <p className="lists-title">Now</p>
          {overview.atWork.length === 0 ? (
            <Text size="sm">Nothing is at work.</Text>
          ) : (
            overview.atWork.map(run => <LiveRunCard key={run.id} run={run} />)
          )}
          <p className="lists-title">Last</p>
          {overview.lastRuns.length === 0 ? (
            <Text size="sm">Nothing has run yet.</Text>
          ) : (
            <ul className="lists">
              {overview.lastRuns.slice(0, SHOWN).map(run => (
                <LastRun key={run.id} run={run} />
              ))}
            </ul>
          )}
        </>
      )}
    </Section>
  );
}

function LastRun({
  run: {id, kind, status, startedAt, endedAt, counts, by, command},
}: {
  readonly run: RunLineBody;
}) {
  const under = [
    endedAt === null ? 'no end' : durationText(endedAt - startedAt),
    ...(by === null ? [] : [by]),
  ];
  return (
    <li className="lists-row lists-row-plain">
      <span className="lists-what">
        <span className="lists-head" title={command}>
          <Anchor component={Link} href={runAddress(id)} fz="sm" className="lists-run">
            <RunStatus status={status} /> {RUN_KINDS[kind]} <VisuallyHidden>{id}</VisuallyHidden>
          </Anchor>{' '}
          <span className="quiet">{under.join(' · ')}</span>
        </span>
        <OutcomeCounts counts={counts} size="xs" />
      </span>
      <span className="lists-when quiet">
        <TimeText at={startedAt} />
      </span>
    </li>
  );
}

/** When it was last healed, and when it is next. */
function Past({heals: {lastPass, nextAt}}: {readonly heals: HealsBody}) {
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
      ) : heals.assets.length + heals.left.length === 0 ? (
        <>
          <Past heals={heals} />
          <Empty title="Nothing waits to heal.">
            Gaps that a later try, another source or the next run can fill are listed here.
          </Empty>
        </>
      ) : (
        <>
          <Past heals={heals} />
          <ul className="lists">
            {heals.assets.slice(0, SHOWN).map(({asset, count}) => (
              <li key={asset} className="lists-row">
                <span className="lists-count">{number(count)}</span>
                <span className="lists-what">
                  <span className="lists-text">
                    <Link href={assetAddress(asset)}>{asset}</Link>
                  </span>
                </span>
                <span className="lists-when quiet">
                  {heals.isQuiet ? 'after the quiet hours' : 'next pass'}
                </span>
              </li>
            ))}
            {heals.assets.length > SHOWN && (
              <li className="lists-row">
                <span className="lists-count">
                  {number(heals.assets.slice(SHOWN).reduce((sum, {count}) => sum + count, 0))}
                </span>
                <span className="lists-what quiet">
                  of {counted(heals.assets.length - SHOWN, 'other asset')}
                </span>
                <span className="lists-when quiet">the same</span>
              </li>
            )}
            {heals.left.map(({text, count}) => (
              <li key={text} className="lists-row">
                <span className="lists-count">{number(count)}</span>
                <span className="lists-what quiet">{text}</span>
                <span className="lists-when quiet">left</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}
