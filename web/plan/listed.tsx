/**
 * What a plan lists, as a table of its groups or as strips, filtered by action, asset and text.
 * It does not deal with running it.
 */
import {Button, Group, SegmentedControl, Select, TextInput} from '@mantine/core';
import {IconSearch} from '@tabler/icons-react';
import {useMemo, useState} from 'react';
import type {PlanBody, PlanGroupBody} from '../../server/schema/plan.ts';
import {useChosen} from '../chosen.ts';
import {Empty} from '../parts/empty.tsx';
import {PageRows} from '../parts/virtual-rows.tsx';
import {GroupHead, GroupRow} from './group-row.tsx';
import {actionIn, filterGroups} from './groups.ts';
import {KeysDrawer, type Opened} from './keys-drawer.tsx';
import {PlanStrips} from './strips.tsx';

/** The address says what of it is shown, and how: `view`, `action`, `asset` and `text`. */
export function ListedPlan({plan}: {readonly plan: PlanBody}) {
  const [opened, setOpened] = useState<Opened>();
  const {of, choose} = useChosen();
  const [action, asset, text] = [actionIn(of('action')), of('asset') || null, of('text')];
  const groups = useMemo(() => filterGroups(plan.groups, {action, asset, text}), [plan, action, asset, text]);
  return (
    <section aria-label="What the plan lists">
      <Filters plan={plan} />
      {groups.length === 0 ? (
        <Empty title="Nothing of the plan matches">
          <Button variant="default" size="xs" onClick={() => choose({action: '', asset: '', text: ''})}>
            Show all of it
          </Button>
        </Empty>
      ) : of('view') === 'strips' ? (
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

function Filters({plan}: {readonly plan: PlanBody}) {
  const {of, choose} = useChosen();
  const assets = [...new Set(plan.groups.map(group => group.asset))];
  return (
    <Group gap="sm" mb="sm">
      <SegmentedControl
        size="sm"
        aria-label="View"
        value={of('view') === 'strips' ? 'strips' : 'table'}
        onChange={view => choose({view: view === 'strips' ? view : ''})}
        data={[
          {value: 'table', label: 'Table'},
          {value: 'strips', label: 'Strips'},
        ]}
      />
      <Select
        aria-label="Asset"
        placeholder="All assets"
        data={assets}
        value={of('asset') || null}
        onChange={value => choose({asset: value ?? ''})}
        searchable
        clearable
        w={{base: '100%', xs: 260}}
      />
      <TextInput
        aria-label="Filter by text"
        placeholder="Filter by text, such as a reason"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={of('text')}
        onChange={event => choose({text: event.currentTarget.value})}
        style={{flexGrow: 1, maxWidth: 420}}
      />
    </Group>
  );
}

function groupKey(group: PlanGroupBody | undefined): string | undefined {
  if (group === undefined) return undefined;
  return [group.asset, group.action, group.label, group.first[0]].join(' ');
}
