/** How the web page is bundled, for the build and for `npm run dev`. It does not deal with where it is served from. */
import {copyFileSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import path from 'node:path';

/** Files of web/ that are served as they are. */
export const STILL = ['index.html', 'icon.svg'];

export function copyStill(root, outdir) {
  for (const file of STILL) copyFileSync(path.join(root, 'web', file), path.join(outdir, file));
}

export function pageOptions(root, outdir, isForWork = false) {
  return {
    absWorkingDir: root,
    entryPoints: {app: 'web/main.tsx', scheme: 'web/scheme.ts'},
    outdir,
    bundle: true,
    // Pages are fetched when they are opened.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    minify: !isForWork,
    sourcemap: isForWork ? 'linked' : false,
    define: {'process.env.NODE_ENV': JSON.stringify(isForWork ? 'development' : 'production')},
    tsconfig: path.join(root, 'web', 'tsconfig.json'),
    legalComments: 'none',
    metafile: true,
    plugins: [allStyles(root)],
    logLevel: 'warning',
  };
}

/**
 * A style sheet that only a page imports that is fetched later would not be fetched with it: all are in the first one,
 * and that page's own, which nothing loads, is not kept.
 */
function allStyles(root) {
  const web = path.join(root, 'web');
  return {
    name: 'all-styles',
    setup(build) {
      build.onLoad({filter: /[\\/]web[\\/]main\.tsx$/}, ({path: file}) => {
        const sheets = readdirSync(web, {recursive: true})
          .map(each => each.split(path.sep).join('/'))
          .filter(each => each.endsWith('.css') && each !== 'app.css')
          .sort();
        const imports = sheets.map(each => `import './${each}';\n`).join('');
        return {contents: `${readFileSync(file, 'utf8')}${imports}`, loader: 'tsx', watchDirs: [web]};
      });
      build.onEnd(({metafile}) => {
        const unloaded = Object.keys(metafile?.outputs ?? {}).filter(each =>
          /\/chunks\/.*\.css(\.map)?$/.test(each),
        );
        for (const file of unloaded) rmSync(path.join(root, file), {force: true});
      });
    },
  };
}
