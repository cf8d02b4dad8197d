/**
 * A file that a flag names, for what a command says beside what it prints. It does not deal with plans (plan-path.ts).
 */
import {existsSync, mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {Refusal, type World} from './world.ts';

interface OutFile {
  /** Such as `--junit`. */
  readonly flag: string;
  /** As it was given. */
  readonly file: string;
  readonly text: string;
}

/** Folders on the way to it are made. */
export function writeOut(world: Pick<World, 'cwd'>, out: OutFile): void {
  write(world, out, place => {
    mkdirSync(path.dirname(place), {recursive: true});
    writeFileSync(place, out.text);
  });
}

/** Whole or not at all, for whoever may read it at any time. */
export function replaceOut(world: Pick<World, 'cwd'>, out: OutFile): void {
  write(world, out, place => {
    const aside = `${place}.${process.pid}`;
    try {
      writeFileSync(aside, out.text);
      renameSync(aside, place);
    } finally {
      if (existsSync(aside)) rmSync(aside);
    }
  });
}

function write({cwd}: Pick<World, 'cwd'>, {flag, file}: OutFile, to: (place: string) => void): void {
  try {
    to(path.resolve(cwd, file));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(`error: ${flag} ${file} cannot be written (${why}): name another file.\n`);
  }
}
