/**
 * Node's own stripping of types, once for each text instead of once for each thread: projects of tests lie in a new folder
 * each time, so that its cache, which goes by the place, never knows them. Loaded before all else in every worker of the
 * tests and every thread that these start. It does not deal with what cannot be stripped: that is left to Node.
 */
import {mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {registerHooks, stripTypeScriptTypes} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const projects = pathToFileURL(join(tmpdir(), 'gameplan-')).href;
const kept = join(tmpdir(), 'gameplan-stripped');

registerHooks({
  load(url, context, next) {
    if (!url.startsWith(projects) || !url.endsWith('.ts')) return next(url, context);
    try {
      const text = readFileSync(fileURLToPath(url), 'utf8');
      // What neither imports nor exports may be CommonJS.
      if (/^(import|export)\b/m.test(text))
        return {format: 'module', source: stripped(text), shortCircuit: true};
    } catch {
      // Node says what is wrong with it.
    }
    return next(url, context);
  },
});

/** A file holds the text as it was and as it became: names may meet, texts do not. */
function stripped(text: string): string {
  const file = join(kept, nameOf(text));
  const head = `${text}\0`;
  try {
    const found = readFileSync(file, 'utf8');
    if (found.startsWith(head)) return found.slice(head.length);
  } catch {
    // Not there yet.
  }
  const made = strip(text);
  mkdirSync(kept, {recursive: true});
  const aside = `${file}.${process.pid}.${process.hrtime.bigint()}`;
  writeFileSync(aside, head + made);
  renameSync(aside, file);
  return made;
}

/** Without Node's warning that it may change. */
function strip(text: string): string {
  const {emitWarning} = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** FNV-1a: a module for hashes would cost more to load than it saves. */
function nameOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${(hash >>> 0).toString(16)}-${text.length}`;
}
