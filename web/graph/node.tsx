/**
 * A node of the graph: an asset, or a closed group, with what its partitions are.
 * It does not deal with where it lies.
 */
import './node.css';
import {IconFolder, IconFolderPlus} from '@tabler/icons-react';
import {type CSSProperties, memo} from 'react';
import {counted, number} from '../../planner/amount.ts';
import {useLive} from '../live.tsx';
import {STATE_SCALE} from '../looks.ts';
import {MiniStrip} from '../parts/mini-strip.tsx';
import {summaryOf} from '../strip-layout.ts';
import type {Placed} from './layout.ts';
import type {GraphNode} from './shape.ts';

export type Light = 'plain' | 'lit' | 'dim';

export const NodeView = memo(function NodeView({
  node,
  placed,
  light,
  isSelected,
  cone,
  onPick,
  onFocus,
}: {
  readonly node: GraphNode;
  readonly placed: Placed;
  readonly light: Light;
  readonly isSelected: boolean;
  /** How many of its partitions are in the cone that is lit. */
  readonly cone: number | undefined;
  readonly onPick: (node: GraphNode) => void;
  readonly onFocus: (id: string) => void;
}) {
  const {x, y, width, height} = placed;
  const style: CSSProperties = {transform: `translate(${x}px, ${y}px)`, width, height};
  return (
    <button
      type="button"
      className={`graph-node graph-node-${light}${isSelected ? ' graph-node-selected' : ''}`}
      style={style}
      data-node={node.id}
      aria-pressed={node.kind === 'asset' ? isSelected : undefined}
      aria-expanded={node.kind === 'group' ? false : undefined}
      onClick={() => onPick(node)}
      onFocus={() => onFocus(node.id)}
    >
      {node.kind === 'asset' ? (
        <AssetNode asset={node.asset.asset} group={node.group} axisName={node.asset.axis} />
      ) : (
        <GroupNode node={node} />
      )}
      {cone !== undefined && <span className="graph-node-cone">{counted(cone, 'key')}</span>}
    </button>
  );
});

function AssetNode({
  asset,
  group,
  axisName,
}: {
  readonly asset: string;
  readonly group: string;
  readonly axisName: string;
}) {
  const {axes, strips} = useLive();
  const axis = axes.get(axisName);
  const bytes = strips.get(asset);
  return (
    <>
      <span className="graph-node-name" title={asset}>
        {/* Its group stands around it. */}
        {asset.startsWith(`${group}.`) ? asset.slice(group.length + 1) : asset}
      </span>
      <Counters all={bytes === undefined ? [] : [bytes]} />
      {axis !== undefined && <MiniStrip asset={asset} axis={axis} height={10} />}
    </>
  );
}

function GroupNode({node}: {readonly node: Extract<GraphNode, {kind: 'group'}>}) {
  const {strips} = useLive();
  const all = node.assets.flatMap(({asset}) => strips.get(asset) ?? []);
  const parts = totalsOf(all);
  return (
    <>
      <span className="graph-node-name graph-node-group">
        <IconFolderPlus size={15} aria-hidden /> {node.group}
        <span className="graph-node-size">{counted(node.assets.length, 'asset')}</span>
      </span>
      <Counters all={all} />
      <span className="graph-node-bar" aria-hidden>
        {parts.map(({rank, count}) => (
          <span
            key={rank}
            style={{flexGrow: count, background: `var(${STATE_SCALE.looks[rank]?.variable})`}}
          />
        ))}
      </span>
    </>
  );
}

/** How many partitions have each look, the worst first. */
function totalsOf(all: readonly Uint8Array[]): readonly {readonly rank: number; readonly count: number}[] {
  const totals = new Map<number, number>();
  for (const bytes of all)
    for (const {rank, count} of summaryOf(bytes, {from: 0, to: bytes.length}, STATE_SCALE))
      totals.set(rank, (totals.get(rank) ?? 0) + count);
  return [...totals].map(([rank, count]) => ({rank, count})).toSorted((a, b) => b.rank - a.rank);
}

/** What is not as it should be, at most two; what most are where all is well. */
function Counters({all}: {readonly all: readonly Uint8Array[]}) {
  const totals = totalsOf(all).map(({rank, count}) => ({count, look: STATE_SCALE.looks[rank]}));
  const told = totals.filter(({look}) => look !== undefined && !QUIET.has(look.name)).slice(0, 2);
  const shown = told.length > 0 ? told : totals.toSorted((a, b) => b.count - a.count).slice(0, 1);
  return (
    <span className="graph-node-counters">
      {shown.map(
        ({look, count}) =>
          look !== undefined && (
            <span key={look.name} className="graph-node-counter">
              <span className="graph-node-swatch" style={{background: `var(${look.variable})`}} aria-hidden />
              {number(count)} {look.word}
            </span>
          ),
      )}
    </span>
  );
}

const QUIET: ReadonlySet<string> = new Set(['fresh', 'exempt', 'not-due', 'accepted']);

/** The name of an open group, which closes it. */
export function GroupFrame({
  group,
  placed: {x, y, width, height},
  onClose,
}: {
  readonly group: string;
  readonly placed: Placed;
  readonly onClose: () => void;
}) {
  return (
    <div className="graph-group" style={{transform: `translate(${x}px, ${y}px)`, width, height}}>
      <button
        type="button"
        className="graph-group-name"
        onClick={onClose}
        aria-expanded
        title={`Close ${group}`}
        data-group={group}
      >
        <IconFolder size={14} aria-hidden /> {group}
      </button>
    </div>
  );
}
