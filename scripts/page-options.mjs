/** How the web page is bundled, for the build and for `npm run dev`. It does not deal with where it is served from. */
import path from 'node:path';

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
    logLevel: 'warning',
  };
}
