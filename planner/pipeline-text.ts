/**
 * Writes a resolved pipeline as text and reads it back, so that an unchanged manifest need not be read again. What
 * comes from the environment is written as the manifest has it, `${NAME}`: no secret gets into the text.
 * It does not deal with where the text is kept, nor with whether it still holds (runner/pipeline-cache.ts).
 */
import type {SourceFile, Span} from './diagnostic.ts';
import {fillIn} from './manifest-env.ts';
import type {AcceptedGap, Asset, CalendarDeclaration, Pipeline, Site} from './pipeline.ts';

/** A place as it is written: which file, start, end. */
type Range = readonly [file: number, start: number, end: number];
type Unplaced = {at: Range | Span};
type UnplacedAsset = Unplaced & {
  start?: unknown;
  end?: unknown;
  makingAt?: Range | Span;
  readonly upstream: readonly Unplaced[];
  readonly checks: readonly Unplaced[];
  readonly cascade?: {readonly sources: readonly {readonly checks: readonly Unplaced[]}[]};
};

type Head = Omit<Pipeline, 'calendars' | 'sites' | 'pools' | 'assets' | 'knownGaps'> & {
  readonly sites: readonly Site[];
  readonly pools: readonly (readonly [string, number])[];
};

/** Stands for a text that is to be filled in again; no header can have this name. */
const FILLED = '{}';

/**
 * `files` are all that a place of the pipeline may lie in. `filled` holds the texts that variables were filled into, by
 * what became of them.
 */
export function writePipeline(
  {calendars, sites, pools, assets, knownGaps, ...rest}: Pipeline,
  files: readonly SourceFile[],
  filled: ReadonlyMap<string, string>,
): string {
  const hide = (value: unknown): unknown => {
    const template = typeof value === 'string' ? filled.get(value) : undefined;
    return template === undefined ? value : {[FILLED]: template};
  };
  const range = ({file, start, end}: Span): Range => [files.indexOf(file), start, end];
  const pack = <T extends {readonly at: Span}>(placed: T) => ({...placed, at: range(placed.at)});
  const body = {
    calendars: [...calendars.values()].map(pack),
    assets: [...assets.values()].map(asset => ({
      ...pack(asset),
      start: hide(asset.start),
      end: hide(asset.end),
      upstream: asset.upstream.map(pack),
      checks: asset.checks.map(pack),
      cascade: asset.cascade && {
        ...asset.cascade,
        sources: asset.cascade.sources.map(source => ({...source, checks: source.checks.map(pack)})),
      },
      makingAt: asset.makingAt && range(asset.makingAt),
    })),
    knownGaps: knownGaps.map(pack),
  };
  const head: Head = {...rest, sites: [...sites.values()], pools: [...pools]};
  return `${JSON.stringify(head, (_, value) => hide(value))}\n${JSON.stringify(body)}`;
}

/** Reads what `writePipeline` wrote, with the same files and variables. */
export function readPipeline(
  text: string,
  files: readonly SourceFile[],
  values: Readonly<Record<string, string | undefined>>,
): Pipeline {
  const template = (value: object): unknown => (value as {readonly [FILLED]?: unknown})[FILLED];
  const show = (value: unknown): unknown => {
    const hidden = typeof value === 'object' && value !== null ? template(value) : undefined;
    return typeof hidden === 'string' ? fillIn(hidden, values) : value;
  };
  const end = text.indexOf('\n');
  // `writePipeline` is the one writer of this form, here and below.
  const {sites, pools, ...rest} = JSON.parse(text.slice(0, end), (_, value) => show(value)) as Head;
  const body = JSON.parse(text.slice(end + 1)) as {
    readonly calendars: readonly Unplaced[];
    readonly assets: readonly UnplacedAsset[];
    readonly knownGaps: readonly Unplaced[];
  };
  const span = (range: Range | Span): Span => {
    const [index, from, to] = range as Range;
    const file = files[index];
    if (file === undefined) throw new Error('Internal error: a place of the pipeline lies in no file.');
    return {file, start: from, end: to};
  };
  const place = (each: Unplaced) => {
    each.at = span(each.at);
  };
  body.calendars.forEach(place);
  body.knownGaps.forEach(place);
  for (const asset of body.assets) {
    place(asset);
    asset.upstream.forEach(place);
    asset.checks.forEach(place);
    for (const {checks} of asset.cascade?.sources ?? []) checks.forEach(place);
    if (asset.makingAt !== undefined) asset.makingAt = span(asset.makingAt);
    asset.start = show(asset.start);
    asset.end = show(asset.end);
  }
  return {
    ...rest,
    calendars: byName(body.calendars as unknown as readonly CalendarDeclaration[]),
    sites: byName(sites),
    pools: new Map(pools),
    assets: byName(body.assets as unknown as readonly Asset[]),
    knownGaps: body.knownGaps as unknown as readonly AcceptedGap[],
  };
}

function byName<Named extends {readonly name: string}>(
  all: readonly Named[],
): ReadonlyMap<Named['name'], Named> {
  return new Map(all.map(each => [each.name, each]));
}
