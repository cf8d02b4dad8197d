/**
 * A long list of which only what is in the window is drawn. Its items may be of any height.
 * It does not deal with what they are.
 */
import './window-list.css';
import {useWindowVirtualizer} from '@tanstack/react-virtual';
import {type ReactNode, useLayoutEffect, useRef, useState} from 'react';

export function WindowList<T>({
  items,
  keyOf,
  height,
  label,
  children,
}: {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** About, in pixels; what is drawn is measured. */
  readonly height: (item: T) => number;
  readonly label: string;
  readonly children: (item: T) => ReactNode;
}) {
  const place = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  // What stands above may grow while the page is open.
  useLayoutEffect(() => {
    const found = place.current === null ? 0 : place.current.getBoundingClientRect().top + scrollY;
    if (Math.abs(found - top) > 1) setTop(found);
  });
  const list = useWindowVirtualizer({
    count: items.length,
    estimateSize: index => {
      const item = items[index];
      return item === undefined ? 0 : height(item);
    },
    getItemKey: index => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
    scrollMargin: top,
    overscan: 8,
  });
  return (
    <ul
      ref={place}
      aria-label={label}
      className="window-list"
      style={{position: 'relative', height: list.getTotalSize()}}
    >
      {list.getVirtualItems().map(({index, key, start}) => {
        const item = items[index];
        return (
          item !== undefined && (
            <li
              key={key}
              ref={list.measureElement}
              data-index={index}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{
                position: 'absolute',
                insetInline: 0,
                top: 0,
                transform: `translateY(${start - top}px)`,
              }}
            >
              {children(item)}
            </li>
          )
        );
      })}
    </ul>
  );
}
