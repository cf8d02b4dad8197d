/**
 * The function library as the evaluator takes it: functions of its catalog, because it runs no CREATE FUNCTION.
 * It does not deal with what they mean.
 */

const FORM = /^\(([^)]*)\) AS \(([\s\S]*)\)$/;

/** One for each definition that is a text; what BigQuery has by itself the evaluator has too. */
export function customFunctions(library: ReadonlyMap<string, string>): readonly unknown[] {
  return [...library].flatMap(([name, definition]) => {
    if (definition === 'builtin') return [];
    const [, parameters, body] = FORM.exec(definition) ?? [];
    if (parameters === undefined || body === undefined) {
      throw new Error(`The definition of ${name} has another form than (parameters) AS (body).`);
    }
    const named = parameters.split(', ').map(parameter => {
      const [argument = '', ...type] = parameter.split(' ');
      return {argument, isText: type.join(' ') === 'STRING'};
    });
    return [
      {
        namePath: [name],
        group: 'Templated_SQL_Function',
        mode: 'SCALAR',
        signature: [
          {
            argument: named.map(({argument, isText}) => ({
              ...(isText
                ? {kind: 'ARG_TYPE_FIXED', type: {typeKind: 'TYPE_STRING'}}
                : {kind: 'ARG_TYPE_ARBITRARY'}),
              numOccurrences: -1,
              options: {argumentName: argument, cardinality: 'REQUIRED'},
            })),
            returnType: {kind: 'ARG_TYPE_ARBITRARY', numOccurrences: -1},
            contextId: '-1',
          },
        ],
        parseResumeLocation: {input: body, bytePosition: 0},
        templatedSqlFunctionArgumentName: named.map(({argument}) => argument),
      },
    ];
  });
}
