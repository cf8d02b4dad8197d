/**
 * One bash in which the lines of a page are typed, with `gameplan` as it is built. What ends in ` &` goes on behind; what
 * it prints is kept until it is waited for. It does not deal with what is printed.
 */
import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {pathToFileURL} from 'node:url';

const root = path.join(import.meta.dirname, '..', '..');

/** Between the output of two commands; no command prints it. */
const END = '\u0004';

/** How long, in milliseconds, something behind has for its first words, and for going on with them. */
const FIRST_WORDS_MS = 20_000;
const PAUSE_MS = 300;

interface Typed {
  readonly text: string;
  readonly code: number;
}

interface ShellOptions {
  readonly folder: string;
  /** A folder of its own for `gameplan`, git's settings and what goes on behind. */
  readonly tools: string;
  readonly env: Readonly<Record<string, string>>;
  /** The time when it is opened, in milliseconds since 1970; it goes on from there. */
  readonly now: number;
}

export class PageShell {
  readonly #bash: ChildProcessWithoutNullStreams;
  readonly #gone: Promise<unknown>;
  readonly #behind: string;
  #printed = '';
  #told = 0;

  constructor({folder, tools, env, now}: ShellOptions) {
    layTools(tools, now - Date.now());
    this.#behind = path.join(tools, 'behind');
    this.#bash = spawn('bash', ['--noprofile', '--norc'], {
      cwd: folder,
      // so that all that it started can be ended with it
      detached: true,
      env: {
        ...process.env,
        PATH: `${tools}:${process.env['PATH']}`,
        COLUMNS: '100',
        NO_COLOR: '1',
        TZ: 'UTC',
        GIT_CONFIG_GLOBAL: path.join(tools, 'gitconfig'),
        GAMEPLAN_REPOSITORY: root,
        ...env,
      },
    });
    this.#gone = once(this.#bash, 'exit');
    for (const stream of [this.#bash.stdout, this.#bash.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#printed += text;
      });
  }

  /** What it prints, also what it complains of, and what it exits with. */
  async type(line: string): Promise<Typed> {
    if (line.endsWith(' &')) return await this.#start(line.slice(0, -2));
    const typed = await this.#ask(line);
    // What went on behind until then is the answer of whoever waits for it.
    return line.startsWith('wait') ? {...typed, text: typed.text + this.#news()} : typed;
  }

  async end(): Promise<void> {
    const gone = once(this.#bash, 'close');
    // the bash and all that it has started
    if (this.#bash.pid !== undefined) process.kill(-this.#bash.pid, 'SIGKILL');
    await gone;
  }

  async #start(command: string): Promise<Typed> {
    writeFileSync(this.#behind, '');
    this.#told = 0;
    const {code} = await this.#ask(`${command} >'${this.#behind}' 2>&1 &`);
    const until = Date.now() + FIRST_WORDS_MS;
    let text = '';
    while (Date.now() < until) {
      const before = text;
      await pause(PAUSE_MS);
      text += this.#news();
      if (text !== '' && text === before) break;
    }
    return {text, code};
  }

  #news(): string {
    if (!existsSync(this.#behind)) return '';
    const all = readFileSync(this.#behind, 'utf8');
    const news = all.slice(this.#told);
    this.#told = all.length;
    return news;
  }

  async #ask(line: string): Promise<Typed> {
    this.#printed = '';
    this.#bash.stdin.write(`{ ${line}\n} 2>&1 </dev/null\nprintf '${END}%s${END}' $?\n`);
    while (!this.#printed.endsWith(END)) {
      if (this.#bash.exitCode !== null) throw new Error(`The shell ended with '${line}'.`);
      await Promise.race([once(this.#bash.stdout, 'data'), this.#gone]);
    }
    const [text = '', code] = this.#printed.split(END);
    return {text, code: Number(code)};
  }
}

/** `gameplan` by a clock that is so many milliseconds ahead. */
function layTools(folder: string, aheadMs: number): void {
  mkdirSync(folder, {recursive: true});
  const clock = path.join(folder, 'clock.mjs');
  writeFileSync(clock, `const now = Date.now;\nDate.now = () => now() + ${aheadMs};\n`);
  const command = path.join(folder, 'gameplan');
  const program = path.join(root, 'bin', 'gameplan.js');
  writeFileSync(
    command,
    `#!/bin/sh\nexec '${process.execPath}' --import '${pathToFileURL(clock).href}' '${program}' "$@"\n`,
  );
  chmodSync(command, 0o755);
  writeFileSync(path.join(folder, 'gitconfig'), '[user]\n\tname = ada\n\temail = ada@example.com\n');
}
