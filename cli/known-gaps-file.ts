/**
 * The target's file of accepted gaps: its text, and how it is replaced by another that says what is meant.
 * It does not deal with what is accepted (planner/accepting.ts).
 */
import {existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {parseKnownGaps} from '../planner/known-gaps.ts';
import {entryText, type GapEntry} from '../planner/known-gaps-edit.ts';
import type {AcceptedGap} from '../planner/pipeline.ts';
import type {Project} from '../report/project-ledger.ts';
import {Refusal} from './world.ts';

/** Empty where there is none. */
export function readGapsFile({root, pipeline}: Project): string {
  const file = path.resolve(root, pipeline.target.knownGaps);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/**
 * What a new text says, which must be what is meant. A file may be written in ways (anchors, several documents) that an
 * edit does not see through: then nothing is written.
 */
export function readEdited(
  {pipeline}: Project,
  text: string,
  meant: readonly GapEntry[],
): readonly AcceptedGap[] {
  const file = pipeline.target.knownGaps;
  const {gaps, diagnostics} = parseKnownGaps({path: file, text}, pipeline.assets);
  const isMeant = diagnostics.length === 0 && sameEntries(gaps, meant);
  if (isMeant) return gaps;
  const entries = meant.map(entryText).join('\n');
  throw new Refusal(
    `error: '${file}' is written in a way that cannot be edited here (anchors, or several documents). Write it so that it says:\n${entries}`,
  );
}

function sameEntries(found: readonly GapEntry[], meant: readonly GapEntry[]): boolean {
  const told = (entries: readonly GapEntry[]) => entries.map(entryText).toSorted().join('\n');
  return told(found) === told(meant);
}

/** Wholly or not at all; a link stays one. */
export function writeGapsFile({root, pipeline}: Project, text: string): void {
  const named = path.resolve(root, pipeline.target.knownGaps);
  mkdirSync(path.dirname(named), {recursive: true});
  const file = existsSync(named) ? realpathSync(named) : named;
  const written = `${file}.${process.pid}.tmp`;
  writeFileSync(written, text);
  renameSync(written, file);
}
