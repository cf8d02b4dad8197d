/**
 * `npm run dev -- [FLAGS OF serve]`: serves the page, built anew at each change of web/; reload the browser to see it.
 * It does not deal with the server's own code: start it again for that.
 */
import {spawn} from 'node:child_process';
import {mkdirSync, watch} from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import {root} from './ensure.mjs';
import {copyStill, pageOptions, STILL} from './page-options.mjs';

const folder = path.join(root, '.gameplan', 'page');
mkdirSync(folder, {recursive: true});

copyStill(root, folder);
watch(path.join(root, 'web'), (_, name) => {
  if (STILL.includes(name)) copyStill(root, folder);
});
const context = await esbuild.context(pageOptions(root, folder, true));
await context.rebuild();
await context.watch();

const server = spawn(
  process.execPath,
  [path.join(root, 'bin', 'gameplan.js'), 'serve', ...process.argv.slice(2)],
  {stdio: 'inherit', env: {...process.env, GAMEPLAN_PAGE: folder}},
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', async code => {
  await context.dispose();
  process.exit(code ?? 1);
});
