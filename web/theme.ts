/**
 * Colours, letters and spaces of the page, and what each state looks like.
 * The colours of states are told apart by people who see fewer colours (Okabe and Ito's palette, 2008, adjusted to
 * contrast with both grounds) and by their lightness; where a cell is large enough a sign says it again.
 */
import {createTheme, type MantineColorsTuple} from '@mantine/core';
import type {State} from '../planner/state.ts';

const court: MantineColorsTuple = [
  '#eef5fb',
  '#d9e7f3',
  '#b0cde6',
  '#84b2da',
  '#5f9bcf',
  '#488dc9',
  '#3a86c7',
  '#2b73b0',
  '#20679e',
  '#08588c',
];

export const theme = createTheme({
  primaryColor: 'court',
  colors: {court},
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {fontWeight: '600'},
});

/** What a cell may look like: its state, or what happens to it. */
export type Look = State | 'running' | 'failed';

/** In the order of a legend; what must not be hidden is drawn last (`rank`). `sign` is drawn where there is room. */
export const LOOKS: Readonly<
  Record<Look, {readonly word: string; readonly sign: string; readonly rank: number}>
> = {
  fresh: {word: 'fresh', sign: '', rank: 0},
  exempt: {word: 'exempt', sign: '–', rank: 1},
  'not-due': {word: 'not due', sign: '·', rank: 2},
  accepted: {word: 'accepted', sign: 'a', rank: 3},
  orphan: {word: 'orphan', sign: 'o', rank: 4},
  stale: {word: 'stale', sign: '~', rank: 5},
  partial: {word: 'partial', sign: '◐', rank: 6},
  running: {word: 'running', sign: '▶', rank: 7},
  missing: {word: 'missing', sign: '×', rank: 8},
  failed: {word: 'failed', sign: '!', rank: 9},
};
