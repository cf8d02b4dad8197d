/**
 * The graph as it is seen: edges as curves, nodes above them; moved and zoomed by mouse, fingers and keys.
 * It does not deal with what is selected (pages/graph.tsx) nor with where nodes lie (layout.ts).
 */
import './canvas.css';
import {type KeyboardEvent, memo, useCallback, useLayoutEffect, useRef, useState} from 'react';
import {ZoomButtons} from '../parts/zoom-buttons.tsx';
import {EdgeLayer} from './edges.tsx';
import type {GraphLayout} from './layout.ts';
import {GroupFrame, type Light, NodeView} from './node.tsx';
import type {GraphNode, Shape} from './shape.ts';
import {usePanAndZoom} from './use-pan-and-zoom.ts';
import {boundsOf, lookAt, neighbourOf, reveal, type Size, type View, type Way, zoomAt} from './view.ts';

export function GraphCanvas({
  shape,
  layout,
  lit,
  cone,
  selected,
  onPick,
  onClose,
}: {
  readonly shape: Shape;
  readonly layout: GraphLayout;
  /** Ids of nodes; undefined where none is more than the others. */
  readonly lit: ReadonlySet<string> | undefined;
  /** By id of a node, how many partitions are in the cone. */
  readonly cone: ReadonlyMap<string, number>;
  /** Id of a node. */
  readonly selected: string | undefined;
  readonly onPick: (node: GraphNode) => void;
  readonly onClose: (group: string) => void;
}) {
  const {box, view, setView, size, isMoving, showAll} = usePanAndZoom(layout);
  const [hovered, setHovered] = useState<string>();
  useSight({layout, size, selected, cone, lit, setView});
  const focus = useCallback(
    (id: string) => {
      const placed = layout.nodes.get(id);
      if (placed !== undefined) setView(before => reveal(before, placed, size));
    },
    [layout, size, setView],
  );
  const middle = {x: size.width / 2, y: size.height / 2};
  const zoomBy = (factor: number) => setView(before => zoomAt(before, factor, middle));
  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = WAYS[event.key];
    const node = (event.target as HTMLElement).dataset['node']; // what has the focus is an element of this page
    if (way !== undefined && node !== undefined) {
      const next = neighbourOf(layout.nodes, node, way);
      event.currentTarget.querySelector<HTMLElement>(`[data-node="${CSS.escape(next ?? node)}"]`)?.focus();
    } else if (way !== undefined) {
      const [dx, dy] = STEPS[way];
      setView(before => ({...before, x: before.x + dx, y: before.y + dy}));
    } else if (event.key === '+' || event.key === '=') zoomBy(1.25);
    else if (event.key === '-') zoomBy(0.8);
    else if (event.key === '0') showAll();
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form.
    <div
      ref={box}
      className={isMoving ? 'graph graph-moving' : 'graph'}
      role="group"
      aria-label="Graph of assets. Arrow keys move, from node to node where one has the focus; plus and minus zoom, 0 shows all."
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys move and zoom it.
      tabIndex={0}
      onKeyDown={press}
    >
      <div
        className="graph-world"
        style={{transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`}}
      >
        {[...layout.groups].map(([group, placed]) => (
          <GroupFrame key={group} group={group} placed={placed} onClose={() => onClose(group)} />
        ))}
        <EdgeLayer
          edges={shape.edges}
          layout={layout}
          lit={lit}
          pointed={hovered ?? selected}
          scale={Math.round(view.scale * 20) / 20}
        />
        <NodeLayer
          nodes={shape.nodes}
          layout={layout}
          lit={lit}
          cone={cone}
          selected={selected}
          onPick={onPick}
          onFocus={focus}
          onHover={setHovered}
        />
      </div>
      <div className="graph-buttons">
        <ZoomButtons size="md" onIn={() => zoomBy(1.25)} onOut={() => zoomBy(0.8)} onAll={showAll} />
      </div>
    </div>
  );
}

/** Apart, so that moving the graph draws no node anew. */
const NodeLayer = memo(function NodeLayer({
  nodes,
  layout,
  lit,
  cone,
  selected,
  onPick,
  onFocus,
  onHover,
}: {
  readonly nodes: readonly GraphNode[];
  readonly layout: GraphLayout;
  readonly lit: ReadonlySet<string> | undefined;
  readonly cone: ReadonlyMap<string, number>;
  readonly selected: string | undefined;
  readonly onPick: (node: GraphNode) => void;
  readonly onFocus: (id: string) => void;
  readonly onHover: (id: string | undefined) => void;
}) {
  const lightOf = (id: string): Light => (lit === undefined ? 'plain' : lit.has(id) ? 'lit' : 'dim');
  return (
    <div
      onPointerOver={({target}) =>
        onHover((target as HTMLElement).closest<HTMLElement>('[data-node]')?.dataset['node'])
      }
      onPointerLeave={() => onHover(undefined)}
    >
      {nodes.map(node => {
        const placed = layout.nodes.get(node.id);
        return (
          placed !== undefined && (
            <NodeView
              key={node.id}
              node={node}
              placed={placed}
              light={lightOf(node.id)}
              isSelected={selected === node.id}
              cone={cone.get(node.id)}
              onPick={onPick}
              onFocus={onFocus}
            />
          )
        );
      })}
    </div>
  );
});

const WAYS: Readonly<Record<string, Way>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
/** The graph goes the other way. Pixels. */
const STEPS: Readonly<Record<Way, readonly [number, number]>> = {
  left: [80, 0],
  right: [-80, 0],
  up: [0, 80],
  down: [0, -80],
};

/** What is selected elsewhere is brought into sight, and a cone that is lit as far as it can be read. */
function useSight({
  layout,
  size,
  selected,
  cone,
  lit,
  setView,
}: {
  readonly layout: GraphLayout;
  readonly size: Size;
  readonly selected: string | undefined;
  readonly cone: ReadonlyMap<string, number>;
  readonly lit: ReadonlySet<string> | undefined;
  readonly setView: (change: (before: View) => View) => void;
}) {
  const shown = useRef<string>(undefined);
  useLayoutEffect(() => {
    const placed = selected === undefined ? undefined : layout.nodes.get(selected);
    const what = `${selected} ${[...cone.keys()].join(' ')} ${size.width}`;
    if (placed === undefined || size.width === 0 || shown.current === what) return;
    // Of an asset that the address named as the page was opened, all that is lit with it is seen; later nothing moves.
    const wanted = cone.size > 0 ? cone.keys() : shown.current === undefined ? (lit ?? []) : [];
    shown.current = what;
    const bounds = boundsOf([...wanted].flatMap(id => layout.nodes.get(id) ?? []));
    setView(before => (bounds === undefined ? reveal(before, placed, size) : lookAt(bounds, placed, size)));
  }, [selected, cone, lit, layout, size, setView]);
}
