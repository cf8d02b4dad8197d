/**
 * What a page of the site does in a browser: search, copying, light and dark, the navigation on a phone.
 * Without it all text and every link is there.
 */
import MiniSearch from 'minisearch';
import {SEARCH_OPTIONS} from './search-options.ts';

declare global {
  interface Window {
    gameplanSearch?: object;
  }
}

const html = document.documentElement;
const root = html.dataset['root'] ?? '';
const MOST_FOUND = 8;

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no '${id}'.`);
  return found;
}

const menu = element('menu', HTMLButtonElement);
const input = element('search', HTMLInputElement);
const found = element('found', HTMLDivElement);

element('scheme', HTMLButtonElement).addEventListener('click', () => {
  const scheme = html.dataset['scheme'] === 'dark' ? 'light' : 'dark';
  html.dataset['scheme'] = scheme;
  try {
    localStorage.setItem('mantine-color-scheme-value', scheme);
  } catch {
    // It holds for this page alone.
  }
});

menu.addEventListener('click', () => {
  const isOpen = html.classList.toggle('open');
  menu.setAttribute('aria-expanded', String(isOpen));
});

document.addEventListener('click', ({target}) => {
  if (!(target instanceof HTMLElement)) return;
  const text = target.dataset['text'];
  if (target.classList.contains('copy') && text !== undefined) copy(target, text);
  if (!target.closest('.search')) found.hidden = true;
});

function copy(button: HTMLElement, text: string): void {
  const told = (word: string) => {
    button.textContent = word;
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  };
  navigator.clipboard.writeText(text).then(
    () => told('Copied'),
    () => told('Refused'),
  );
}

/** The index is large: it comes when somebody looks for the first time, as a script, which files may load too. */
let loading: Promise<MiniSearch> | undefined;
function index(): Promise<MiniSearch> {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${root}search.js`;
    script.onload = () => resolve(MiniSearch.loadJS(written(window.gameplanSearch), SEARCH_OPTIONS));
    script.onerror = () => reject(new Error('There is no index beside the pages.'));
    document.head.append(script);
  });
  return loading;
}

function written(value: object | undefined): Parameters<typeof MiniSearch.loadJS>[0] {
  if (value === undefined) throw new Error('The index is empty.');
  return value as Parameters<typeof MiniSearch.loadJS>[0]; // the build wrote it
}

async function look(): Promise<void> {
  const asked = input.value.trim();
  if (asked === '') {
    found.hidden = true;
    return;
  }
  const results = (await index()).search(asked).slice(0, MOST_FOUND);
  if (input.value.trim() !== asked) return;
  found.replaceChildren(...(results.length === 0 ? [nothing(asked)] : [listOf(results)]));
  found.hidden = false;
}

function nothing(asked: string): HTMLElement {
  const line = document.createElement('p');
  line.setAttribute('role', 'status');
  line.textContent = `Nothing has '${asked}'.`;
  return line;
}

function listOf(results: readonly {readonly id: string; readonly [field: string]: unknown}[]): HTMLElement {
  const list = document.createElement('ul');
  for (const {id, title, page, excerpt} of results) {
    const link = document.createElement('a');
    link.href = `${root}${id}`;
    for (const [kind, text] of [
      ['strong', title === page ? title : `${page} › ${title}`],
      ['span', excerpt],
    ] as const) {
      const part = document.createElement(kind);
      part.textContent = String(text);
      link.append(part);
    }
    const item = document.createElement('li');
    item.append(link);
    list.append(item);
  }
  return list;
}

input.addEventListener('input', () => void look());
input.addEventListener('focus', () => void look());
document.addEventListener('keydown', event => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    input.focus();
  }
  if (event.key === 'Escape') {
    found.hidden = true;
    html.classList.remove('open');
    menu.setAttribute('aria-expanded', 'false');
  }
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') step(event);
  const first = found.querySelector('a');
  if (event.key === 'Enter' && event.target === input && first !== null && !found.hidden) first.click();
});
found.addEventListener('click', ({target}) => {
  if (target instanceof Element && target.closest('a') !== null) found.hidden = true;
});

/** From what is typed to what is found, and on. */
function step(event: KeyboardEvent): void {
  if (found.hidden || !(event.target instanceof Node) || !input.parentElement?.contains(event.target)) return;
  const stops = [input, ...found.querySelectorAll('a')];
  const at = stops.findIndex(each => each.matches(':focus'));
  event.preventDefault();
  stops[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
}

// On a long navigation the page that is open is in sight.
document.querySelector('#navigation [aria-current]')?.scrollIntoView({block: 'nearest'});
