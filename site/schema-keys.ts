/**
 * The manifest's JSON Schema as sections of keys: one for every mapping, with what each key may hold.
 * It does not deal with what is written about them.
 */

/** What is used of JSON Schema. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

export interface Key {
  readonly name: string;
  readonly path: string;
  readonly holds: string;
  readonly description: string;
  readonly isRequired: boolean;
  /** The path of the section with its own keys. */
  readonly section: string | undefined;
}

export interface Section {
  /** Such as `assets.NAME.refresh`; empty for the file itself. */
  readonly path: string;
  readonly description: string;
  /** Of a mapping that is one of several kinds: one for each. */
  readonly variants: readonly (readonly Key[])[];
}

/** Shapes that stand in several places and are told in one of them. */
const TOLD_AT: Readonly<Record<string, string>> = {
  'defaults.partition_by': 'assets.NAME.partition_by',
  'targets.NAME.sites.NAME': 'sites.NAME',
  'targets.NAME.store.credentials': 'targets.NAME.warehouse.credentials',
  'assets.NAME.sources.upstream.NAME': 'assets.NAME.upstream.NAME',
  'assets.NAME.sources.checks': 'assets.NAME.checks',
};

/** The file's own keys first, then section by section as they stand in it. A shape that is there twice is told once. */
export function sectionsOf(schema: JsonSchema, path = ''): readonly Section[] {
  const found = mappings(schema, path);
  const [first] = found;
  if (first === undefined || found.some(each => each.path in TOLD_AT)) return [];
  const variants = found.map(each => keysOf(each.schema, each.path));
  const below = found.flatMap(each =>
    Object.entries(each.schema.properties ?? {}).flatMap(([name, value]) =>
      sectionsOf(value, join(each.path, name)),
    ),
  );
  return [{path: first.path, description: first.description, variants}, ...below];
}

interface Mapping {
  readonly schema: JsonSchema;
  readonly path: string;
  readonly description: string;
}

function mappings(schema: JsonSchema, path: string): readonly Mapping[] {
  const described = (found: readonly Mapping[]) =>
    found.map(each => ({...each, description: each.description || (schema.description ?? '')}));
  if (schema.properties !== undefined) return [{schema, path, description: schema.description ?? ''}];
  if (typeof schema.additionalProperties === 'object')
    return described(mappings(schema.additionalProperties, join(path, 'NAME')));
  if (schema.items !== undefined) return described(mappings(schema.items, path));
  return described((schema.anyOf ?? schema.oneOf ?? []).flatMap(each => mappings(each, path)));
}

function keysOf({properties = {}, required = []}: JsonSchema, path: string): readonly Key[] {
  return Object.entries(properties).map(([name, value]) => {
    const own = join(path, name);
    const section = mappings(value, own)[0]?.path;
    return {
      name,
      path: own,
      holds: holds(value),
      description: value.description ?? '',
      isRequired: required.includes(name),
      section: section === undefined ? undefined : (TOLD_AT[section] ?? section),
    };
  });
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function holds(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return listed(schema.enum.map(each => `\`${String(each)}\``));
  const several = schema.anyOf ?? schema.oneOf;
  if (several !== undefined) return listed([...new Set(several.map(holds))]);
  switch (schema.type) {
    case 'array':
      return `list of ${schema.items === undefined ? 'values' : plural(holds(schema.items))}`;
    case 'object':
      return schema.properties === undefined && typeof schema.additionalProperties === 'object'
        ? `${holds(schema.additionalProperties)} by name`
        : 'mapping';
    case 'string':
      return 'text';
    case 'boolean':
      return '`true` or `false`';
    case 'integer':
      return ranged('whole number', schema);
    case 'number':
      return ranged('number', schema);
    default:
      return 'any value';
  }
}

function ranged(what: string, {minimum, maximum}: JsonSchema): string {
  const most = maximum === undefined || maximum >= 1_000_000_000 ? '' : ` to ${maximum}`;
  return minimum === undefined ? what : `${what}, ${minimum}${most === '' ? ' or more' : most}`;
}

function plural(what: string): string {
  return what.replace(/^(text|mapping|number)\b/, '$1s');
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}
