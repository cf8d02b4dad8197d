/**
 * All runs, the newest first; those at work on top.
 * It does not deal with one run (run.tsx).
 */
import {Button, Group, Stack, Text, Title} from '@mantine/core';
import {IconChevronLeft, IconChevronRight} from '@tabler/icons-react';
import {Link, useSearchParams} from 'wouter';
import {number} from '../../planner/amount.ts';
import type {RunLineBody} from '../../server/schema/run.ts';
import {get} from '../api.ts';
import {useLedger} from '../live.tsx';
import {ActionButton} from '../parts/action-button.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {LiveRunCard, RunRow} from '../run/run-row.tsx';

const PAGE = 50;

interface Runs {
  readonly runs: readonly RunLineBody[];
  readonly hasMore: boolean;
}

export function RunsPage() {
  const [params] = useSearchParams();
  const page = Math.max(1, Number.parseInt(params.get('page') ?? '1', 10) || 1);
  const offset = (page - 1) * PAGE;
  const path = `/runs?offset=${offset}`;
  const {data, error, refetch} = useLedger<Runs>(path, () => get<Runs>('/runs', {offset, limit: PAGE}));
  const live = data?.runs.filter(({status}) => status === 'running') ?? [];
  const ended = data?.runs.filter(({status}) => status !== 'running') ?? [];
  return (
    <Stack gap="md">
      <Title order={1} size="h2">
        Runs
      </Title>
      {error !== null && data === undefined && <Failed error={error} retry={() => void refetch()} />}
      {error === null && data === undefined && <Awaited height={480} lines={8} of="runs" />}
      {live.map(run => (
        <LiveRunCard key={run.id} run={run} />
      ))}
      {data !== undefined && data.runs.length === 0 && page === 1 && (
        <Empty title="Nothing has run yet">
          <Button component={Link} href="/plan" size="xs" variant="default">
            See what there is to do
          </Button>
        </Empty>
      )}
      {ended.length > 0 && (
        <section aria-label="Runs that have ended">
          {ended.map(run => (
            <RunRow key={run.id} run={run} />
          ))}
        </section>
      )}
      {data !== undefined && (page > 1 || data.hasMore) && <Pages page={page} hasMore={data.hasMore} />}
    </Stack>
  );
}

function Pages({page, hasMore}: {readonly page: number; readonly hasMore: boolean}) {
  const [, setParams] = useSearchParams();
  const go = (to: number) => {
    setParams(to === 1 ? {} : {page: String(to)});
    window.scrollTo({top: 0});
  };
  return (
    <Group justify="center" gap="md">
      <ActionButton
        variant="default"
        size="xs"
        why={page === 1 ? 'These are the newest.' : undefined}
        leftSection={<IconChevronLeft size={16} aria-hidden />}
        onClick={() => go(page - 1)}
      >
        Newer
      </ActionButton>
      <Text size="sm" className="number">
        page {number(page)}
      </Text>
      <ActionButton
        variant="default"
        size="xs"
        why={hasMore ? undefined : 'These are the oldest.'}
        rightSection={<IconChevronRight size={16} aria-hidden />}
        onClick={() => go(page + 1)}
      >
        Older
      </ActionButton>
    </Group>
  );
}
