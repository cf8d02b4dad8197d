/**
 * The texts of the site's pages: what lies in docs/, the README's walk as its own page, and what is told beside the code.
 * It does not deal with what becomes of them (markdown.ts, layout.ts).
 */
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

export interface Page {
  /** Below the site, without an ending: `reference/manifest`. */
  readonly name: string;
  /** Where its text lies, from the project's folder; links are meant from there. */
  readonly source: string;
  readonly text: string;
}

/** What lies outside docs/ and is a page all the same, by where it lies. */
const OUTSIDE: Readonly<Record<string, string>> = {
  'CHANGELOG.md': 'changelog',
  'CONTRIBUTING.md': 'contributing',
};

const WALK = 'A project of your own';

export function readPages(): readonly Page[] {
  const read = (source: string) => readFileSync(path.join(root, source), 'utf8');
  const docs = readdirSync(path.join(root, 'docs'), {recursive: true, encoding: 'utf8'})
    .filter(file => file.endsWith('.md'))
    .map(file => file.replaceAll(path.sep, '/'))
    .sort()
    .map(file => ({name: file.slice(0, -3), source: `docs/${file}`, text: read(`docs/${file}`)}));
  const outside = Object.entries(OUTSIDE).map(([source, name]) => ({name, source, text: read(source)}));
  return [
    ...docs,
    ...outside,
    {name: 'getting-started', source: 'README.md', text: walkOf(read('README.md'))},
  ];
}

/** A section of the README as a page. */
function walkOf(readme: string): string {
  const [, section] = new RegExp(`^## ${WALK}\n([\\s\\S]*?)^## `, 'm').exec(readme) ?? [];
  if (section === undefined) throw new Error(`The README has no section '${WALK}'.`);
  return `# Getting started\n${section}`;
}

/** The page that a file's text became; the README as a whole is the first one. */
export function pageOfSource(source: string): string | undefined {
  if (source === 'README.md') return 'index';
  if (source in OUTSIDE) return OUTSIDE[source];
  return /^docs\/(.*)\.md$/.exec(source)?.[1];
}
