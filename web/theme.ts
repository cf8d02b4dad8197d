/**
 * Letters and spaces of the page, and its one colour.
 * It does not deal with the colours of states (app.css, looks.ts).
 */
import {createTheme, type MantineColorsTuple} from '@mantine/core';

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

/** Of the ground that app.css draws on, so that what Mantine draws belongs to it. */
const dark: MantineColorsTuple = [
  '#d3d9df',
  '#b6bfc9',
  '#97a2ae',
  '#6b7682',
  '#3d454e',
  '#2d343c',
  '#232930',
  '#1b2026',
  '#14181d',
  '#0f1216',
];

/** The head of a dialog is no head of the page; what closes it has a name. */
const dialog = {
  attributes: {header: {role: 'presentation'}},
  closeButtonProps: {'aria-label': 'Close'},
} as const;

export const theme = createTheme({
  primaryColor: 'court',
  // Letters on it, and in it, are read on both grounds.
  primaryShade: {light: 7, dark: 8},
  colors: {court, dark},
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {fontWeight: '600'},
  components: {Modal: {defaultProps: dialog}, Drawer: {defaultProps: dialog}},
});
