/**
 * Moves and zooms the graph by wheel, pointer and two fingers.
 * It does not deal with keys (canvas.tsx) nor with the arithmetic (view.ts).
 */
import {useElementSize, useMergedRef} from '@mantine/hooks';
import {useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState} from 'react';
import {firstView, moveBy, type Size, type View, wholeView, zoomAt} from './view.ts';

/** Pixels: less is a click. */
const LEAST_DRAG = 4;

export function usePanAndZoom(graph: Size) {
  const own = useRef<HTMLDivElement>(null);
  const {ref, width, height} = useElementSize<HTMLDivElement>();
  const box = useMergedRef(own, ref);
  const [view, setView] = useState<View>({x: 0, y: 0, scale: 1});
  const [isMoving, setMoving] = useState(false);
  const latest = useRef({graph, size: {width, height}});
  latest.current = {graph, size: {width, height}};
  const seen = useRef<Size>(undefined);
  // Another graph is seen from its beginning.
  useLayoutEffect(() => {
    if (width === 0 || seen.current === graph) return;
    seen.current = graph;
    setView(firstView(graph, {width, height}));
  }, [graph, width, height]);
  useEffect(() => {
    const element = own.current;
    return element === null ? undefined : listen(element, latest, setView, setMoving);
  }, []);
  const showAll = useCallback(() => setView(wholeView(latest.current.graph, latest.current.size)), []);
  const size = useMemo(() => ({width, height}), [width, height]);
  return {box, view, setView, size, isMoving, showAll};
}

function listen(
  element: HTMLElement,
  latest: {readonly current: {readonly graph: Size; readonly size: Size}},
  setView: (change: (before: View) => View) => void,
  setMoving: (isMoving: boolean) => void,
): () => void {
  const fingers = new Map<number, {x: number; y: number}>();
  let [way, isDrag] = [0, false];
  const placeOf = ({clientX, clientY}: MouseEvent) => {
    const {left, top} = element.getBoundingClientRect();
    return {x: clientX - left, y: clientY - top};
  };
  const move = (dx: number, dy: number) =>
    setView(before => moveBy(before, dx, dy, latest.current.graph, latest.current.size));
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
      return move(-(event.deltaX || event.deltaY), event.shiftKey ? 0 : -event.deltaY);
    const at = placeOf(event);
    // Two fingers on a pad come with Ctrl and in small steps.
    const factor = (event.ctrlKey ? 1.01 : 1.0015) ** -event.deltaY;
    setView(before => zoomAt(before, factor, at));
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, placeOf(event));
    if (fingers.size === 1) [way, isDrag] = [0, false];
  };
  const drag = (event: PointerEvent) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const now = placeOf(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    way += Math.hypot(now.x - before.x, now.y - before.y);
    if (!isDrag && way < LEAST_DRAG) return;
    if (!isDrag) {
      isDrag = true;
      setMoving(true);
      element.setPointerCapture(event.pointerId);
    }
    if (other === undefined) return move(now.x - before.x, now.y - before.y);
    const apart = (a: {x: number; y: number}) => Math.max(1, Math.hypot(a.x - other.x, a.y - other.y));
    const middle = {x: (now.x + other.x) / 2, y: (now.y + other.y) / 2};
    setView(view => zoomAt(view, apart(now) / apart(before), middle));
    move((now.x - before.x) / 2, (now.y - before.y) / 2);
  };
  const up = (event: PointerEvent) => {
    fingers.delete(event.pointerId);
    if (fingers.size === 0) setMoving(false);
  };
  // The click that ends a drag picks nothing.
  const click = (event: MouseEvent) => {
    if (!isDrag) return;
    isDrag = false;
    event.stopPropagation();
    event.preventDefault();
  };
  const ending = new AbortController();
  const {signal} = ending;
  element.addEventListener('wheel', wheel, {passive: false, signal});
  element.addEventListener('pointerdown', down, {signal});
  element.addEventListener('pointermove', drag, {signal});
  element.addEventListener('pointerup', up, {signal});
  element.addEventListener('pointercancel', up, {signal});
  element.addEventListener('click', click, {capture: true, signal});
  // What has the focus is brought into sight by moving the graph, not by scrolling it.
  element.addEventListener('scroll', () => element.scrollTo(0, 0), {signal});
  return () => ending.abort();
}
