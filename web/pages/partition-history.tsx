/**
 * What was tried to make a partition: its sources, its attempts with their errors, and the rows that checks held back.
 * It does not deal with what it holds now (partition-facts.tsx).
 */
import {Anchor, Button, Text} from '@mantine/core';
import {useQuery} from '@tanstack/react-query';
import {useState} from 'react';
import {Link} from 'wouter';
import {counted, durationText, number} from '../../planner/amount.ts';
import type {HeldBody, PartitionBody} from '../../server/schema/partition.ts';
import {runAddress} from '../addresses.ts';
import {get, pathOf, Refused} from '../api.ts';
import {Awaited, Failed} from '../parts/empty.tsx';
import {FactsTable} from '../parts/facts-table.tsx';
import {FirstOf} from '../parts/first-of.tsx';
import {Linked} from '../parts/reasons.tsx';
import {RowsTable} from '../parts/rows-table.tsx';
import {Section} from '../parts/section.tsx';
import {OutcomeBadge, TryBadge} from '../parts/state-badge.tsx';
import {TimeText} from '../parts/time-text.tsx';

export function Attempts({partition: {attempts}}: {readonly partition: PartitionBody}) {
  if (attempts.length === 0)
    return (
      <Section title="Attempts">
        <Text size="sm" className="quiet">
          No run has tried it yet.
        </Text>
      </Section>
    );
  return (
    <Section title="Attempts" aside={`${counted(attempts.length, 'attempt')}, the newest first`}>
      <FirstOf all={attempts} most={8} noun="attempt">
        {shown => (
          <ul className="partition-list">
            {shown.map(({run, outcome, endedAt, durationMs, rows, retries, error, reasons}) => (
              <li key={`${run} ${endedAt}`}>
                <div className="partition-input-line">
                  <OutcomeBadge outcome={outcome} />
                  <TimeText at={endedAt} as="clock" />
                  <span className="quiet">
                    {[
                      `in ${durationText(durationMs)}`,
                      ...(rows === null ? [] : [counted(rows, 'row')]),
                      ...(retries === 0 ? [] : [counted(retries, 'retry', 'retries')]),
                    ].join(' · ')}
                  </span>
                  <Anchor component={Link} href={runAddress(run)} size="sm">
                    run {run}
                  </Anchor>
                </div>
                {error !== null && <pre className="partition-error">{error}</pre>}
                {error === null && reasons.length > 0 && (
                  <Text size="sm" className="quiet">
                    because <Linked text={reasons.join('; ')} />
                  </Text>
                )}
              </li>
            ))}
          </ul>
        )}
      </FirstOf>
    </Section>
  );
}

const TRY_HEADS = [
  {name: 'Source'},
  {name: 'Answer'},
  {name: 'Games', isNumber: true},
  {name: 'Took', isNumber: true},
  {name: 'When'},
];

/** Sources that were asked, in the order of the cascade; the newest run first. */
export function Tries({partition: {tries}}: {readonly partition: PartitionBody}) {
  if (tries.length === 0) return null;
  return (
    <Section title="Sources that were asked" aside="the newest first">
      <FactsTable heads={TRY_HEADS}>
        {tries.map(({run, source, outcome, expected, found, detail, at, durationMs}) => (
          <tr key={`${run} ${source} ${at}`}>
            <td>{source}</td>
            <td>
              <TryBadge outcome={outcome} />
              {detail !== null && (
                <Text size="xs" className="quiet">
                  {detail}
                </Text>
              )}
            </td>
            <td className="number">
              {expected === null ? '–' : `${number(found ?? 0)} of ${number(expected)}`}
            </td>
            <td className="number">{durationText(durationMs)}</td>
            <td>
              <Anchor component={Link} href={runAddress(run)} inherit>
                <TimeText at={at} as="clock" />
              </Anchor>
            </td>
          </tr>
        ))}
      </FactsTable>
    </Section>
  );
}

/** Checks, and on demand the rows that they held back. */
export function HeldRows({partition: {asset, key, checks, attempts}}: {readonly partition: PartitionBody}) {
  const [isAsked, setAsked] = useState(false);
  const path = `${pathOf('partitions', asset, key)}/held`;
  const wasHeld = attempts.some(({outcome}) => outcome === 'quarantined');
  const {data, error, refetch} = useQuery({
    queryKey: ['ledger', path],
    queryFn: () => get<HeldBody>(path),
    enabled: isAsked,
    retry: false,
  });
  if (checks.length === 0) return null;
  return (
    <Section title="Checks" aside={`${counted(checks.length, 'check')} before publishing`}>
      <ul className="partition-list">
        {checks.map(({name, severity}) => (
          <li key={name} className="partition-input-line">
            <code className="partition-version">{name}</code>
            {severity === 'warn' && <span className="quiet">warns only</span>}
          </li>
        ))}
      </ul>
      {wasHeld && !isAsked && (
        <Button variant="light" size="compact-sm" mt="sm" onClick={() => setAsked(true)}>
          Show rows that were held back
        </Button>
      )}
      {isAsked &&
        error !== null &&
        (error instanceof Refused && error.status === 409 ? (
          <Text size="sm" className="quiet" mt="sm">
            {error.message}
          </Text>
        ) : (
          <Failed error={error} retry={() => void refetch()} />
        ))}
      {isAsked && error === null && data === undefined && <Awaited height={90} lines={2} of="held rows" />}
      {data !== undefined && <Held held={data} />}
    </Section>
  );
}

function Held({held: {violations, columns, rows, outcome}}: {readonly held: HeldBody}) {
  if (rows.length === 0 && violations.length === 0)
    return (
      <Text size="sm" className="quiet" mt="sm">
        Nothing is held back.
      </Text>
    );
  return (
    <div className="partition-held">
      <ul className="partition-list">
        {violations.map(violation => (
          <li key={violation}>
            <pre className="partition-error">{violation}</pre>
          </li>
        ))}
      </ul>
      <Text size="sm" className="quiet" my={6}>
        {rows.length === 0
          ? 'No rows of it are kept.'
          : `${counted(rows.length, 'row')} of what was held back${outcome === null ? '' : ` (${outcome})`}`}
      </Text>
      {rows.length > 0 && <RowsTable columns={columns} rows={rows} label="Rows that were held back" />}
    </div>
  );
}
