/**
 * What was made of an asset: its newest attempts, keys that are partitions no more, and a few of its rows.
 * It does not deal with its declaration (asset-declared.tsx).
 */
import {Anchor, Button, Text} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import {Link} from 'wouter';
import {counted, durationText, number} from '../../planner/amount.ts';
import type {AssetPageBody, SampleBody} from '../../server/schema/asset.ts';
import {partitionAddress, runAddress} from '../addresses.ts';
import {get, pathOf, Refused} from '../api.ts';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {FactsTable} from '../parts/facts-table.tsx';
import {FirstOf} from '../parts/first-of.tsx';
import {RowsTable} from '../parts/rows-table.tsx';
import {Section} from '../parts/section.tsx';
import {OutcomeBadge} from '../parts/state-badge.tsx';
import {TimeText} from '../parts/time-text.tsx';

const ROWS = 20;

/** The warehouse is asked only when somebody wants to see rows, and not while a run needs it. */
export function SampleRows({name}: {readonly name: string}) {
  const [isAsked, setAsked] = useState(false);
  const path = `${pathOf('assets', name)}/sample`;
  const {data, error, isFetching, refetch} = useQuery({
    queryKey: ['sample', name],
    queryFn: () => get<SampleBody>(path, {limit: ROWS}),
    enabled: isAsked,
    retry: false,
    staleTime: 0,
  });
  const isBusy = error instanceof Refused && error.status === 409;
  return (
    <Section
      title="Sample rows"
      aside={
        isAsked ? (
          <Button variant="subtle" size="compact-sm" loading={isFetching} onClick={() => void refetch()}>
            Ask again
          </Button>
        ) : undefined
      }
    >
      {!isAsked && (
        <Button variant="default" size="xs" onClick={() => setAsked(true)}>
          Show up to {ROWS} rows
        </Button>
      )}
      {isBusy && <Empty title="The warehouse is busy">{error.message}</Empty>}
      {error !== null && !isBusy && <Failed error={error} retry={() => void refetch()} />}
      {isAsked && error === null && data === undefined && <Awaited height={160} lines={4} of="sample rows" />}
      {data !== undefined &&
        error === null &&
        (data.rows.length === 0 ? (
          <Empty title="No rows">Nothing of it is published.</Empty>
        ) : (
          <RowsTable columns={data.columns} rows={data.rows} label={`Rows of ${name}`} />
        ))}
    </Section>
  );
}

const ATTEMPT_HEADS = [
  {name: 'Key'},
  {name: 'Outcome'},
  {name: 'Rows', isNumber: true},
  {name: 'Took', isNumber: true},
  {name: 'When'},
  {name: 'Run'},
];

export function AssetAttempts({asset: {asset, attempts}}: {readonly asset: AssetPageBody}) {
  if (attempts.length === 0)
    return (
      <Section title="Attempts">
        <Text size="sm" className="quiet">
          No run has tried it yet.
        </Text>
      </Section>
    );
  return (
    <Section title="Attempts" aside="the newest first">
      <FirstOf all={attempts} most={12} noun="attempt">
        {shown => (
          <FactsTable heads={ATTEMPT_HEADS}>
            {shown.map(({run, key, at, outcome, durationMs, rows}) => (
              <tr key={`${run} ${key} ${at}`}>
                <td>
                  <Anchor component={Link} href={partitionAddress(asset, key)} inherit>
                    {key}
                  </Anchor>
                </td>
                <td>
                  <OutcomeBadge outcome={outcome} />
                </td>
                <td className="number">{rows === null ? '–' : number(rows)}</td>
                <td className="number">{durationText(durationMs)}</td>
                <td>
                  <TimeText at={at} as="clock" />
                </td>
                <td>
                  <Anchor component={Link} href={runAddress(run)} inherit>
                    {run}
                  </Anchor>
                </td>
              </tr>
            ))}
          </FactsTable>
        )}
      </FirstOf>
    </Section>
  );
}

/** Published, and no partitions any more: a date that lost its games. */
export function Orphans({asset: {asset, orphans}}: {readonly asset: AssetPageBody}) {
  if (orphans.length === 0) return null;
  return (
    <Section title="Orphans" aside={counted(orphans.length, 'key')}>
      <Text size="sm" className="quiet" mb={6}>
        Published, and no partitions any more. A plan with prune drops them.
      </Text>
      <Text size="sm">
        {orphans.slice(0, 60).map((key, at) => (
          <span key={key}>
            {at > 0 && ', '}
            <Anchor component={Link} href={partitionAddress(asset, key)} inherit>
              {key}
            </Anchor>
          </span>
        ))}
        {orphans.length > 60 && ` and ${number(orphans.length - 60)} more`}
      </Text>
    </Section>
  );
}
