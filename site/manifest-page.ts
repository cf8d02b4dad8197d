/**
 * docs/reference/manifest.md: every key of pipeline.yaml, from the schema that checks it, with examples out of manifests
 * that tests validate. It does not deal with what keys mean together (docs/concepts.md).
 */
import {parse, stringify} from 'yaml';
import {MANIFEST_NOTES} from './manifest-notes.ts';
import {type JsonSchema, type Key, type Section, sectionsOf} from './schema-keys.ts';
import {slugOf} from './slug.ts';

/** Longer ones are shown in a block of their own, or not at all. */
const LONGEST_EXAMPLE = 64;
const MOST_LINES = 12;

/** `manifests`: texts of which examples are taken, the first ones first. */
export function manifestPage(schema: JsonSchema, manifests: readonly string[]): string {
  const parsed = manifests.map(text => parse(text) as unknown);
  const sections = sectionsOf(schema);
  return `# Manifest reference

Made by \`node scripts/write-schema.ts\` from the schema that checks a manifest; [pipeline.schema.json](../../pipeline.schema.json) is the same for editors. Examples are taken from the shipped pipeline, from what \`gameplan init\` writes, and from manifests of the tests. \`NAME\` stands for a name of your own. Words in bold are needed wherever the mapping stands.

Values may hold \`\${NAME}\` or \`\${NAME:-default}\` from the environment under \`targets\` and \`sites\`, and of the pipeline's \`start\` and \`end\`. How durations, sizes, windows and other notations are written stands beside each key.

${sections.map(section => sectionText(section, parsed)).join('\n\n')}
`;
}

function sectionText(section: Section, manifests: readonly unknown[]): string {
  const depth = section.path === '' ? 0 : section.path.split('.').filter(each => each !== 'NAME').length;
  const head = section.path === '' ? '## The file' : `${'#'.repeat(Math.min(4, depth + 1))} ${section.path}`;
  const about = MANIFEST_NOTES[section.path]?.means ?? section.description;
  const tables = section.variants.map((keys, index) => {
    const before = new Set(section.variants.slice(0, index).flatMap(each => each.map(({path}) => path)));
    return table(keys, before, manifests);
  });
  const block = section.path === '' ? '' : example(section.path, manifests);
  return [head, about, ...tables, block].filter(part => part !== '').join('\n\n');
}

/** `before`: keys that have their anchor in an earlier table. */
function table(keys: readonly Key[], before: ReadonlySet<string>, manifests: readonly unknown[]): string {
  const rows = keys.map(key => {
    const {name, path, holds, isRequired, section} = key;
    const shown = isRequired ? `**${name}**` : name;
    const anchor = before.has(path) ? '' : `<a id="key-${path.toLowerCase().replaceAll('.', '-')}"></a>`;
    const label = section === undefined ? shown : `[${shown}](#${slugOf(section)})`;
    const note = MANIFEST_NOTES[path];
    const fallback = note?.default === undefined ? '' : ` Default: ${note.default}.`;
    const value = section === undefined && !/^`[^`]*`$/.test(holds) ? inline(path, name, manifests) : '';
    return `| ${anchor}${label} | ${holds} | ${cell(`${describe(key)}${fallback}`)}${value} |`;
  });
  return ['| key | holds | says |', '|---|---|---|', ...rows].join('\n');
}

/** What the key says: of the schema, or of the notes where the schema says nothing. */
function describe({path, description}: Key): string {
  const text = MANIFEST_NOTES[path]?.means ?? description;
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The shortest of what stands there in any manifest. */
function inline(path: string, name: string, manifests: readonly unknown[]): string {
  const shortest = manifests
    .flatMap(manifest => valuesAt(manifest, path.split('.')))
    .map(value =>
      stringify({[name]: value}, {collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0})
        .trim()
        .slice(1, -1)
        .trim(),
    )
    .filter(text => text.length <= LONGEST_EXAMPLE && !text.includes('`'))
    .sort((one, other) => one.length - other.length)[0];
  return shortest === undefined ? '' : ` Such as \`${cell(shortest)}\``;
}

/** What says most within few lines. */
function example(path: string, manifests: readonly unknown[]): string {
  const found = manifests
    .flatMap(manifest => wrapped(manifest, path.split('.')))
    .map(value => stringify(value, {lineWidth: 100}).trim())
    .filter(text => text.includes('\n') && text.split('\n').length <= MOST_LINES);
  const [best] = found.sort((one, other) => other.split('\n').length - one.split('\n').length);
  return best === undefined ? '' : `\`\`\`yaml\n${best}\n\`\`\``;
}

/** What stands there, below its key; what has a name of its own below the key of all of its kind. */
function wrapped(manifest: unknown, path: readonly string[]): readonly unknown[] {
  const key = path.findLast(each => each !== 'NAME') ?? '';
  const found = valuesAt(manifest, path.slice(0, path.lastIndexOf(key) + 1));
  if (path.at(-1) !== 'NAME') return found.map(value => ({[key]: value}));
  return found.flatMap(value =>
    Object.entries(value ?? {}).map(entry => ({[key]: Object.fromEntries([entry])})),
  );
}

/** All values that stand there; `NAME` is any name, and a list on the way is each of its values. */
function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  if (Array.isArray(value) && path.length > 0) return value.flatMap(each => valuesAt(each, path));
  const [key, ...rest] = path;
  if (key === undefined) return [value];
  if (typeof value !== 'object' || value === null) return [];
  const below =
    key === 'NAME'
      ? Object.values(value)
      : Object.entries(value).flatMap(([name, each]) => (name === key ? [each] : []));
  return below.flatMap(each => valuesAt(each, rest));
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Paths of keys about which nothing is said, and of notes that are about no key. */
export function unsaid(schema: JsonSchema): {
  readonly silent: readonly string[];
  readonly stray: readonly string[];
} {
  const sections = sectionsOf(schema);
  const keys = sections.flatMap(({variants}) => variants.flat());
  const paths = new Set([...keys.map(({path}) => path), ...sections.map(({path}) => path)]);
  return {
    silent: keys.filter(key => describe(key) === '').map(({path}) => path),
    stray: Object.keys(MANIFEST_NOTES).filter(path => !paths.has(path)),
  };
}
