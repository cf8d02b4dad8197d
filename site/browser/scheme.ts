/** Before the first paint: the colours that were chosen last, here or on the page of `gameplan serve`, or the system's. */
const KEY = 'mantine-color-scheme-value';
let chosen: string | null = null;
try {
  chosen = localStorage.getItem(KEY);
} catch {
  // Some browsers refuse it to files: the system's colours are shown.
}
const isDark =
  chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
document.documentElement.dataset['scheme'] = isDark ? 'dark' : 'light';

export {};
