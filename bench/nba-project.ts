/**
 * The shipped pipeline in a folder of its own, with the league server beside it, for benchmarks: its target is that of
 * recorded games where they are there, else the simulated one. Each command is a process; what it does is not dealt with.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type LeagueProcess, startLeagueProcess} from '../demo/league/league-process.ts';
import type {OutcomeCounts} from '../runner/event.ts';
import {measure} from './process.ts';

const repository = join(import.meta.dirname, '..');
const gameplan = join(repository, 'bin', 'gameplan.js');
const recordedGames = join(repository, '..', 'shared', 'data');

export const TARGET = existsSync(join(recordedGames, 'games.parquet')) ? 'recorded' : 'simulated';

export function startLeague(): Promise<LeagueProcess> {
  return startLeagueProcess(TARGET === 'recorded' ? ['--recorded', recordedGames] : ['--simulated']);
}

interface Made {
  readonly seconds: number;
  readonly megabytes: number;
  readonly counts: OutcomeCounts;
}

export class NbaProject {
  readonly root: string;
  readonly #league: LeagueProcess;

  /** In `root`, which keeps what is filled there, with the pipeline as it is today; else in a folder that is removed. */
  constructor(league: LeagueProcess, {root, start}: {readonly root?: string; readonly start?: string} = {}) {
    this.#league = league;
    this.root = root ?? mkdtempSync(join(tmpdir(), 'gameplan-bench-'));
    mkdirSync(this.root, {recursive: true});
    for (const name of ['assets', 'known-gaps', 'package.json', 'pipeline.yaml']) {
      rmSync(join(this.root, name), {recursive: true, force: true});
      cpSync(join(repository, name), join(this.root, name), {recursive: true});
    }
    const packages = join(this.root, 'node_modules');
    if (!existsSync(packages)) symlinkSync(join(repository, 'node_modules'), packages);
    if (start !== undefined) this.replace('pipeline.yaml', /^start: .*$/m, `start: ${start}`);
  }

  /** Says something else in one of its files. */
  replace(name: string, text: string | RegExp, other: string): void {
    const file = join(this.root, name);
    const before = readFileSync(file, 'utf8');
    const after = before.replace(text, other);
    if (after === before) throw new Error(`${name} does not say '${text}'.`);
    writeFileSync(file, after);
  }

  get warehouse(): string {
    return join(this.root, '.gameplan', TARGET, 'warehouse.duckdb');
  }

  /** Up to the date `end`. What failed or was skipped is counted; protected predictions that are stale always are. */
  materialize(end: string, flags: readonly string[] = []): Made {
    const args = ['materialize', '--target', TARGET, '--json', ...flags];
    const {stdout, seconds, megabytes} = measure([gameplan, ...args], {
      cwd: this.root,
      env: {LEAGUE_URL: this.#league.url, NBA_END: end},
      codes: [0, 1],
    });
    // Its last line counts outcomes.
    const counts = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as OutcomeCounts;
    return {seconds, megabytes, counts};
  }

  remove(): void {
    rmSync(this.root, {recursive: true, force: true});
  }
}
