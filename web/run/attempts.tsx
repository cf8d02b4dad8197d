/**
 * Each attempt of a run, fetched as it is scrolled to, of one asset or outcome where that is asked.
 * It does not deal with drawing them along time (timeline.tsx).
 */
import './attempts.css';
import {Anchor, Group, Select, Text} from '@mantine/core';
import {useInfiniteQuery} from '@tanstack/react-query';
import {Link} from 'wouter';
import {counted, durationText, number} from '../../planner/amount.ts';
import {OUTCOMES} from '../../planner/ledger.ts';
import type {AttemptBody, RunBody} from '../../server/schema/run.ts';
import {partitionAddress} from '../addresses.ts';
import {get, pathOf} from '../api.ts';
import {useChosen} from '../chosen.ts';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {Name} from '../parts/name.tsx';
import {Linked} from '../parts/reasons.tsx';
import {OutcomeBadge} from '../parts/state-badge.tsx';
import {TimeText} from '../parts/time-text.tsx';
import {BoxedRows} from '../parts/virtual-rows.tsx';

const PAGE = 200;

export function Attempts({run}: {readonly run: RunBody}) {
  const {of, choose} = useChosen();
  const [asset, outcome] = [of('asset') || null, of('outcome') || null];
  return (
    <>
      <Group gap="sm" mb="sm">
        <Select
          aria-label="Asset"
          placeholder="All assets"
          data={run.assets.map(each => each.asset)}
          value={asset}
          onChange={value => choose({asset: value ?? ''})}
          size="xs"
          searchable
          clearable
          w={{base: '100%', xs: 260}}
        />
        <Select
          aria-label="Outcome"
          placeholder="All outcomes"
          data={OUTCOMES.map(each => ({value: each, label: each.replace('-', ' ')}))}
          value={outcome}
          onChange={value => choose({outcome: value ?? ''})}
          size="xs"
          clearable
          w={{base: '100%', xs: 180}}
        />
      </Group>
      <List key={`${asset} ${outcome}`} run={run} asset={asset} outcome={outcome} />
    </>
  );
}

interface Page {
  readonly total: number;
  readonly attempts: readonly AttemptBody[];
}

function List({
  run,
  asset,
  outcome,
}: {
  readonly run: RunBody;
  readonly asset: string | null;
  readonly outcome: string | null;
}) {
  const pages = useInfiniteQuery({
    queryKey: [run.status === 'running' ? 'ledger' : 'attempts', run.id, 'attempts', asset, outcome],
    queryFn: ({pageParam}) =>
      get<Page>(`${pathOf('runs', run.id)}/attempts`, {
        asset: asset ?? undefined,
        outcome: outcome ?? undefined,
        offset: pageParam,
        limit: PAGE,
      }),
    initialPageParam: 0,
    getNextPageParam: ({total}, all) => (all.length * PAGE < total ? all.length * PAGE : undefined),
  });
  if (pages.error !== null && pages.data === undefined)
    return <Failed error={pages.error} retry={() => void pages.refetch()} />;
  if (pages.data === undefined) return <Awaited height={240} lines={6} of="attempts" />;
  const known = pages.data.pages.flatMap(({attempts}) => attempts);
  if (known.length === 0) return <Empty title="No attempt is like that" />;
  return (
    <>
      <Text size="xs" className="quiet" mb={4}>
        {counted(pages.data.pages[0]?.total ?? 0, 'attempt')}
      </Text>
      <BoxedRows
        label="Attempts"
        count={known.length}
        estimate={40}
        height="min(70vh, 560px)"
        keyOf={index => index}
        onSeen={last => {
          if (last >= known.length - 30 && pages.hasNextPage && !pages.isFetchingNextPage)
            void pages.fetchNextPage();
        }}
        row={index => {
          const attempt = known[index];
          return attempt === undefined ? null : <Attempt attempt={attempt} />;
        }}
      />
    </>
  );
}

function Attempt({attempt}: {readonly attempt: AttemptBody}) {
  const {asset, key, outcome, startedAt, durationMs, rows, retries, error, reasons} = attempt;
  return (
    <div className="attempt">
      <OutcomeBadge outcome={outcome} />
      <Anchor component={Link} href={partitionAddress(asset, key)} fz="sm" className="attempt-name">
        <Name text={`${asset}@${key}`} />
      </Anchor>
      <span className="number">{rows === null ? '' : counted(rows, 'row')}</span>
      <span className="number">{durationText(durationMs)}</span>
      <span className="number quiet">
        <TimeText at={startedAt} as="clock" />
      </span>
      {(error !== null || reasons.length > 0 || retries > 0) && (
        <div className="attempt-why">
          {retries > 0 && <b>{number(retries + 1)} tries. </b>}
          <Linked text={error ?? reasons.join('; ')} />
        </div>
      )}
    </div>
  );
}
