/**
 * The graph of assets: what is made from what, how each stands, and what one partition is made of.
 * All that is chosen is in the address: open groups, the selected asset and direction, a partition.
 * It does not deal with drawing (graph/).
 */
import './graph.css';
import {ActionIcon, Autocomplete, Button, Group, Title, Tooltip} from '@mantine/core';
import {IconFolder, IconFolderPlus, IconSearch} from '@tabler/icons-react';
import {useQuery} from '@tanstack/react-query';
import {useCallback, useMemo, useState} from 'react';
import {useSearchParams} from 'wouter';
import type {ConeBody} from '../../server/schema/partition.ts';
import {get, pathOf} from '../api.ts';
import {changed} from '../chosen.ts';
import {GraphCanvas} from '../graph/canvas.tsx';
import {layOut} from '../graph/layout.ts';
import {AssetPanel, ConePanel} from '../graph/panel.tsx';
import {
  DIRECTIONS,
  type Direction,
  type GraphNode,
  openGroups,
  openText,
  reachOf,
  type Shape,
  shapeOf,
} from '../graph/shape.ts';
import {useLedger, useLive} from '../live.tsx';
import {Awaited, Empty, Failed} from '../parts/empty.tsx';
import {Legend} from '../parts/strip.tsx';

export function GraphPage() {
  const {assets} = useLive().pipeline;
  const {chosen, change} = useGraphChoice();
  const open = useMemo(
    () => openGroups(assets, chosen.open, [chosen.select, chosen.partition?.asset]),
    [assets, chosen.open, chosen.select, chosen.partition?.asset],
  );
  const shape = useMemo(() => shapeOf(assets, open), [assets, open]);
  const layout = useQuery({
    queryKey: ['layout', shape.nodes.map(({id}) => id).join(' '), shape.edges.map(({id}) => id).join(',')],
    queryFn: () => layOut(shape),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: before => before,
  });
  const cone = useCone(chosen.partition);
  const reached = useMemo(
    () => (chosen.select === undefined ? undefined : reachOf(assets, chosen.select, chosen.direction)),
    [assets, chosen.select, chosen.direction],
  );
  const lighted = useLight(shape, cone.data, reached);
  const pick = useCallback(
    (node: GraphNode) => {
      if (node.kind === 'asset') change({select: node.id, partition: ''});
      else change({open: openText(assets, new Set([...open, node.group]))});
    },
    [assets, open, change],
  );
  if (assets.length === 0) return <Empty title="No asset is declared" />;
  return (
    <div className="graph-page">
      <Head
        open={open}
        onOpen={next => change({open: openText(assets, next), ...(next.size === 0 ? NOTHING : {})})}
        onSelect={select => change({select, partition: ''})}
      />
      <div className="graph-page-body">
        {layout.error !== null ? (
          <Failed error={layout.error} />
        ) : layout.data === undefined ? (
          <Awaited height={420} of="the graph" />
        ) : (
          <GraphCanvas
            shape={shape}
            layout={layout.data}
            lit={lighted.lit}
            cone={lighted.cone}
            selected={shape.nodeOf.get(chosen.partition?.asset ?? chosen.select ?? '')}
            onPick={pick}
            onClose={group => {
              const isLeft = assets.some(
                each =>
                  each.group === group &&
                  (each.asset === chosen.select || each.asset === chosen.partition?.asset),
              );
              change({
                open: openText(assets, new Set([...open].filter(each => each !== group))),
                ...(isLeft ? NOTHING : {}),
              });
            }}
          />
        )}
        <Side chosen={chosen} change={change} cone={cone} reached={reached?.size ?? 0} />
      </div>
      <div className="graph-page-legend">
        <Legend isWithQuality={false} />
      </div>
    </div>
  );
}

interface Chosen {
  readonly open: string | null;
  readonly select: string | undefined;
  readonly direction: Direction;
  readonly partition: {readonly asset: string; readonly key: string} | undefined;
}

/** Is selected. */
const NOTHING = {select: '', direction: '', partition: ''} as const;

type Change = Partial<Record<'open' | 'select' | 'direction' | 'partition', string>>;

/** Going back goes from choice to choice. */
function useGraphChoice(): {readonly chosen: Chosen; readonly change: (to: Change) => void} {
  const {assets} = useLive().pipeline;
  const [params, setParams] = useSearchParams();
  const chosen = useMemo((): Chosen => {
    const known = (name: string | null) => assets.find(({asset}) => asset === name)?.asset;
    const [asset = '', key] = (params.get('partition') ?? '').split('@');
    const partitionOf = known(asset);
    return {
      open: params.get('open'),
      select: known(params.get('select')),
      direction: DIRECTIONS.find(each => each === params.get('direction')) ?? 'both',
      partition: partitionOf === undefined || key === undefined ? undefined : {asset: partitionOf, key},
    };
  }, [assets, params]);
  const change = useCallback((to: Change) => setParams(before => changed(before, to)), [setParams]);
  return {chosen, change};
}

function useCone(partition: Chosen['partition']) {
  const path = partition === undefined ? '' : `${pathOf('partitions', partition.asset, partition.key)}/cone`;
  const cone = useLedger<ConeBody | null>(`cone ${path}`, () =>
    path === '' ? Promise.resolve(null) : get<ConeBody>(path),
  );
  return {...cone, data: path === '' ? undefined : (cone.data ?? undefined)};
}

/** Which nodes are lit: those of the cone, or those that are reached. */
function useLight(shape: Shape, cone: ConeBody | undefined, reached: ReadonlySet<string> | undefined) {
  return useMemo(() => {
    const counts = new Map<string, number>();
    for (const {asset, count} of cone?.assets ?? []) {
      const node = shape.nodeOf.get(asset);
      if (node !== undefined) counts.set(node, (counts.get(node) ?? 0) + count);
    }
    if (cone !== undefined) return {lit: new Set(counts.keys()), cone: counts};
    if (reached === undefined) return {lit: undefined, cone: counts};
    return {lit: new Set([...reached].flatMap(asset => shape.nodeOf.get(asset) ?? [])), cone: counts};
  }, [shape, cone, reached]);
}

function Head({
  open,
  onOpen,
  onSelect,
}: {
  readonly open: ReadonlySet<string>;
  readonly onOpen: (open: ReadonlySet<string>) => void;
  readonly onSelect: (asset: string) => void;
}) {
  const {assets, groups} = useLive().pipeline;
  const [text, setText] = useState('');
  const names = assets.map(({asset}) => asset);
  const word = open.size > 0 ? 'Close all groups' : 'Open all groups';
  return (
    <Group justify="space-between" gap="sm">
      <Title order={1} size="h2">
        Graph
      </Title>
      <Group gap="xs" wrap="nowrap">
        <Autocomplete
          aria-label="Find an asset"
          placeholder="Find an asset"
          leftSection={<IconSearch size={16} aria-hidden />}
          data={names}
          limit={30}
          selectFirstOptionOnChange
          value={text}
          onChange={setText}
          onOptionSubmit={onSelect}
          w={{base: 190, xs: 280}}
        />
        <Tooltip label={word} withArrow>
          <ActionIcon
            variant="default"
            size="lg"
            aria-label={word}
            onClick={() => onOpen(open.size > 0 ? new Set() : new Set(groups))}
          >
            {open.size > 0 ? <IconFolder size={18} aria-hidden /> : <IconFolderPlus size={18} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}

function Side({
  chosen,
  change,
  cone,
  reached,
}: {
  readonly chosen: Chosen;
  readonly change: (to: Change) => void;
  readonly cone: ReturnType<typeof useCone>;
  readonly reached: number;
}) {
  const {assets} = useLive().pipeline;
  if (chosen.partition !== undefined) {
    const name = `${chosen.partition.asset}@${chosen.partition.key}`;
    const close = () => change({partition: ''});
    if (cone.error !== null)
      return (
        <aside className="graph-panel" aria-label={name}>
          <Failed error={cone.error} retry={() => void cone.refetch()} />
          <Button variant="subtle" size="xs" mt="xs" onClick={close}>
            Select nothing
          </Button>
        </aside>
      );
    if (cone.data === undefined)
      return (
        <aside className="graph-panel" aria-label={name}>
          <Awaited height={240} lines={6} of={`what ${name} is made of`} />
        </aside>
      );
    return <ConePanel name={name} cone={cone.data} onClose={close} />;
  }
  const asset = assets.find(each => each.asset === chosen.select);
  if (asset === undefined) return null;
  return (
    <AssetPanel
      key={asset.asset}
      asset={asset}
      direction={chosen.direction}
      reached={reached}
      onDirection={direction => change({direction: direction === 'both' ? '' : direction})}
      onSelect={select => change({select})}
      onPartition={(name, key) => change({partition: `${name}@${key}`})}
      onClose={() => change(NOTHING)}
    />
  );
}
