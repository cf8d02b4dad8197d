/**
 * Plan files on the disk: written whole or not at all, and found where an argument names one.
 * It does not deal with what stands in them (planner/plan-text.ts).
 */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {formatDiagnostics} from '../planner/diagnostic.ts';
import type {PlanFile} from '../planner/plan-file.ts';
import {looksLikePlan, parsePlanFile, planLines} from '../planner/plan-text.ts';
import {Refusal, UsageError, type World} from './world.ts';

/** A longer text can be written, and not be read again. Letters, of which nearly all are one byte. */
const LONGEST = 500_000_000;

/** Enough of a file to see what it is. */
const HEAD_BYTES = 200;

/** Overwrites an older plan, and nothing else. */
export function writePlanFile(world: World, shown: string, plan: PlanFile): void {
  const place = path.resolve(world.cwd, shown);
  const found = statSync(place, {throwIfNoEntry: false});
  if (found?.isDirectory() === true) throw new UsageError(`--out ${shown}: that is a folder, not a file.`);
  if (found !== undefined && found.size > 0 && !looksLikePlan(headOf(place, shown))) {
    throw new UsageError(`--out ${shown}: that file is no plan, and would be lost. Choose another name.`);
  }
  const aside = `${place}.${process.pid}.tmp`;
  try {
    const written = writeAside(aside, plan);
    if (written > LONGEST)
      throw new Refusal(
        `error: ${shown} would be too long to be read again: plan less, with selectors or dates.\n`,
      );
    renameSync(aside, place);
  } catch (error) {
    if (existsSync(aside)) rmSync(aside, {force: true});
    if (error instanceof Refusal) throw error;
    throw new Refusal(`error: ${shown} cannot be written: ${reasonOf(error)}.\n`);
  }
}

function writeAside(place: string, plan: PlanFile): number {
  const file = openSync(place, 'w');
  let length = 0;
  try {
    let pieces: string[] = [];
    const flush = (): void => {
      const text = pieces.join('');
      // Whole, also where the disk takes a part of it before it is full.
      writeFileSync(file, text);
      length += Buffer.byteLength(text);
      pieces = [];
    };
    for (const piece of planLines(plan)) if (pieces.push(piece) >= 10_000) flush();
    flush();
    return length;
  } finally {
    closeSync(file);
  }
}

/** The plan that the arguments name; undefined where they are selectors. Every mistake in it is a refusal. */
export function findPlanFile(args: readonly string[], world: World): PlanFile | undefined {
  const [shown, ...others] = args;
  if (shown === undefined) return undefined;
  const place = path.resolve(world.cwd, shown);
  if (statSync(place, {throwIfNoEntry: false})?.isFile() !== true) return undefined;
  // A file that is no plan may have the name of an asset by chance.
  if (!looksLikePlan(headOf(place, shown)) && !/\.json$|[/\\]/.test(shown)) return undefined;
  if (others.length > 0)
    throw new UsageError(`${shown} is a file: a plan file stands alone, without selectors.`);
  const {plan, diagnostics} = parsePlanFile({path: shown, text: textOf(place, shown)});
  if (plan !== undefined) return plan;
  throw new Refusal(formatDiagnostics(diagnostics, {color: world.isColored}));
}

function headOf(place: string, shown: string): string {
  try {
    const file = openSync(place, 'r');
    try {
      const bytes = Buffer.alloc(HEAD_BYTES);
      return bytes.subarray(0, readSync(file, bytes)).toString('utf8');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new Refusal(`error: ${shown} cannot be read: ${reasonOf(error)}.\n`);
  }
}

function textOf(place: string, shown: string): string {
  try {
    return readFileSync(place, 'utf8');
  } catch (error) {
    throw new Refusal(`error: ${shown} cannot be read: ${reasonOf(error)}.\n`);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
      return 'there is no such folder';
    case 'ENOTDIR':
      return 'a part of its path is a file, not a folder';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'this user may not';
    case 'ENOSPC':
      return 'the disk is full';
    case 'ERR_STRING_TOO_LONG':
      return 'it is too long';
    default:
      throw error;
  }
}
