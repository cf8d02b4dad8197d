/**
 * A whole page around its text: head, navigation, contents, the pages before and after. All addresses are relative, so
 * that the folder works wherever it lies. It does not deal with Markdown.
 */
import {escaped} from './escaped.ts';
import type {Rendered} from './markdown.ts';
import type {Entry, NavigationGroup} from './navigation.ts';

/** More headings than these: only those of the second level are listed. */
const MOST_LISTED = 60;

export interface Around {
  readonly name: string;
  readonly groups: readonly NavigationGroup[];
}

export function pageHtml({title, summary, html, headings}: Rendered, {name, groups}: Around): string {
  const up = '../'.repeat(name.split('/').length - 1);
  const entries = groups.flatMap(group => group.entries);
  const at = entries.findIndex(({page}) => page === name);
  const listed = headings.filter(({level}) => level === 2 || level === 3);
  const shown = listed.length > MOST_LISTED ? listed.filter(({level}) => level === 2) : listed;
  const contents = shown.map(
    ({level, id, text}) => `<li class="level-${level}"><a href="#${id}">${escaped(text)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en" data-root="${up}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name === 'index' ? 'gameplan' : `${escaped(title)} · gameplan`}</title>
<meta name="description" content="${escaped(summary.slice(0, 200))}">
<link rel="icon" href="${up}icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${up}site.css">
<script src="${up}scheme.js"></script>
<script src="${up}site.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header class="head">
<button id="menu" type="button" aria-controls="navigation" aria-expanded="false" aria-label="Pages"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h16M4 12h16M4 17h16"/></svg></button>
<a class="home" href="${up}index.html"><img src="${up}icon.svg" alt="" width="24" height="24">gameplan</a>
<div class="search" role="search"><input id="search" type="search" placeholder="Search" aria-label="Search the documentation" autocomplete="off" spellcheck="false"><kbd aria-hidden="true">/</kbd><div id="found" hidden></div></div>
<button id="scheme" type="button" aria-label="Switch between light and dark"><svg viewBox="0 0 24 24" aria-hidden="true"><path class="moon" d="M12 3a6.5 6.5 0 0 0 9 9 9 9 0 1 1-9-9z"/><path class="sun" d="M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.5 1.5m11 11L19 19M19 5l-1.5 1.5m-11 11L5 19"/></svg></button>
</header>
<div class="body">
<nav id="navigation" aria-label="Pages">
${groups.map(group => groupHtml(group, name, up)).join('\n')}
</nav>
<main id="content" tabindex="-1">
<article>
${html}</article>
<nav class="neighbours" aria-label="Before and after">
${neighbour('Before', 'before', entries[at - 1], up)}
${neighbour('After', 'after', entries[at + 1], up)}
</nav>
</main>
${contents.length < 2 ? '<div></div>' : `<nav class="contents" aria-label="On this page"><p>On this page</p><ul>${contents.join('')}</ul></nav>`}
</div>
</body>
</html>
`;
}

function groupHtml({title, entries}: NavigationGroup, name: string, up: string): string {
  const items = entries.map(({page, label}) => {
    const current = page === name ? ' aria-current="page"' : '';
    return `<li><a href="${up}${page}.html"${current}>${escaped(label)}</a></li>`;
  });
  return `<p>${escaped(title)}</p>\n<ul>\n${items.join('\n')}\n</ul>`;
}

function neighbour(word: string, mark: string, entry: Entry | undefined, up: string): string {
  if (entry === undefined) return '<span></span>';
  return `<a class="${mark}" href="${up}${entry.page}.html"><span>${word}</span>${escaped(entry.label)}</a>`;
}
