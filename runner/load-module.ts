/**
 * Loads an asset's own code. It does not deal with where that runs (code-worker.ts).
 */
import {registerHooks} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Files, Rows} from './asset.ts';
import type {ModuleExport} from './module-source.ts';

/** The asset's own code. Throws where it cannot be loaded, or does not export a function of that name. */
export async function loadModule(root: string, path: string, name: 'files'): Promise<Files>;
export async function loadModule(root: string, path: string, name: 'rows'): Promise<Rows>;
export async function loadModule(root: string, path: string, name: ModuleExport): Promise<Files | Rows> {
  shareOwnModule();
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(/* @vite-ignore */ pathToFileURL(join(root, path)).href);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`'${path}' cannot be loaded: ${message}`, {cause});
  }
  const found = module[name];
  if (typeof found === 'function') return found as Files | Rows; // its arguments are the asset's own affair
  throw new Error(
    `'${path}' does not export a function '${name}'. Write 'export const ${name} = async ({partition}) => {…}'.`,
  );
}

let isShared = false;

/**
 * Assets that import 'gameplan' get the module that runs them, wherever they lie: else a second copy would throw its
 * own `SiteError`, which nobody here would know.
 */
function shareOwnModule(): void {
  if (isShared) return;
  isShared = true;
  const own = new URL(import.meta.url.endsWith('.ts') ? './asset.ts' : './asset.js', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'gameplan' ? {url: own, shortCircuit: true} : next(specifier, context),
  });
}
