/**
 * The pages of docs/: which there are, and what each says in its comments of the project that its commands run in.
 * It does not deal with running them.
 */
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {sectionsOf, settingOf} from '../kit/console-page.ts';

const root = path.join(import.meta.dirname, '..', '..');

export interface DocPage {
  /** Such as `docs/alerts.md`. */
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

export const DOC_PAGES: readonly DocPage[] = readdirSync(path.join(root, 'docs'), {
  recursive: true,
  encoding: 'utf8',
})
  .filter(name => name.endsWith('.md'))
  .sort()
  .map(name => {
    const file = path.join(root, 'docs', name);
    return {name: `docs/${name.replaceAll(path.sep, '/')}`, file, text: readFileSync(file, 'utf8')};
  });

/** Pages whose commands are typed in one of the projects of page-project.ts; others name the test that types theirs. */
export function pagesOf(suite: 'quick' | 'seasons'): readonly DocPage[] {
  return DOC_PAGES.filter(
    page =>
      sectionsOf(page.text).length > 0 &&
      settingOf(page.text, 'test') === undefined &&
      (settingOf(page.text, 'suite') ?? 'quick') === suite,
  );
}
