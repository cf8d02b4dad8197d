/**
 * What several commands print, one after another, without what differs from run to run.
 * It does not deal with what it should be (golden.ts).
 */
import type {ToyProject} from './command-line.ts';

/** Times and ids differ from run to run, and with them the widths of columns. */
function steady(text: string): string {
  return text
    .replaceAll(/\d{8}-\d{6}-[0-9a-f]{6}/g, 'RUN')
    .replaceAll(/\d+ ms|\d\.\d s/g, 'TIME')
    .replaceAll(/[0-9a-f]{16}/g, 'HASH')
    .replaceAll(/^On disk: .*$/gm, 'On disk: SIZES')
    .replaceAll(/^(?:Under|About) .*last runs.*$/gm, 'ESTIMATE')
    .replaceAll(/^(.*(?:RUN|TIME|run) .*)$/gm, line => line.trim().replaceAll(/ {2,}/g, '  '));
}

export async function printed(
  project: ToyProject,
  ...commands: readonly (readonly string[])[]
): Promise<string> {
  const texts: string[] = [];
  for (const args of commands) {
    const {code, out, err} = await project.run(...args);
    const typed = args.map(arg => (/^[\w.@:*,=/-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ');
    texts.push(`$ gameplan ${typed}  (exit code ${code})\n${out}${err}`);
  }
  return steady(texts.join('\n'));
}
