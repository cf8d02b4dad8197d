/**
 * Edges of the graph as curves with an arrow; windows are written on those that are looked at.
 * It does not deal with their way (layout.ts).
 */
import {memo} from 'react';
import type {GraphLayout} from './layout.ts';
import type {GraphEdge} from './shape.ts';
import {pathThrough, placeLabels} from './view.ts';

/** With more edges than that windows are written only on those that are looked at. */
const MOST_WRITTEN = 80;

export const EdgeLayer = memo(function EdgeLayer({
  edges,
  layout,
  lit,
  pointed,
  scale,
}: {
  readonly edges: readonly GraphEdge[];
  readonly layout: GraphLayout;
  readonly lit: ReadonlySet<string> | undefined;
  /** The node whose edges are told apart from others. */
  readonly pointed: string | undefined;
  /** Of the view. */
  readonly scale: number;
}) {
  const lightOf = ({from, to}: GraphEdge) => {
    if (pointed === from || pointed === to) return 'pointed';
    return lit === undefined ? 'plain' : lit.has(from) && lit.has(to) ? 'lit' : 'dim';
  };
  const areAllWritten = scale >= 0.6 && edges.length <= MOST_WRITTEN;
  const labels = edges
    .filter(({windows}) => windows.length > 0)
    .map(edge => ({edge, light: lightOf(edge)}))
    .filter(({light}) => light === 'pointed' || (areAllWritten && light !== 'dim'))
    .toSorted((a, b) => Number(b.light === 'pointed') - Number(a.light === 'pointed'));
  const placed = placeLabels(
    labels.map(({edge: {id, windows}}) => ({
      id,
      text: windows.length === 1 ? (windows[0] ?? '') : `${windows.length} windows`,
      points: layout.edges.get(id) ?? [],
    })),
    [...layout.nodes.values()],
    scale,
  );
  const lights = new Map(labels.map(({edge, light}) => [edge.id, light]));
  return (
    <>
      <svg className="graph-edges" width={layout.width} height={layout.height} aria-hidden="true">
        <defs>
          {(['plain', 'lit', 'pointed', 'dim'] as const).map(light => (
            <marker
              key={light}
              id={`graph-arrow-${light}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M0 0L8 4L0 8z" className={`graph-arrow graph-arrow-${light}`} />
            </marker>
          ))}
        </defs>
        {edges.map(edge => {
          const points = layout.edges.get(edge.id);
          const light = lightOf(edge);
          const kind = `graph-edge graph-edge-${light}${edge.isSoft ? ' graph-edge-soft' : ''}${edge.windows.length > 0 ? ' graph-edge-window' : ''}`;
          return (
            points !== undefined && (
              <path
                key={edge.id}
                d={pathThrough(points)}
                className={kind}
                markerEnd={`url(#graph-arrow-${light})`}
              />
            )
          );
        })}
      </svg>
      {placed.map(({id, text, x, y}) => (
        <span
          key={id}
          className={`graph-label graph-label-${lights.get(id) ?? 'plain'}`}
          style={{transform: `translate(-50%, -50%) translate(${x}px, ${y}px) scale(${1 / scale})`}}
        >
          {text}
        </span>
      ))}
    </>
  );
});
