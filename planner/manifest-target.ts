/**
 * Resolves the target in use: where it keeps things, the pipeline's range, and the sites as it sees them.
 * Other targets are held against the schema only, and their variables are not read.
 */

import {readDayBudget} from './manifest-budget.ts';
import {
  expand,
  expandDate,
  isHttp,
  refuseSecretHeader,
  refuseSecretUrl,
  type Variables,
} from './manifest-env.ts';
import {readPlaces, refuseSecretsOfPlaces} from './manifest-place.ts';
import {at, has, keyAt, namesAt, type Path, report, rootSpan, type Scope} from './manifest-scope.ts';
import type {Site, Target} from './pipeline.ts';
import type {RawManifest, RawSite} from './schema.ts';
import type {RawTarget} from './schema-target.ts';
import {didYouMean} from './suggest.ts';

export interface ResolvedTarget {
  readonly target: Target;
  readonly start: string | undefined;
  readonly end: string | undefined;
  /** The place that names the known-gaps file, and its path. */
  readonly knownGaps: {readonly path: string; readonly at: Path} | undefined;
  readonly raw: RawTarget;
  readonly variables: Variables;
}

/** Read where neither the manifest nor the target names another file, if it is there. */
const KNOWN_GAPS = 'known-gaps.yaml';

/** The name of the target that a manifest without targets has. */
const ONLY_TARGET = 'local';

/** The wanted target, or the first of the manifest. */
export function readTarget(
  scope: Scope,
  manifest: RawManifest,
  wanted: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): ResolvedTarget {
  const names = namesAt(scope, ['targets']);
  const declared = names.length === 0 ? [ONLY_TARGET] : names;
  const name = wanted ?? declared[0] ?? ONLY_TARGET;
  if (!declared.includes(name)) {
    const place = has(scope, ['targets']) ? keyAt(scope, ['targets']) : rootSpan(scope);
    report(
      scope,
      'unknown-target',
      place,
      `No target is named '${name}'.${didYouMean(name, declared) || ` ${declared.length === 1 ? 'There is' : 'There are'} ${declared.map(each => `'${each}'`).join(', ')}.`}`,
    );
  }
  const raw: RawTarget = own(manifest.targets, name) ?? {};
  const base: Path = ['targets', name];
  const variables: Variables = {values: env, target: name, asked: new Set(), filled: new Map()};
  const overriding = {scope, manifest, raw, base, variables};
  const knownGaps = readKnownGapsPath(overriding);
  const target: Target = {
    name,
    ...readPlaces({scope, raw, base, variables}, manifest),
    knownGaps: knownGaps?.path ?? KNOWN_GAPS,
  };
  return {target, raw, variables, ...readRange(overriding), knownGaps};
}

interface Overriding {
  readonly scope: Scope;
  readonly manifest: RawManifest;
  readonly raw: RawTarget;
  readonly base: Path;
  readonly variables: Variables;
}

function readRange(input: Overriding): {
  readonly start: string | undefined;
  readonly end: string | undefined;
} {
  const {scope, manifest, raw, base, variables} = input;
  const bound = (key: 'start' | 'end') => {
    const path = raw[key] === undefined ? [key] : [...base, key];
    const value = raw[key] ?? manifest[key];
    return {value: value === undefined ? undefined : expandDate(scope, path, value, variables), path};
  };
  const start = bound('start');
  const end = bound('end');
  if (start.value !== undefined && end.value !== undefined && start.value > end.value) {
    report(
      scope,
      'bad-range',
      end.path,
      `The end ${end.value} is before the start ${start.value}: exchange or correct them.`,
      [{message: 'the start is here', at: at(scope, start.path)}],
    );
  }
  return {start: start.value, end: end.value};
}

function readKnownGapsPath({scope, manifest, raw, base, variables}: Overriding): ResolvedTarget['knownGaps'] {
  const place = raw.known_gaps === undefined ? ['known_gaps'] : [...base, 'known_gaps'];
  const value = raw.known_gaps ?? manifest.known_gaps;
  const path = value === undefined ? undefined : expand(scope, place, value, variables);
  return path === undefined ? undefined : {path, at: place};
}

const SITE_CONCURRENCY = 4;

/** The sites that assets use, as the target overrides them. The variables of others are not needed. */
export function readSites(
  scope: Scope,
  manifest: RawManifest,
  resolved: ResolvedTarget,
  used: ReadonlySet<string>,
): ReadonlyMap<string, Site> {
  const sites = new Map<string, Site>();
  const names = namesAt(scope, ['sites']);
  for (const name of Object.keys(resolved.raw.sites ?? {})) {
    if (names.includes(name)) continue;
    const place = keyAt(scope, ['targets', resolved.target.name, 'sites', name]);
    report(
      scope,
      'unknown-site',
      place,
      `No site is named '${name}', so there is nothing to override.${didYouMean(name, names)}`,
    );
  }
  refuseWrittenSecrets(scope, manifest);
  for (const [name, site] of Object.entries(manifest.sites ?? {})) {
    const read = used.has(name) ? readSite(scope, name, site, resolved) : undefined;
    if (read !== undefined) sites.set(name, read);
  }
  return sites;
}

/** In every target: a secret in the file is one whether or not it is used. */
function refuseWrittenSecrets(scope: Scope, manifest: RawManifest): void {
  refuseSecretsOfPlaces(scope, manifest);
  const refuseIn = (base: Path, site: Partial<RawSite>) => {
    if (site.url !== undefined) refuseSecretUrl(scope, [...base, 'url'], site.url);
    if (site.proxy !== undefined) refuseSecretUrl(scope, [...base, 'proxy'], site.proxy);
    for (const [name, value] of Object.entries(site.headers ?? {})) {
      refuseSecretHeader(scope, [...base, 'headers', name], name, value);
    }
  };
  for (const [name, site] of Object.entries(manifest.sites ?? {})) refuseIn(['sites', name], site);
  for (const [target, {sites}] of Object.entries(manifest.targets ?? {})) {
    for (const [name, site] of Object.entries(sites ?? {})) {
      const {url, headers, proxy} = site;
      refuseIn(['targets', target, 'sites', name], {
        ...(url && {url}),
        ...(headers && {headers}),
        ...(proxy && {proxy}),
      });
    }
  }
}

function readSite(
  scope: Scope,
  name: string,
  site: RawSite,
  {raw, target, variables}: ResolvedTarget,
): Site | undefined {
  const override = own(raw.sites, name);
  const base: Path = ['sites', name];
  const overridden: Path = ['targets', target.name, 'sites', name];
  const urlPath = [...(override?.url === undefined ? base : overridden), 'url'];
  const url = expand(scope, urlPath, override?.url ?? site.url, variables);
  if (url !== undefined && !isHttp(url)) {
    // What a variable holds is not printed.
    report(
      scope,
      'bad-url',
      urlPath,
      `The URL of site '${name}' is none: write it as 'https://example.com'.`,
    );
  }
  const headers: Record<string, string> = {};
  const sources = [
    [base, site.headers],
    [overridden, override?.headers],
  ] as const;
  for (const [place, values] of sources) {
    for (const [header, value] of Object.entries(values ?? {})) {
      const path = [...place, 'headers', header];
      const filled = readHeader(scope, path, header, value, variables);
      if (filled !== undefined) headers[header.toLowerCase()] = filled;
    }
  }
  const perMinute = override?.per_minute ?? site.per_minute ?? 'none';
  return {
    name,
    url: url ?? '',
    headers,
    concurrency: override?.concurrency ?? site.concurrency ?? SITE_CONCURRENCY,
    perMinute: perMinute === 'none' ? undefined : perMinute,
    perDay:
      override?.per_day === undefined
        ? readDayBudget(scope, [...base, 'per_day'], site.per_day)
        : readDayBudget(scope, [...overridden, 'per_day'], override.per_day),
    proxy: readProxy(scope, [...(override?.proxy === undefined ? base : overridden), 'proxy'], {
      text: override?.proxy ?? site.proxy,
      variables,
    }),
  };
}

function readProxy(
  scope: Scope,
  path: Path,
  {text, variables}: {readonly text: string | undefined; readonly variables: Variables},
): string | undefined {
  const url = text === undefined ? '' : (expand(scope, path, text, variables) ?? '');
  if (url === '' || isHttp(url)) return url === '' ? undefined : url;
  // What a variable holds is not printed.
  return report(
    scope,
    'bad-url',
    path,
    "The URL of the proxy is none: write it as 'http://proxy.example.com:3128'.",
  );
}

function readHeader(
  scope: Scope,
  path: Path,
  name: string,
  value: string,
  variables: Variables,
): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    return report(scope, 'bad-name', keyAt(scope, path), `'${name}' cannot be the name of a header.`);
  }
  const filled = expand(scope, path, value, variables);
  if (filled !== undefined && !/^[\t\x20-\x7e\x80-\xff]*$/.test(filled)) {
    return report(
      scope,
      'bad-value',
      keyAt(scope, path),
      `The value of header '${name}' has letters that no header may have.`,
    );
  }
  return filled;
}

function own<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
