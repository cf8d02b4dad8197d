/**
 * A written plan as text, a line a partition, and back: what is damaged, foreign or newer is told with its place.
 * It does not deal with what stands in it (plan-file.ts) nor with files on the disk.
 */
import {type Diagnostic, type DiagnosticCode, diagnose, type SourceFile} from './diagnostic.ts';
import {idOf, PLAN_FORMAT, PLAN_VERSION, type PlanFile} from './plan-file.ts';

/** In pieces: a long plan is longer than a text may be. Ends with a line break. */
export function* planLines(file: PlanFile): Generator<string> {
  const {partitions, fingerprints, inputs, ...head} = file;
  const heads = Object.entries(head).filter(([, value]) => value !== undefined);
  yield '{\n';
  for (const [name, value] of heads) yield ` ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`;
  yield ' "fingerprints": {';
  yield* entryLines(Object.entries(fingerprints), '  ');
  yield '},\n "partitions": [';
  for (const [index, partition] of partitions.entries())
    yield `${index === 0 ? '' : ','}\n  ${JSON.stringify(partition)}`;
  yield '\n ],\n "inputs": {';
  for (const [index, [asset, standings]] of Object.entries(inputs).entries()) {
    yield `${index === 0 ? '' : ','}\n  ${JSON.stringify(asset)}: {`;
    yield* entryLines(Object.entries(standings), '   ');
    yield '\n  }';
  }
  yield '\n }\n}\n';
}

function* entryLines(entries: readonly (readonly [string, unknown])[], indent: string): Generator<string> {
  for (const [index, [name, value]] of entries.entries())
    yield `${index === 0 ? '' : ','}\n${indent}${JSON.stringify(name)}: ${JSON.stringify(value)}`;
}

/** Whether a text begins as every plan file does. */
export function looksLikePlan(text: string): boolean {
  return /^\s*\{\s*"format"\s*:\s*"gameplan plan"/.test(text);
}

export type PlanFileResult =
  | {readonly plan: PlanFile; readonly diagnostics: readonly []}
  | {readonly plan: undefined; readonly diagnostics: readonly Diagnostic[]};

export function parsePlanFile(file: SourceFile): PlanFileResult {
  const wrong = (code: DiagnosticCode, start: number, message: string): PlanFileResult => {
    const at = {file, start, end: start + 1};
    return {plan: undefined, diagnostics: [diagnose(code, at, message)]};
  };
  const again = `Write it again with 'gameplan plan --out ${file.path}'.`;
  let value: unknown;
  try {
    value = JSON.parse(file.text);
  } catch (error) {
    if (!looksLikePlan(file.text)) return wrong('foreign-plan', 0, foreignMessage(file));
    const place = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const last = lastLetter(file.text);
    const start = Math.min(last, Number(place ?? last));
    const what = start === last ? 'The plan ends too early' : 'The plan is no JSON here';
    return wrong(
      'damaged-plan',
      start,
      `${what}: the file was cut or changed after it was written. ${again}`,
    );
  }
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== PLAN_FORMAT)
    return wrong('foreign-plan', 0, foreignMessage(file));
  const version = 'version' in value ? value.version : undefined;
  if (version !== PLAN_VERSION) {
    const start = Math.max(0, file.text.indexOf('"version"'));
    const message = `The plan was written by a newer gameplan (version ${JSON.stringify(version)}; this one knows ${PLAN_VERSION}). Update gameplan, or write the plan with this one.`;
    return wrong('newer-plan', start, message);
  }
  const plan = value as PlanFile; // if the id is right, `planFileOf` made it
  if (!hasItsId(plan)) {
    const start = Math.max(0, file.text.indexOf('"id"'));
    return wrong('damaged-plan', start, `The plan is not what was written: it was changed since. ${again}`);
  }
  return {plan, diagnostics: []};
}

function hasItsId({format: _, version: __, id, ...body}: PlanFile): boolean {
  try {
    return id === idOf(body);
  } catch (error) {
    // A part that is not there, or is no list.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function foreignMessage({path}: SourceFile): string {
  return `'${path}' is no plan: write one with 'gameplan plan --out ${path}', or name assets.`;
}

/** The last letter that is no white space, where something is missing behind it. */
function lastLetter(text: string): number {
  return Math.max(0, text.trimEnd().length - 1);
}
