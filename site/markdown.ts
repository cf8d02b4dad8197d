/**
 * A page's Markdown as HTML: headings with anchors, links between pages, blocks with a button that copies them, and what
 * the search finds. It does not deal with what stands around it (layout.ts).
 */
import path from 'node:path';
import MarkdownIt, {type MarkdownIt as Parser, type Token} from 'markdown-it';
import {escaped} from './escaped.ts';
import {highlighted} from './highlight.ts';
import {type Page, pageOfSource} from './pages.ts';
import {slugOf} from './slug.ts';

export interface Heading {
  readonly level: number;
  readonly id: string;
  readonly text: string;
}

/** A heading with the text below it, for the search. */
export interface Passage {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface Rendered {
  readonly title: string;
  /** The first paragraph, as text. */
  readonly summary: string;
  readonly html: string;
  readonly headings: readonly Heading[];
  readonly passages: readonly Passage[];
  /** Files that are linked and are no pages, from the project's folder. */
  readonly files: readonly string[];
}

export function render(page: Page): Rendered {
  const markdown = new MarkdownIt({html: true});
  const tokens = markdown.parse(page.text.replaceAll(/^<!--.*-->\n/gm, ''), {});
  const headings = nameHeadings(tokens);
  const files = leadLinks(tokens, page);
  dress(markdown);
  return {
    title: headings.find(({level}) => level === 1)?.text ?? page.name,
    summary: plain(tokens[tokens.findIndex(({type}) => type === 'paragraph_open') + 1]),
    html: markdown.renderer.render(tokens, markdown.options, {}),
    headings,
    passages: passagesOf(tokens),
    files,
  };
}

function nameHeadings(tokens: readonly Token[]): readonly Heading[] {
  const taken = new Map<string, number>();
  return tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open') return [];
    const text = plain(tokens[index + 1]);
    const slug = slugOf(text);
    const before = taken.get(slug) ?? 0;
    taken.set(slug, before + 1);
    const id = before === 0 ? slug : `${slug}-${before}`;
    token.attrSet('id', id);
    return [{level: Number(token.tag.slice(1)), id, text}];
  });
}

/** Links to Markdown become links to pages; returns the other files that are linked. */
function leadLinks(tokens: readonly Token[], page: Page): readonly string[] {
  const files: string[] = [];
  for (const child of tokens.flatMap(token => token.children ?? [])) {
    const name = child.type === 'link_open' ? 'href' : child.type === 'image' ? 'src' : undefined;
    const target = name === undefined ? '' : String(child.attrGet(name) ?? '');
    if (name === undefined || target === '' || /^(?:[a-z]+:|#)/i.test(target)) continue;
    const [file = '', anchor] = target.split('#');
    const source = path.posix.join(path.posix.dirname(page.source), file);
    const other = pageOfSource(source);
    if (other === undefined) files.push(source);
    const place = other === undefined ? placeOf(source) : `${other}.html`;
    const from = path.posix.dirname(page.name);
    child.attrSet(name, `${path.posix.relative(from, place)}${anchor === undefined ? '' : `#${anchor}`}`);
  }
  return files;
}

/** Where a file that is no page is copied to; of a folder the list of what is in it. */
function placeOf(source: string): string {
  return path.posix.extname(source) === '' ? `files/${source}/index.html` : `files/${source}`;
}

function dress(markdown: Parser): void {
  const {rules} = markdown.renderer;
  rules['fence'] = (tokens, index) => {
    const {content = '', info = ''} = tokens[index] ?? {};
    return blockHtml(info.trim(), content);
  };
  rules['table_open'] = () => '<div class="table" tabindex="0" role="group" aria-label="Table"><table>\n';
  rules['table_close'] = () => '</table></div>\n';
  rules['heading_close'] = (tokens, index) => {
    const {tag = ''} = tokens[index] ?? {};
    const id = tokens[index - 2]?.attrGet('id') ?? '';
    const name = escaped(plain(tokens[index - 1]));
    const link = tag === 'h1' ? '' : `<a class="anchor" href="#${id}" aria-label="Link to ${name}">#</a>`;
    return `${link}</${tag}>\n`;
  };
}

/** Of a console block the button copies what is typed, and not what is printed. */
function blockHtml(kind: string, content: string): string {
  const typed = content
    .split('\n')
    .filter(line => /^[$>] /.test(line))
    .map(line => line.slice(2));
  const copied = kind === 'console' ? typed.join('\n') : content.trimEnd();
  const button = `<button class="copy" type="button" data-text="${escaped(copied)}">Copy</button>`;
  const label = kind === '' || kind === 'text' ? 'Text' : kind;
  return `<div class="block ${kind}">${button}<pre tabindex="0" role="group" aria-label="${label}"><code>${highlighted(kind, content)}</code></pre></div>\n`;
}

function passagesOf(tokens: readonly Token[]): readonly Passage[] {
  const passages: {id: string; title: string; text: string}[] = [];
  tokens.forEach((token, index) => {
    if (token.type === 'heading_open')
      passages.push({id: String(token.attrGet('id') ?? ''), title: plain(tokens[index + 1]), text: ''});
    const last = passages.at(-1);
    if (last === undefined || tokens[index - 1]?.type === 'heading_open') return;
    if (token.type === 'inline') last.text += `${plain(token)}\n`;
    if (token.type === 'fence') last.text += `${token.content}\n`;
  });
  return passages;
}

function plain(token: Token | undefined): string {
  return (token?.children ?? [])
    .filter(({type}) => type === 'text' || type === 'code_inline' || type === 'softbreak')
    .map(({type, content}) => (type === 'softbreak' ? ' ' : content))
    .join('');
}
