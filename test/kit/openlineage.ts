/**
 * Holds events of OpenLineage against the specification: the rules of version 2-0-2 for what is sent here, written out
 * below, and our own facets by their schemas in docs/openlineage. Where `GAMEPLAN_OPENLINEAGE` names a folder with the
 * published `OpenLineage.json` and `facets/*.json`, those judge as well.
 */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {Ajv2020, type ValidateFunction} from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const text = {type: 'string', minLength: 1} as const;
const uri = {type: 'string', format: 'uri'} as const;

/** Facets by their name within their object, with what each must have beside `_producer` and `_schemaURL`. */
function facets(known: Readonly<Record<string, object>>): object {
  const base = {
    type: 'object',
    properties: {_producer: uri, _schemaURL: uri},
    required: ['_producer', '_schemaURL'],
  };
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(known).map(([name, own]) => [name, {allOf: [base, own]}])),
    // A facet of one's own has a prefix.
    patternProperties: {'^gameplan_': base},
    additionalProperties: false,
  };
}

function object(
  required: Readonly<Record<string, object>>,
  optional: Readonly<Record<string, object>> = {},
): object {
  return {type: 'object', properties: {...required, ...optional}, required: Object.keys(required)};
}

const job = object({namespace: text, name: text});
const run = object({runId: {type: 'string', format: 'uuid'}});
const description = object({description: text});
const dataset = object({
  namespace: text,
  name: text,
  facets: facets({
    schema: object({fields: {type: 'array', items: object({name: text}, {type: text, description: text})}}),
    documentation: description,
  }),
});

const RULES = object(
  {
    eventTime: {type: 'string', format: 'date-time'},
    producer: uri,
    schemaURL: {const: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'},
    run: {
      allOf: [
        run,
        object({
          facets: facets({
            parent: object({run, job}),
            errorMessage: object({message: text, programmingLanguage: text}),
            test: object({
              tests: {
                type: 'array',
                items: object(
                  {name: text, status: {enum: ['pass', 'fail', 'skip']}},
                  {severity: text, type: text},
                ),
              },
            }),
          }),
        }),
      ],
    },
    job: {
      allOf: [
        job,
        object({
          facets: facets({
            jobType: object({processingType: {const: 'BATCH'}, integration: text}, {jobType: text}),
            documentation: description,
          }),
        }),
      ],
    },
    inputs: {type: 'array', items: dataset},
    outputs: {
      type: 'array',
      items: {
        allOf: [
          dataset,
          object(
            {},
            {outputFacets: facets({outputStatistics: object({rowCount: {type: 'integer', minimum: 0}})})},
          ),
        ],
      },
    },
  },
  {eventType: {enum: ['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']}},
);

const OWN = new URL('../../docs/openlineage/', import.meta.url);

export class OpenLineageJudge {
  readonly #event: readonly ValidateFunction[];
  readonly #ajv: Ajv2020;

  constructor() {
    this.#ajv = new Ajv2020({strict: true, strictRequired: false, allErrors: true});
    // The package is CommonJS: its function is the default of its default.
    (addFormats as unknown as {default: (ajv: Ajv2020) => void}).default(this.#ajv);
    for (const name of readdirSync(OWN)) this.#ajv.addSchema(read(new URL(name, OWN)));
    this.#event = [this.#ajv.compile(RULES), ...this.#published()];
  }

  /** Everything that is wrong with an event. */
  mistakes(event: object): readonly string[] {
    const found = this.#event.flatMap(validate => (validate(event) ? [] : said(validate)));
    for (const facet of facetsIn(event)) {
      const {_schemaURL: name} = facet as {readonly _schemaURL: string};
      if (!name.startsWith('urn:gameplan:')) continue;
      const validate = this.#ajv.getSchema(name);
      if (validate === undefined) found.push(`no schema ${name}`);
      else if (validate(facet) !== true) found.push(...said(validate as ValidateFunction));
    }
    return found;
  }

  #published(): readonly ValidateFunction[] {
    const folder = process.env['GAMEPLAN_OPENLINEAGE'];
    if (folder === undefined || !existsSync(folder)) return [];
    // Their own keywords, such as `example`, are none of JSON Schema's.
    const ajv = new Ajv2020({strict: false, allErrors: true});
    (addFormats as unknown as {default: (ajv: Ajv2020) => void}).default(ajv);
    const each = path.join(folder, 'facets');
    for (const name of existsSync(each) ? readdirSync(each) : []) ajv.addSchema(read(path.join(each, name)));
    return [ajv.compile(read(path.join(folder, 'OpenLineage.json')))];
  }
}

function facetsIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = '_schemaURL' in value ? [value] : [];
  return [...own, ...Object.values(value).flatMap(facetsIn)];
}

function said({errors}: ValidateFunction): readonly string[] {
  return (errors ?? []).map(
    ({instancePath, message, params}) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function read(file: URL | string): object {
  return JSON.parse(readFileSync(file, 'utf8')) as object;
}
