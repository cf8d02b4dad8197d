/**
 * Several workers for a test, each in a process of its own, with what each says and what came of it.
 * It does not deal with the run that hands the work out.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {OtherWorker, WorkerLine} from './worker-process.ts';

export interface StartedWorker {
  readonly run: string;
  readonly said: readonly WorkerLine[];
  readonly ended: Promise<Extract<WorkerLine, {kind: 'ended'}> | undefined>;
  kill(signal: NodeJS.Signals): void;
}

export class Crew {
  readonly #children: ChildProcess[] = [];

  start(asked: OtherWorker): StartedWorker {
    const script = join(import.meta.dirname, 'worker-process.ts');
    const child = spawn(process.execPath, [script, JSON.stringify(asked)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const said: WorkerLine[] = [];
    const lines = createInterface({input: child.stdout});
    lines.on('line', line => said.push(JSON.parse(line)));
    const ended = new Promise<Extract<WorkerLine, {kind: 'ended'}> | undefined>(resolve => {
      lines.on('close', () => resolve(said.find(line => line.kind === 'ended')));
    });
    return {run: asked.run, said, ended, kill: signal => child.kill(signal)};
  }

  /** All that still run. */
  end(): void {
    for (const child of this.#children.splice(0)) child.kill('SIGKILL');
  }
}
