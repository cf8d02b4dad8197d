/**
 * The league's result-set answers: header names once, then rows as lists. Turns them into checked objects.
 * It does not deal with what any one set means.
 */
import {z} from 'gameplan';

export const ResultSets = z.object({
  resultSets: z.array(
    z.object({name: z.string(), headers: z.array(z.string()), rowSet: z.array(z.array(z.unknown()))}),
  ),
});

/** What zod calls an object schema, narrowed to what is needed here. */
interface RowSchema<T> {
  readonly shape: Readonly<Record<string, unknown>>;
  parse(value: unknown): T;
}

/**
 * The rows of the set `name`, each held against `schema`, whose keys are header names. Throws, naming the set
 * and the header, when the set or a header is gone.
 */
export function readRows<T>(
  answer: z.infer<typeof ResultSets>,
  name: string,
  schema: RowSchema<T>,
): readonly T[] {
  const set = answer.resultSets.find(candidate => candidate.name === name);
  if (set === undefined) {
    const names = answer.resultSets.map(candidate => candidate.name).join(', ');
    throw new Error(
      `The answer has no result set '${name}', only: ${names || 'none'}. Its shape has changed.`,
    );
  }
  const wanted = Object.keys(schema.shape).map(header => {
    const index = set.headers.indexOf(header);
    if (index < 0) throw new Error(`Result set '${name}' has no header '${header}'. Its shape has changed.`);
    return {header, index};
  });
  return set.rowSet.map(row =>
    schema.parse(Object.fromEntries(wanted.map(({header, index}) => [header, row[index]]))),
  );
}
