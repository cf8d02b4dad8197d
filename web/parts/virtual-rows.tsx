/**
 * Long lists of which only what is seen is there: in a box of their own, or along the page.
 * Rows are measured, so they may be of any height. It does not deal with what a row shows.
 */
import './virtual-rows.css';
import {useVirtualizer, useWindowVirtualizer, type VirtualItem} from '@tanstack/react-virtual';
import {type ReactNode, useLayoutEffect, useRef, useState} from 'react';

interface Rows {
  readonly count: number;
  /** Height of a row that was not seen yet, in pixels. */
  readonly estimate: number;
  readonly row: (index: number) => ReactNode;
  /** Of a row, so that its height goes with it. */
  readonly keyOf: (index: number) => string | number;
  readonly label: string;
}

/** `onSeen` is told the last row in sight, to fetch what follows. */
export function BoxedRows({
  height,
  onSeen,
  ...rows
}: Rows & {readonly height: number | string; readonly onSeen?: (last: number) => void}) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => box.current,
    estimateSize: () => rows.estimate,
    getItemKey: rows.keyOf,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const seen = useRef(onSeen);
  seen.current = onSeen;
  useLayoutEffect(() => seen.current?.(last), [last]);
  return (
    <section
      ref={box}
      className="virtual-rows-box"
      style={{maxHeight: height}}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by keyboard.
      tabIndex={0}
      aria-label={rows.label}
    >
      <Laid
        rows={rows}
        items={items}
        size={virtual.getTotalSize()}
        measure={virtual.measureElement}
        shift={0}
      />
    </section>
  );
}

export function PageRows(rows: Rows) {
  const list = useRef<HTMLDivElement>(null);
  const [above, setAbove] = useState(0);
  // What stands above may grow and shrink, and the page with it.
  useLayoutEffect(() => {
    const look = () => {
      const top = list.current?.getBoundingClientRect().top ?? 0;
      setAbove(Math.round(top + window.scrollY));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.count,
    estimateSize: () => rows.estimate,
    getItemKey: rows.keyOf,
    overscan: 6,
    scrollMargin: above,
  });
  return (
    <div ref={list}>
      <Laid
        rows={rows}
        items={virtual.getVirtualItems()}
        size={virtual.getTotalSize()}
        measure={virtual.measureElement}
        shift={above}
      />
    </div>
  );
}

function Laid({
  rows,
  items,
  size,
  measure,
  shift,
}: {
  readonly rows: Rows;
  readonly items: readonly VirtualItem[];
  readonly size: number;
  readonly measure: (element: HTMLElement | null) => void;
  readonly shift: number;
}) {
  return (
    <ul className="virtual-rows" style={{height: size}} aria-label={rows.label}>
      {items.map(({index, key, start}) => (
        <li
          key={String(key)}
          ref={measure}
          data-index={index}
          aria-setsize={rows.count}
          aria-posinset={index + 1}
          className="virtual-rows-row"
          style={{transform: `translateY(${start - shift}px)`}}
        >
          {rows.row(index)}
        </li>
      ))}
    </ul>
  );
}
