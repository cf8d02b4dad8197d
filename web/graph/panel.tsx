/**
 * What is selected in the graph: an asset with its edges, or what a partition is made of.
 * It does not deal with drawing them.
 */
import './panel.css';
import {Anchor, Button, CloseButton, Group, SegmentedControl, Stack, Text, TextInput} from '@mantine/core';
import {IconArrowUpRight, IconListCheck} from '@tabler/icons-react';
import {type SubmitEvent, useState} from 'react';
import {Link} from 'wouter';
import {counted, number} from '../../planner/amount.ts';
import type {ConeBody} from '../../server/schema/partition.ts';
import type {DeclaredAssetBody, EdgeBody} from '../../server/schema/pipeline.ts';
import {assetAddress, partitionAddress, planAddress} from '../addresses.ts';
import {windowInFull} from '../format.ts';
import {useLive} from '../live.tsx';
import {Name} from '../parts/name.tsx';
import {StateBadge} from '../parts/state-badge.tsx';
import {Strip} from '../parts/strip.tsx';
import {BoxedRows} from '../parts/virtual-rows.tsx';
import type {Direction} from './shape.ts';

export function AssetPanel({
  asset,
  direction,
  reached,
  onDirection,
  onSelect,
  onPartition,
  onClose,
}: {
  readonly asset: DeclaredAssetBody;
  readonly direction: Direction;
  /** How many assets are lit with it. */
  readonly reached: number;
  readonly onDirection: (direction: Direction) => void;
  readonly onSelect: (asset: string) => void;
  readonly onPartition: (asset: string, key: string) => void;
  readonly onClose: () => void;
}) {
  const {axes, pipeline} = useLive();
  const axis = axes.get(asset.axis);
  const readBy = pipeline.assets.flatMap(each =>
    each.upstream.filter(edge => edge.asset === asset.asset).map(edge => ({...edge, asset: each.asset})),
  );
  const sign = {both: `+${asset.asset}+`, up: `+${asset.asset}`, down: `${asset.asset}+`}[direction];
  return (
    <aside className="graph-panel" aria-label={`Selected: ${asset.asset}`}>
      <Stack gap="sm">
        <Title text={asset.asset} onClose={onClose} />
        {asset.description !== null && <Text size="sm">{asset.description}</Text>}
        <Text size="xs" className="quiet">
          {[asset.group, asset.kind, counted(asset.partitions, 'partition')].join(' · ')}
        </Text>
        {axis !== undefined && (
          <div>
            <Strip
              asset={asset.asset}
              axis={axis}
              height={24}
              onOpen={key => onPartition(asset.asset, key)}
            />
            <KeyField onKey={key => onPartition(asset.asset, key)} />
          </div>
        )}
        <SegmentedControl
          size="xs"
          fullWidth
          aria-label="What is lit"
          value={direction}
          onChange={value => onDirection(value === 'up' || value === 'down' ? value : 'both')}
          data={[
            {value: 'up', label: 'Upstream'},
            {value: 'both', label: 'Both'},
            {value: 'down', label: 'Downstream'},
          ]}
        />
        <Text size="xs" className="quiet">
          {counted(reached - 1, 'other asset')}{' '}
          {direction === 'up'
            ? 'it is made from'
            : direction === 'down'
              ? 'made from it'
              : 'before and after it'}
        </Text>
        <Group gap="xs">
          <Button
            component={Link}
            href={assetAddress(asset.asset)}
            size="xs"
            variant="default"
            leftSection={<IconArrowUpRight size={15} aria-hidden />}
          >
            Open
          </Button>
          <Button
            component={Link}
            href={planAddress({select: sign})}
            size="xs"
            variant="default"
            leftSection={<IconListCheck size={15} aria-hidden />}
          >
            Plan {sign.length > 26 ? 'these' : sign}
          </Button>
        </Group>
        <Edges title="Reads" edges={asset.upstream} onSelect={onSelect} />
        <Edges title="Read by" edges={readBy} onSelect={onSelect} />
      </Stack>
    </aside>
  );
}

function Title({text, onClose}: {readonly text: string; readonly onClose: () => void}) {
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
      <Text fw={650} style={{overflowWrap: 'anywhere'}}>
        <Name text={text} />
      </Text>
      <CloseButton size="sm" aria-label="Select nothing" onClick={onClose} />
    </Group>
  );
}

function KeyField({onKey}: {readonly onKey: (key: string) => void}) {
  const [key, setKey] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (key.trim() !== '') onKey(key.trim());
  };
  return (
    <form className="graph-panel-key" onSubmit={submit}>
      <TextInput
        size="xs"
        aria-label="Key of a partition"
        placeholder="a key, such as 2024-10-22"
        value={key}
        onChange={event => setKey(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default">
        Light inputs
      </Button>
    </form>
  );
}

function Edges({
  title,
  edges,
  onSelect,
}: {
  readonly title: string;
  readonly edges: readonly EdgeBody[];
  readonly onSelect: (asset: string) => void;
}) {
  if (edges.length === 0) return null;
  return (
    <div>
      <Text size="xs" fw={600} className="quiet">
        {title}
      </Text>
      <ul className="graph-panel-edges">
        {edges.map(edge => (
          <li key={`${edge.asset} ${edge.name}`}>
            <Anchor component="button" type="button" fz="sm" onClick={() => onSelect(edge.asset)}>
              <Name text={edge.asset} />
            </Anchor>
            <div className="quiet">{windowInFull(edge.window)}</div>
          </li>
        ))}
      </ul>
    </div>
  );
}

type ConeRow =
  | {readonly kind: 'asset'; readonly asset: string; readonly count: number}
  | ({readonly kind: 'key'; readonly asset: string} & ConeBody['assets'][number]['partitions'][number])
  | {readonly kind: 'rest'; readonly asset: string; readonly count: number};

export function ConePanel({
  name,
  cone,
  onClose,
}: {
  readonly name: string;
  readonly cone: ConeBody;
  readonly onClose: () => void;
}) {
  const rows = cone.assets.flatMap(({asset, count, partitions}): readonly ConeRow[] => [
    {kind: 'asset', asset, count},
    ...partitions.map(each => ({kind: 'key' as const, asset, ...each})),
    ...(count > partitions.length ? [{kind: 'rest' as const, asset, count: count - partitions.length}] : []),
  ]);
  const all = cone.assets.reduce((sum, {count}) => sum + count, 0);
  return (
    <aside className="graph-panel" aria-label={`What ${name} is made of`}>
      <Title text={name} onClose={onClose} />
      <Text size="xs" className="quiet" mb="xs">
        and all that it is made of: {counted(all, 'partition')} of {counted(cone.assets.length, 'asset')},
        with the version of each.
      </Text>
      <BoxedRows
        label={`What ${name} is made of`}
        count={rows.length}
        estimate={30}
        height="none"
        keyOf={index => index}
        row={index => {
          const row = rows[index];
          return row === undefined ? null : <Row row={row} />;
        }}
      />
    </aside>
  );
}

function Row({row}: {readonly row: ConeRow}) {
  switch (row.kind) {
    case 'asset':
      return (
        <div className="graph-cone-asset">
          <Anchor component={Link} href={assetAddress(row.asset)} fz="sm" fw={600}>
            <Name text={row.asset} />
          </Anchor>
          <span className="quiet">{counted(row.count, 'key')}</span>
        </div>
      );
    case 'key':
      return (
        <div className="graph-cone-key">
          <Anchor component={Link} href={partitionAddress(row.asset, row.key)} fz="xs">
            {row.key}
          </Anchor>
          <StateBadge look={row.state} />
          <code>{row.version ?? 'none'}</code>
        </div>
      );
    case 'rest':
      return <div className="graph-cone-key quiet">and {number(row.count)} more</div>;
  }
}
