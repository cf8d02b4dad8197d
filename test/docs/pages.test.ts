/** What the pages of docs/ say is so: their commands run, each page's in one project, and print what stands below them. */
import {pagesOf} from './doc-page.ts';
import {typePages} from './typed-pages.ts';

typePages(pagesOf('quick'));
