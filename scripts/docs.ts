/** Builds the site of docs/ into a folder, `site/dist` unless another is named: `npm run docs -- [FOLDER]`. */
import path from 'node:path';
import {buildSite} from '../site/build.ts';

const out = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '..', 'site', 'dist'));
const count = await buildSite(out);
console.log(
  `Wrote ${count} pages. Open ${path.join(out, 'index.html')}; the folder works on any server as it is.`,
);
