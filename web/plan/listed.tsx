/**
 * What a plan lists, as a table of its groups or as strips, filtered by action, asset and text.
 * It does not deal with running it.
 */
import {Button, Group, SegmentedControl, Select, TextInput} from '@mantine/core';
import {IconSearch} from '@tabler/icons-react';
import {useMemo, useState} from 'react';
import type {PlanBody, PlanGroupBody} from '../../server/schema/plan.ts';
import {Empty} from '../parts/empty.tsx';
import {PageRows} from '../parts/virtual-rows.tsx';
import {GroupHead, GroupRow} from './group-row.tsx';
import {filterGroups, isAction} from './groups.ts';
import {KeysDrawer, type Opened} from './keys-drawer.tsx';
import {PlanStrips} from './strips.tsx';

/** What of a plan is shown, and how; null: all of it. */
export type Shown = Partial<Record<'view' | 'action' | 'asset' | 'text', string | null>>;

export function ListedPlan({
  plan,
  params,
  set,
}: {
  readonly plan: PlanBody;
  /** Of the address: view, action, asset, text. */
  readonly params: URLSearchParams;
  readonly set: (shown: Shown) => void;
}) {
  const [opened, setOpened] = useState<Opened>();
  const wanted = params.get('action');
  const action = isAction(wanted) ? wanted : null;
  const [asset, text] = [params.get('asset'), params.get('text') ?? ''];
  const groups = useMemo(() => filterGroups(plan.groups, {action, asset, text}), [plan, action, asset, text]);
  return (
    <section aria-label="What the plan lists">
      <Filters plan={plan} params={params} set={set} />
      {groups.length === 0 ? (
        <Empty title="Nothing of the plan matches">
          <Button variant="default" size="xs" onClick={() => set({action: null, asset: null, text: null})}>
            Show all of it
          </Button>
        </Empty>
      ) : params.get('view') === 'strips' ? (
        <PlanStrips plan={plan} groups={groups} action={action} />
      ) : (
        <>
          <GroupHead />
          <PageRows
            label="Groups of the plan"
            count={groups.length}
            estimate={62}
            keyOf={index => groupKey(groups[index]) ?? index}
            row={index => {
              const group = groups[index];
              return group === undefined ? null : <GroupRow group={group} onKeys={setOpened} />;
            }}
          />
        </>
      )}
      <KeysDrawer plan={plan.id} opened={opened} onClose={() => setOpened(undefined)} />
    </section>
  );
}

function Filters({
  plan,
  params,
  set,
}: {
  readonly plan: PlanBody;
  readonly params: URLSearchParams;
  readonly set: (shown: Shown) => void;
}) {
  const assets = [...new Set(plan.groups.map(group => group.asset))];
  return (
    <Group gap="sm" mb="sm">
      <SegmentedControl
        size="sm"
        aria-label="View"
        value={params.get('view') === 'strips' ? 'strips' : 'table'}
        onChange={view => set({view: view === 'strips' ? view : null})}
        data={[
          {value: 'table', label: 'Table'},
          {value: 'strips', label: 'Strips'},
        ]}
      />
      <Select
        aria-label="Asset"
        placeholder="All assets"
        data={assets}
        value={params.get('asset')}
        onChange={value => set({asset: value})}
        searchable
        clearable
        w={{base: '100%', xs: 260}}
      />
      <TextInput
        aria-label="Filter by text"
        placeholder="Filter by text, such as a reason"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={params.get('text') ?? ''}
        onChange={event => set({text: event.currentTarget.value})}
        style={{flexGrow: 1, maxWidth: 420}}
      />
    </Group>
  );
}

function groupKey(group: PlanGroupBody | undefined): string | undefined {
  if (group === undefined) return undefined;
  return [group.asset, group.action, group.label, group.first[0]].join(' ');
}
