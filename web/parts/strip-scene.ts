/**
 * A strip at work: draws when something changed, at most once a frame, and turns pointer and keys into what they mean.
 * Nothing of it passes through React while it is dragged or zoomed. It does not deal with pixels of cells
 * (strip-paint.ts) nor with the card that tells of one (strip-card.tsx).
 */
import type {AxisBody} from '../../server/schema/pipeline.ts';
import {type Scale, STATE_SCALE} from '../looks.ts';
import {countOf, extended, isSelected, type Ordinals, toggled, united} from '../selection.ts';
import {
  type Block,
  clamp,
  hit,
  type Layout,
  type Level,
  layoutOf,
  lineLayout,
  placeOf,
  type Span,
  wholeSpan,
} from '../strip-layout.ts';
import {targetOf} from '../strip-steps.ts';
import {moved, zoomed} from '../zoom.ts';
import {paintMarks} from './strip-marks.ts';
import {paint, resize} from './strip-paint.ts';
import {paletteOf} from './strip-palette.ts';

export interface SceneInput {
  readonly axis: AxisBody;
  /** Undefined while it is not known. */
  readonly bytes: Uint8Array | undefined;
  /** Another one where bytes were changed in place. */
  readonly version: number;
  readonly scale: Scale;
  /** Dark or light. */
  readonly scheme: string;
  /** `line`: one bar over the whole width, which can be zoomed. */
  readonly level: Level | 'line';
  readonly season: string | undefined;
  /** Of a line, and the most of the others. */
  readonly height: number;
  readonly selection: Ordinals;
  readonly onSelect: ((ordinals: Ordinals) => void) | undefined;
  readonly onOpen: ((key: string) => void) | undefined;
}

interface Places {
  readonly host: HTMLElement;
  /** As high as all that can be scrolled to. */
  readonly room: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Lies over it. */
  readonly marks: HTMLCanvasElement;
}

/** What moves cells when it changes, and what only makes them look different. */
const PLACED_BY = ['axis', 'level', 'season', 'height'] as const;
const DRAWN_BY = ['bytes', 'version', 'scale', 'scheme'] as const;

/** What the card beside the strip tells of. */
export type Pointed =
  | {readonly kind: 'nothing'}
  | {
      readonly kind: 'cells';
      readonly span: Span;
      /** In the window. */
      readonly x: number;
      readonly top: number;
      readonly bottom: number;
      readonly isByKeys: boolean;
    }
  | {
      readonly kind: 'drag';
      readonly ordinals: Ordinals;
      readonly x: number;
      readonly top: number;
      readonly bottom: number;
    };

const NOTHING: Pointed = {kind: 'nothing'};

export class StripScene {
  readonly #host: HTMLElement;
  readonly #room: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #marks: HTMLCanvasElement;
  readonly #listeners = new Set<() => void>();
  readonly #observer: ResizeObserver;
  readonly #abort = new AbortController();
  #input: SceneInput;
  #layout: Layout | undefined;
  #view: Span;
  #width = 0;
  #frame: number | undefined;
  #isStale = true;
  #cursor: number | undefined;
  #hovered: Span | undefined;
  #drag: {readonly anchor: Span; readonly kept: Ordinals; draft: Ordinals; hasMoved: boolean} | undefined;
  #pointed: Pointed = NOTHING;

  constructor({host, room, canvas, marks}: Places, input: SceneInput) {
    this.#host = host;
    this.#room = room;
    this.#canvas = canvas;
    this.#marks = marks;
    this.#input = input;
    this.#view = wholeSpan(input.axis, input.season);
    this.#observer = new ResizeObserver(() => this.#measure());
    this.#observer.observe(host);
    const {signal} = this.#abort;
    const on = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void) =>
      host.addEventListener(name, act, {signal, passive: name !== 'wheel' && name !== 'keydown'});
    on('pointerdown', event => this.#press(event));
    on('pointermove', event => this.#move(event));
    on('pointerup', event => this.#release(event));
    on('pointercancel', () => this.#cancel());
    on('pointerleave', () => this.#leave());
    on('dblclick', () => this.#open());
    on('wheel', event => this.#wheel(event));
    on('keydown', event => this.#pressKey(event));
    on('scroll', () => this.draw());
    on('focus', () => this.#focus());
    on('blur', () => this.#blur());
    this.#measure();
  }

  update(input: SceneInput): void {
    const before = this.#input;
    this.#input = input;
    if (input.axis !== before.axis || input.season !== before.season) {
      this.#view = wholeSpan(input.axis, input.season);
      this.#cursor = undefined;
      this.#leave();
    }
    if (PLACED_BY.some(name => input[name] !== before[name])) this.#place();
    else if (DRAWN_BY.some(name => input[name] !== before[name])) this.draw();
    else this.#drawMarks();
    if (input.level !== before.level) this.#goToStart();
    else if (input.selection !== before.selection) this.#seek();
  }

  close(): void {
    this.#abort.abort();
    this.#observer.disconnect();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly pointed = (): Pointed => this.#pointed;

  /** With the next frame: all of it. */
  draw(): void {
    this.#isStale = true;
    this.#drawMarks();
  }

  /** With the next frame: what lies over the cells. */
  #drawMarks(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#paint();
    });
  }

  #measure(): void {
    const width = this.#host.clientWidth;
    if (width === this.#width) return;
    const isFirst = this.#width === 0;
    this.#width = width;
    this.#place();
    if (isFirst) this.#goToStart();
  }

  #place(): void {
    if (this.#width === 0) return;
    const {axis, level, season, height} = this.#input;
    this.#layout =
      level === 'line'
        ? lineLayout(axis, this.#view, this.#width, height)
        : layoutOf(axis, level, this.#width, season);
    this.#room.style.height = `${this.#layout.height}px`;
    this.draw();
  }

  /** To what is selected, or to the latest. */
  #goToStart(): void {
    this.#host.scrollTop = this.#layout?.height ?? 0;
    this.#seek();
  }

  /** Scrolls to what is selected where nothing of it is in sight. */
  #seek(): void {
    const {selection} = this.#input;
    const blocks = this.#layout?.blocks ?? [];
    const isSelectedIn = (block: Span) => selection.some(({from, to}) => from < block.to && to > block.from);
    const {scrollTop, clientHeight} = this.#host;
    const isInSight = ({y, height}: Block) => y >= scrollTop && y + height <= scrollTop + clientHeight;
    const first = blocks.find(isSelectedIn);
    if (first === undefined || blocks.some(block => isInSight(block) && isSelectedIn(block))) return;
    this.#host.scrollTop = Math.max(0, first.y - ABOVE);
  }

  #paint(): void {
    const layout = this.#layout;
    const [context, over] = [this.#canvas.getContext('2d'), this.#marks.getContext('2d')];
    if (layout === undefined || context === null || over === null) return;
    const ratio = window.devicePixelRatio || 1;
    const {level, height: most, bytes, scale, selection} = this.#input;
    const height = level === 'line' ? layout.height : Math.min(layout.height, most);
    for (const canvas of [this.#canvas, this.#marks]) {
      resize(canvas, this.#width, height, ratio);
      canvas.style.width = `${this.#width}px`;
      canvas.style.height = `${height}px`;
    }
    const picture = {
      layout,
      bytes: bytes ?? EMPTY,
      scale,
      palette: paletteOf(scale),
      ratio,
      top: this.#host.scrollTop,
      height,
      isQualityShown: scale === STATE_SCALE,
    };
    if (this.#isStale) paint(context, picture);
    this.#isStale = false;
    paintMarks(over, picture, {
      selection: this.#drag?.draft ?? selection,
      cursor: document.activeElement === this.#host ? this.#cursor : undefined,
      hovered: this.#drag === undefined ? this.#hovered : undefined,
    });
  }

  #at(event: PointerEvent | WheelEvent): Span | undefined {
    const layout = this.#layout;
    if (layout === undefined) return undefined;
    const {left, top} = this.#host.getBoundingClientRect();
    return hit(layout, event.clientX - left, event.clientY - top + this.#host.scrollTop);
  }

  #press(event: PointerEvent): void {
    const at = this.#at(event);
    if (event.button !== 0 || at === undefined || this.#input.onSelect === undefined) return;
    // A click that places the focus shows no cursor of the keys.
    const anchor =
      event.shiftKey && this.#cursor !== undefined ? {from: this.#cursor, to: this.#cursor + 1} : at;
    const kept = event.ctrlKey || event.metaKey ? this.#input.selection : [];
    this.#drag = {anchor, kept, draft: united([...kept, around(anchor, at)]), hasMoved: event.shiftKey};
    this.#host.setPointerCapture(event.pointerId);
    this.#drawMarks();
  }

  #move(event: PointerEvent): void {
    const at = this.#at(event);
    if (at === undefined) return;
    const drag = this.#drag;
    if (drag === undefined) {
      if (at.from === this.#hovered?.from && at.to === this.#hovered.to) return;
      this.#hovered = at.from < at.to ? at : undefined;
      if (this.#hovered === undefined) this.#point(NOTHING);
      else this.#pointAt(this.#hovered, event, false);
    } else {
      const draft = united([...drag.kept, around(drag.anchor, at)]);
      if (countOf(draft) === countOf(drag.draft)) return;
      drag.draft = draft;
      drag.hasMoved = true;
      const {top, bottom} = this.#host.getBoundingClientRect();
      this.#point({kind: 'drag', ordinals: draft, x: event.clientX, top, bottom});
    }
    this.#drawMarks();
  }

  #release(event: PointerEvent): void {
    const at = this.#at(event);
    const drag = this.#drag;
    this.#drag = undefined;
    if (at !== undefined && at.from < at.to) this.#cursor = at.from;
    if (drag === undefined) {
      if (event.button === 0 && at !== undefined && at.from < at.to) this.#open();
      return;
    }
    const {selection, onSelect} = this.#input;
    const isAgain =
      !drag.hasMoved && at !== undefined && countOf(selection) > 0 && isSame(selection, drag.draft);
    onSelect?.(isAgain ? [] : drag.draft);
    this.#point(NOTHING);
    this.#drawMarks();
  }

  #cancel(): void {
    this.#drag = undefined;
    this.#point(NOTHING);
    this.#drawMarks();
  }

  #leave(): void {
    if (this.#drag !== undefined) return;
    this.#hovered = undefined;
    this.#point(NOTHING);
    this.#drawMarks();
  }

  #focus(): void {
    if (!this.#host.matches(':focus-visible')) return;
    this.#goTo(this.#cursor ?? this.#whole().from, false);
  }

  #blur(): void {
    this.#point(NOTHING);
    this.#drawMarks();
  }

  #open(): void {
    const key = this.#cursor === undefined ? undefined : this.#input.axis.keys[this.#cursor];
    if (key !== undefined) this.#input.onOpen?.(key);
  }

  #wheel(event: WheelEvent): void {
    const at = this.#at(event);
    if (this.#input.level !== 'line' || at === undefined) return;
    const [view, whole] = [this.#view, this.#whole()];
    const [length, most] = [view.to - view.from, whole.to - whole.from];
    const isPan = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!(event.ctrlKey || event.metaKey || (isPan && length < most))) return;
    event.preventDefault();
    if (isPan) {
      this.#show(moved(view, ((event.deltaX || event.deltaY) / this.#width) * length, whole));
      return;
    }
    const {left} = this.#host.getBoundingClientRect();
    const around = view.from + ((event.clientX - left) / this.#width) * length;
    this.#zoom(Math.exp(-clamp(event.deltaY, -200, 200) / 300), around);
  }

  #show(view: Span): void {
    this.#view = view;
    this.#place();
  }

  #zoom(factor: number, around = this.#cursor ?? (this.#view.from + this.#view.to) / 2): void {
    if (this.#input.level !== 'line') return;
    this.#show(zoomed(this.#view, {factor, around}, this.#whole(), LEAST_SEEN));
  }

  #pressKey(event: KeyboardEvent): void {
    const {selection, onSelect} = this.#input;
    if (event.key === 'Escape') {
      if (this.#drag !== undefined) this.#cancel();
      else if (selection.length > 0) onSelect?.([]);
      else return;
    } else if (event.key === 'Enter') this.#open();
    else if (event.key === ' ') this.#toggle();
    else if (event.key === '+' || event.key === '=') this.#zoom(1 / 0.6);
    else if (event.key === '-') this.#zoom(0.6);
    else if (event.key === '0') this.#show(this.#whole());
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else {
      const target = this.#targetOf(event.key);
      if (target === undefined) return;
      this.#goTo(target, event.shiftKey && event.key.length > 1);
    }
    event.preventDefault();
  }

  #toggle(): void {
    const at = this.#cursor;
    const {selection, onSelect} = this.#input;
    if (at === undefined || onSelect === undefined) return;
    const after = toggled(selection, at);
    onSelect(after);
    this.#tell(at, after);
  }

  /** Where a key leads from the cursor. */
  #targetOf(key: string): number | undefined {
    const layout = this.#layout;
    if (layout === undefined) return undefined;
    const {bytes = EMPTY, scale} = this.#input;
    const whole = this.#whole();
    return targetOf(key, {layout, whole, at: this.#cursor ?? whole.from, bytes, scale});
  }

  #goTo(ordinal: number, isSelecting: boolean): void {
    const before = this.#cursor ?? ordinal;
    this.#cursor = ordinal;
    const {selection, onSelect} = this.#input;
    const after = isSelecting && onSelect !== undefined ? extended(selection, before, ordinal) : selection;
    if (after !== selection) onSelect?.(after);
    this.#reveal(ordinal);
    this.#tell(ordinal, after);
    this.#drawMarks();
  }

  /** Scrolls or moves the view so that a cell is seen. */
  #reveal(ordinal: number): void {
    if (this.#input.level === 'line') {
      const {from, to} = this.#view;
      if (ordinal >= from && ordinal + 1 <= to) return;
      const by = ordinal < from ? ordinal - from - 1 : ordinal + 2 - to;
      this.#show(moved(this.#view, by, this.#whole()));
      return;
    }
    const box = this.#layout === undefined ? undefined : placeOf(this.#layout, ordinal);
    if (box === undefined) return;
    const {scrollTop, clientHeight} = this.#host;
    if (box.y < scrollTop) this.#host.scrollTop = Math.max(0, box.y - ABOVE);
    else if (box.y + box.height > scrollTop + clientHeight)
      this.#host.scrollTop = box.y + box.height - clientHeight + 4;
  }

  /** To those who hear the page. */
  #tell(ordinal: number, selection: Ordinals): void {
    const {axis, bytes, scale} = this.#input;
    const word = scale.looks[scale.ranks[bytes?.[ordinal] ?? 0] ?? 0]?.word ?? '';
    const selected = isSelected(selection, ordinal) ? ', selected' : '';
    this.#host.setAttribute('aria-valuenow', String(ordinal));
    this.#host.setAttribute('aria-valuetext', `${axis.keys[ordinal] ?? ''}, ${word}${selected}`);
    const box = this.#layout === undefined ? undefined : placeOf(this.#layout, ordinal);
    if (box === undefined) return;
    const {left, top} = this.#host.getBoundingClientRect();
    const y = top + box.y - this.#host.scrollTop;
    this.#point({
      kind: 'cells',
      span: {from: ordinal, to: ordinal + 1},
      x: left + box.x + box.width / 2,
      top: y,
      bottom: y + box.height,
      isByKeys: true,
    });
  }

  #pointAt(span: Span, event: PointerEvent, isByKeys: boolean): void {
    const box = this.#layout === undefined ? undefined : placeOf(this.#layout, span.from);
    if (box === undefined) return;
    const {top} = this.#host.getBoundingClientRect();
    const y = top + box.y - this.#host.scrollTop;
    this.#point({kind: 'cells', span, x: event.clientX, top: y, bottom: y + box.height, isByKeys});
  }

  #point(pointed: Pointed): void {
    if (pointed === this.#pointed) return;
    this.#pointed = pointed;
    for (const listener of this.#listeners) listener();
  }

  #whole(): Span {
    return wholeSpan(this.#input.axis, this.#input.season);
  }
}

/** Room for the names of months above a cell. */
const ABOVE = 24;
/** Of a line, in cells. */
const LEAST_SEEN = 8;
const EMPTY = new Uint8Array(0);

function around(a: Span, b: Span): Span {
  return {from: Math.min(a.from, b.from), to: Math.max(a.to, b.to)};
}

function isSame(a: Ordinals, b: Ordinals): boolean {
  return a.length === b.length && a.every(({from, to}, i) => from === b[i]?.from && to === b[i].to);
}
