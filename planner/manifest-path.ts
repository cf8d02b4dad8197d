/**
 * Reads paths of the project's own files. It does not look whether they are there: judgeSources (query.ts) does.
 */
import {type Path, report, type Scope} from './manifest-scope.ts';
import type {ProjectPath} from './pipeline.ts';

/** A path below the manifest's folder, with forward slashes and without `./`. */
export function readProjectPath(scope: Scope, place: Path, text: string): ProjectPath | undefined {
  const steps = text.split('/').filter((step, index) => !(step === '.' && index === 0));
  const outside =
    /^[/\\]|^[A-Za-z]:|\\/.test(text) || steps.some(step => step === '..' || step === '.' || step === '');
  if (outside || text.includes('\0')) {
    return report(
      scope,
      'bad-path',
      place,
      `'${text}' must be a path inside the project, with '/' and without '..'.`,
    );
  }
  // Just checked: that is what the brand stands for.
  return steps.join('/') as ProjectPath;
}
