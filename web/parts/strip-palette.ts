/** The colours of a strip as the theme in force has them. It does not deal with what is drawn in them. */
import {useSyncExternalStore} from 'react';
import type {Scale} from '../looks.ts';

export interface Palette {
  /** By rank. */
  readonly fills: readonly string[];
  /** Of a sign on that fill. */
  readonly signs: readonly string[];
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly ground: string;
  readonly accent: string;
}

const known = new Map<string, Palette>();

export function paletteOf(scale: Scale): Palette {
  const root = document.documentElement;
  const name = `${schemeInForce()} ${scale.looks[0]?.variable}`;
  let palette = known.get(name);
  if (palette === undefined) {
    const style = getComputedStyle(root);
    const read = (variable: string) => style.getPropertyValue(variable).trim() || '#888888';
    const fills = scale.looks.map(({variable}) => read(variable));
    palette = {
      fills,
      signs: fills.map(fill => (isLight(fill) ? '#10151a' : '#ffffff')),
      ink: read('--mantine-color-text'),
      quiet: read('--quiet'),
      line: read('--line'),
      ground: read('--ground'),
      accent: read('--accent'),
    };
    known.set(name, palette);
  }
  return palette;
}

/** Whether dark letters are read better than light ones on `#rrggbb`. */
function isLight(fill: string): boolean {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => {
    const part = Number.parseInt(fill.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18;
}

const SCHEME = 'data-mantine-color-scheme';

function schemeInForce(): string {
  return document.documentElement.getAttribute(SCHEME) ?? 'light';
}

/** Dark or light. One observer for all strips: there may be hundreds. */
export function useScheme(): string {
  return useSyncExternalStore(listen, schemeInForce);
}

const listeners = new Set<() => void>();
let observer: MutationObserver | undefined;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  if (observer === undefined) {
    observer = new MutationObserver(() => {
      for (const each of listeners) each();
    });
    observer.observe(document.documentElement, {attributeFilter: [SCHEME]});
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    observer?.disconnect();
    observer = undefined;
  };
}
