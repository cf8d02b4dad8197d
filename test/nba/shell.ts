/**
 * Types the lines of a page on a shipped project, as one terminal would: `gameplan` in this process, what ends in ` &`
 * in one of its own, which `$!` is from then on, and the rest in bash. It knows `&&` and `|` between them.
 * It does not deal with what is printed.
 */
import {type ChildProcess, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as pause} from 'node:timers/promises';
import type {ShippedProject} from './shipped-project.ts';

interface Behind {
  readonly child: ChildProcess;
  readonly gone: Promise<unknown>;
  printed: string;
}

/** How often, in milliseconds, and how many times a run in another process is looked at. */
const LOOK_MS = 100;
const LOOKS = 400;

export class Shell {
  readonly #project: ShippedProject;
  #behind: Behind | undefined;

  constructor(project: ShippedProject) {
    this.#project = project;
  }

  /** What it prints, also what it complains of. */
  async type(line: string): Promise<string> {
    const [, signal] = /^kill -(\w+) \$!$/.exec(line) ?? [];
    if (line.endsWith(' &')) return this.#start(line.slice(0, -2));
    if (signal !== undefined) return await this.#kill(signal === '9' ? 'SIGKILL' : `SIG${signal}`);
    if (line === 'wait $!') return await this.#wait();
    const printed: string[] = [];
    for (const part of line.split(' && ')) {
      const {code, text} = await this.#run(part);
      printed.push(text);
      if (code !== 0) break;
    }
    return printed.join('');
  }

  /** Waits until so many partitions of the run in the other process have ended. */
  async until(count: number): Promise<void> {
    let found = Number.NaN;
    for (let look = 0; look < LOOKS; look++) {
      const {code, out} = await this.#project.gameplan('runs', 'show', 'last', '--json');
      // the command's own JSON
      const run = code === 0 ? (JSON.parse(out) as {isAtWork: boolean; attempts: unknown[]}) : undefined;
      if (run?.isAtWork === true) found = run.attempts.length;
      if (found >= count) return;
      await pause(LOOK_MS);
    }
    throw new Error(`The run behind has ended ${found} partitions, and not ${count}.`);
  }

  async end(): Promise<void> {
    if (this.#behind !== undefined) await this.#kill('SIGKILL');
  }

  #start(line: string): string {
    const child = this.#project.spawn(...wordsOf(line).slice(1));
    const behind: Behind = {child, gone: once(child, 'close'), printed: ''};
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        behind.printed += chunk.toString();
      });
    this.#behind = behind;
    return '';
  }

  async #kill(signal: string): Promise<string> {
    // one of those that bash knows by name
    this.#behind?.child.kill(signal as NodeJS.Signals);
    if (signal === 'SIGKILL') await this.#wait();
    return '';
  }

  async #wait(): Promise<string> {
    const behind = this.#behind;
    if (behind === undefined) throw new Error('Nothing runs behind.');
    this.#behind = undefined;
    await behind.gone;
    return behind.printed;
  }

  async #run(part: string): Promise<{code: number; text: string}> {
    if (!part.startsWith('gameplan ')) return this.#bash(part);
    const [own = '', ...pipe] = part.split(' | ');
    const {code, out, err} = await this.#project.gameplan(...wordsOf(own).slice(1));
    const {text} = pipe.length === 0 ? {text: out} : this.#bash(pipe.join(' | '), out);
    return {code, text: text + err};
  }

  #bash(line: string, input = ''): {code: number; text: string} {
    const {status, stdout, stderr} = spawnSync('bash', ['-c', line], {
      cwd: this.#project.root,
      input,
      encoding: 'utf8',
    });
    return {code: status ?? 1, text: stdout + stderr};
  }
}

/** Words as bash takes them, with single quotes alone. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}
