/**
 * What runs now and what ran last.
 * It does not deal with single runs (the page of a run), nor with healing (heals.tsx).
 */
import './lists.css';
import {Anchor, Text, VisuallyHidden} from '@mantine/core';
import {Link} from 'wouter';
import {durationText} from '../../planner/amount.ts';
import type {OverviewBody} from '../../server/schema/overview.ts';
import type {RunLineBody} from '../../server/schema/run.ts';
import {runAddress} from '../addresses.ts';
import {Awaited} from '../parts/empty.tsx';
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
