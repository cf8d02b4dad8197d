/**
 * The gap ledger: what is missing since when and why, what was signed off, and what healed.
 * It does not deal with single partitions (partition.tsx).
 */
import './gaps.css';
import {Anchor, Group, SegmentedControl, Select, Stack, Tabs, Text, Title} from '@mantine/core';
import {useQueryClient} from '@tanstack/react-query';
import {Link} from 'wouter';
import {number} from '../../planner/amount.ts';
import type {GapsBody} from '../../server/schema/gap.ts';
import {get} from '../api.ts';
import {type Chosen, oneOf, spanOf, useChosen} from '../chosen.ts';
import {useLedger} from '../live.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {FilterText} from '../parts/filter-text.tsx';
import {ReasonModal} from '../parts/reason-modal.tsx';
import {GapActions, GapChoice, useGapQuestions} from './gap-actions.tsx';
import {type Chosen as ChosenGroups, GapGroups, groupName} from './gap-groups.tsx';
import {Healed, Voids} from './gap-past.tsx';

const STANDINGS = ['open', 'accepted', 'void', 'healed'] as const;
const BY = ['asset', 'season', 'cause'] as const;

export function GapsPage() {
  const chosen = useChosen();
  const standing = oneOf(chosen.of('standing'), STANDINGS);
  const by = oneOf(chosen.of('by'), BY);
  const asked = {
    select: chosen.of('select'),
    by,
    standing: standing === 'accepted' ? 'accepted' : 'open',
    olderThan: spanOf(chosen.of('older')),
  } as const;
  const {data, error, refetch, isPlaceholderData} = useLedger(`/gaps ${JSON.stringify(asked)}`, () =>
    get<GapsBody>('/gaps', asked),
  );
  return (
    <div className="gaps">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Title order={1} size="h2">
            Gaps
          </Title>
          <Text className="quiet" size="sm">
            {data === undefined
              ? 'What is not there, since when, and why.'
              : `${number(data.open)} open, ${number(data.accepted)} accepted`}
          </Text>
        </div>
        <GapActions select={asked.select} />
      </Group>
      <Tabs
        value={standing}
        onChange={value =>
          chosen.choose({standing: value === null || value === 'open' ? '' : value, chosen: ''})
        }
        keepMounted={false}
      >
        <Tabs.List aria-label="Standing" className="gaps-tabs">
          <Tabs.Tab value="open" rightSection={<Count of={data?.open} />}>
            Open
          </Tabs.Tab>
          <Tabs.Tab value="accepted" rightSection={<Count of={data?.accepted} />}>
            Accepted
          </Tabs.Tab>
          <Tabs.Tab value="void" rightSection={<Count of={data?.voids.length} />}>
            Void
          </Tabs.Tab>
          <Tabs.Tab value="healed">Healed</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={standing} pt="md">
          <Filters chosen={chosen} by={by} isGrouped={standing === 'open' || standing === 'accepted'} />
          {standing === 'healed' ? (
            <Healed select={asked.select} />
          ) : error !== null && data === undefined ? (
            <Failed error={error} retry={() => void refetch()} />
          ) : data === undefined ? (
            <Awaited height={360} lines={6} of="gaps" />
          ) : standing === 'void' ? (
            <Voids voids={data.voids} />
          ) : (
            <Listed gaps={data} by={by} standing={standing} isWaiting={isPlaceholderData} />
          )}
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

function Count({of}: {readonly of: number | undefined}) {
  return of === undefined ? null : <span className="gaps-count number">{number(of)}</span>;
}

const AGES = [
  {value: '', label: 'of any age'},
  {value: '1d', label: 'older than a day'},
  {value: '7d', label: 'older than a week'},
  {value: '30d', label: 'older than 30 days'},
  {value: '365d', label: 'older than a year'},
];

function Filters({
  chosen,
  by,
  isGrouped,
}: {
  readonly chosen: Chosen;
  readonly by: string;
  readonly isGrouped: boolean;
}) {
  return (
    <Group gap="sm" mb="md" align="center">
      {isGrouped && (
        <SegmentedControl
          size="sm"
          aria-label="Grouped by"
          value={by}
          onChange={value => chosen.choose({by: value === 'asset' ? '' : value})}
          data={BY.map(value => ({value, label: `by ${value}`}))}
        />
      )}
      <FilterText
        aria-label="Assets, as the command line selects them"
        placeholder="assets, such as group:raw or +stats.totals"
        w={{base: '100%', xs: 300}}
        value={chosen.of('select')}
        onChoose={select => chosen.choose({select})}
      />
      {isGrouped && (
        <Select
          aria-label="Age"
          size="sm"
          w={190}
          data={AGES}
          value={AGES.some(({value}) => value === chosen.of('older')) ? chosen.of('older') : ''}
          allowDeselect={false}
          onChange={older => chosen.choose({older: older ?? ''})}
        />
      )}
    </Group>
  );
}

function Listed({
  gaps,
  by,
  standing,
  isWaiting,
}: {
  readonly gaps: GapsBody;
  readonly by: (typeof BY)[number];
  readonly standing: 'open' | 'accepted';
  readonly isWaiting: boolean;
}) {
  const client = useQueryClient();
  const {of, choose} = useChosen();
  const names = new Set(of('chosen').split(','));
  // What is not listed any more is not chosen any more.
  const chosen = new Map(
    gaps.sections.flatMap(({groups}) =>
      groups.map(group => [groupName(group), group] as const).filter(([name]) => names.has(name)),
    ),
  );
  const setChosen = (groups: ChosenGroups) => choose({chosen: [...groups.keys()].join(',')});
  const {question, ask, close} = useGapQuestions(async () => {
    setChosen(new Map());
    await client.invalidateQueries({queryKey: ['ledger']});
  });
  if (gaps.sections.length === 0) return <Nothing standing={standing} />;
  return (
    <Stack gap="sm" style={{opacity: isWaiting ? 0.5 : 1}} aria-busy={isWaiting}>
      <GapChoice
        chosen={chosen}
        standing={standing}
        file={gaps.file}
        ask={ask}
        onClear={() => setChosen(new Map())}
      />
      <GapGroups gaps={gaps} by={by} chosen={chosen} onChoose={setChosen} />
      <ReasonModal question={question} onClose={close} />
    </Stack>
  );
}

function Nothing({standing}: {readonly standing: 'open' | 'accepted'}) {
  return standing === 'open' ? (
    <Empty title="No open gaps">
      Every partition that is due is there or signed off, as far as these filters look.{' '}
      <Anchor component={Link} href="/plan" inherit underline="always">
        The plan
      </Anchor>{' '}
      says what is stale.
    </Empty>
  ) : (
    <Empty title="Nothing is accepted">
      A gap that nobody can fill is signed off with a reason: choose it among the open ones.
    </Empty>
  );
}
