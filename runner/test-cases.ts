/**
 * Reads the cases of a `.test.yaml` file, with the place of every mistake.
 * It does not deal with running them (asset-test.ts).
 */
import {z} from 'zod';
import {type Diagnostic, diagnose, type SourceFile} from '../planner/diagnostic.ts';
import {rootSpan, type Scope} from '../planner/manifest-scope.ts';
import {readShape} from '../planner/manifest-shape.ts';
import {parseTree} from '../planner/manifest-tree.ts';
import {object} from '../planner/schema-shape.ts';
import {TOLERANCE} from './compare-rows.ts';

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const rowsSchema = z.array(z.record(z.string(), value));

const caseSchema = object({
  name: z.string(),
  calendar: z
    .array(
      object({
        date: z.string(),
        season: z.string(),
        games: z.array(object({id: z.string(), teams: z.array(z.string())})).default([]),
      }),
    )
    .default([]),
  partitions: z.array(z.string()).min(1),
  /** The score of the inputs by key; 100 where nothing is said. */
  quality: z.record(z.string(), z.int().min(0).max(100)).default({}),
  inputs: z.record(z.string(), rowsSchema).default({}),
  expect: rowsSchema,
  tolerance: z.number().positive().default(TOLERANCE),
});

export type Case = z.infer<typeof caseSchema>;

/** The cases in the file's order; those that are wrong are told and left out. A file without a case is wrong, too. */
export function readCases(file: SourceFile): {
  readonly cases: readonly Case[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const {root, value: list, diagnostics} = parseTree(file);
  const scope: Scope = {root, diagnostics: [...diagnostics]};
  if (diagnostics.length > 0) return {cases: [], diagnostics};
  if (!Array.isArray(list) || list.length === 0) {
    const message = `'${file.path}' must be a list of cases, each with a name, partitions, inputs and what is expected.`;
    return {cases: [], diagnostics: [diagnose('wrong-type', rootSpan(scope), message)]};
  }
  const cases = list.flatMap((one, index) => {
    const item: Scope = {root: root.children.get(index) ?? root, diagnostics: scope.diagnostics};
    return readShape(item, one, caseSchema) ?? [];
  });
  return {cases, diagnostics: scope.diagnostics};
}
