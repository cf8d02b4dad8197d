/**
 * Gaps that are none any more: acceptances that data made void, and troubles that a later publication ended.
 * It does not deal with what is still missing (gap-groups.tsx).
 */
import {Button, Stack, Text} from '@mantine/core';
import {useQueryClient} from '@tanstack/react-query';
import {useState} from 'react';
import {counted} from '../../planner/amount.ts';
import type {EventsBody, GapsBody} from '../../server/schema/gap.ts';
import {get} from '../api.ts';
import {groupEvents} from '../event-groups.ts';
import {useLedger, useLive} from '../live.tsx';
import {ActionButton, whyNoChange} from '../parts/action-button.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {PartitionName} from '../parts/partition-name.tsx';
import {ReasonModal} from '../parts/reason-modal.tsx';
import {Linked} from '../parts/reasons.tsx';
import {TimeText} from '../parts/time-text.tsx';
import {useGapQuestions} from './gap-actions.tsx';

export function Voids({voids}: {readonly voids: GapsBody['voids']}) {
  const client = useQueryClient();
  const {pipeline} = useLive();
  const {question, ask, close} = useGapQuestions(() => client.invalidateQueries({queryKey: ['ledger']}));
  if (voids.length === 0)
    return (
      <Empty title="No acceptance is void">
        When data comes for a gap that was signed off, its acceptance is listed here.
      </Empty>
    );
  return (
    <>
      <ul className="gaps-list" aria-label="Void acceptances">
        {voids.map(({asset, count, ranges, partitions, reason, by, on}) => (
          <li key={`${partitions} ${on}`} className="gaps-line gaps-void">
            <div className="gaps-lead">{asset}</div>
            <div className="gaps-what">
              <div>{ranges}</div>
              <Text size="sm" className="quiet">
                accepted by {by} on {on}: {reason}
              </Text>
            </div>
            <div className="gaps-facts">
              <ActionButton
                why={whyNoChange(pipeline)}
                size="xs"
                variant="default"
                onClick={() => ask('reopen', [{asset, count, partitions}])}
              >
                Remove
              </ActionButton>
            </div>
          </li>
        ))}
      </ul>
      <ReasonModal question={question} onClose={close} />
    </>
  );
}

const PAGE = 200;

/** What the source coverage log tells of, and is over. */
export function Healed({select}: {readonly select: string}) {
  const [limit, setLimit] = useState(PAGE);
  const asked = {select, severity: 'warning', limit};
  const {data, error, refetch} = useLedger(`/events healed ${JSON.stringify(asked)}`, () =>
    get<EventsBody>('/events', asked),
  );
  if (error !== null && data === undefined) return <Failed error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Awaited height={360} lines={6} of="what healed" />;
  const healed = groupEvents(data.events.filter(({end}) => end === 'published'));
  return (
    <Stack gap="sm">
      {healed.length === 0 && (
        <Empty title="Nothing healed yet">
          What was missing or degraded, and was published since, is listed here.
        </Empty>
      )}
      <ul className="gaps-list" aria-label="Healed">
        {healed.map(({asset, key, games, kind, detail, resolution, at}) => (
          <li key={`${asset} ${key} ${games[0]} ${kind} ${at}`} className="gaps-line gaps-void">
            <div className="gaps-lead">
              <PartitionName asset={asset} partitionKey={key} />
            </div>
            <div className="gaps-what">
              <div>{resolution}</div>
              <Text size="sm" className="quiet" component="div">
                {kind}: <Linked text={detail} />
                {games.length > 0 && ` · ${counted(games.length, 'game')}`}
              </Text>
            </div>
            <div className="gaps-facts">
              <TimeText at={at} />
            </div>
          </li>
        ))}
      </ul>
      {data.hasMore && (
        <Button variant="default" onClick={() => setLimit(limit + PAGE)} disabled={limit + PAGE > 1000}>
          Look at {counted(PAGE, 'more event')}
        </Button>
      )}
    </Stack>
  );
}
