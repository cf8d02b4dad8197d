/**
 * What was taken over, as people and programs read it: per asset what lies there, what does not, and what was refused.
 * It does not deal with how that is found out (runner/adopt.ts).
 */

import {counted, number} from '../planner/amount.ts';
import {type Head, printHead} from '../report/head.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {indented, visible, wrap} from '../report/text.ts';
import type {AdoptedAsset} from '../runner/adopt.ts';
import type {Paint} from './paint.ts';

export interface AdoptView {
  readonly head: Head;
  readonly adopted: readonly AdoptedAsset[];
  /** Undefined: nothing was written. */
  readonly run: string | undefined;
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
  readonly paint: Paint;
}

/** Ends with a line break. */
export function printAdopted(view: AdoptView): string {
  const {head, adopted, width, run} = view;
  const title = printHead(run === undefined ? 'What could be taken over for' : 'Taken over for', head, width);
  const sections = adopted.map(asset => sectionOf(asset, view));
  return `${[title, ...sections, wrap(summary(view), width).join('\n')].join('\n\n')}\n`;
}

function sectionOf(adopted: AdoptedAsset, view: AdoptView): string {
  const {asset, found, absent, refused, known, problem} = adopted;
  const {paint, width} = view;
  const verb = view.run === undefined ? 'to take over' : 'taken over';
  const facts = [
    ...(found.length > 0 ? [paint.good(`${number(found.length)} ${verb}`)] : []),
    ...(known > 0 ? [paint.quiet(`${number(known)} published already`)] : []),
    ...(refused.length > 0 ? [paint.bad(`${number(refused.length)} refused`)] : []),
    ...(absent.length > 0 ? [paint.warn(`${number(absent.length)} not there`)] : []),
    ...(problem === undefined ? [] : [paint.bad('nothing taken over')]),
  ];
  const anyway = found.flatMap(({key, despite}) => (despite === undefined ? [] : [{key, because: despite}]));
  return [
    `  ${paint.name(asset)}  ${facts.length === 0 ? paint.quiet('no partition is meant') : facts.join(', ')}`,
    ...keyLines(
      '',
      found.map(({key}) => key),
      asset,
      view,
    ),
    ...keyLines('not there: ', absent, asset, view),
    ...becauseLines('refused', refused, asset, view),
    ...becauseLines('taken over all the same', anyway, asset, view),
    ...(problem === undefined ? [] : indented(visible(`${problem}.`), '    ', width)),
  ].join('\n');
}

function keyLines(
  label: string,
  keys: readonly string[],
  asset: string,
  {keyOrder, width}: AdoptView,
): readonly string[] {
  if (keys.length === 0) return [];
  return [`    ${label}${fitRanges(mergeRanges(keys, keyOrder(asset)), width - 4 - label.length)}`];
}

/** Partitions with the same cause are told together. */
function becauseLines(
  label: string,
  all: readonly {readonly key: string; readonly because: string}[],
  asset: string,
  view: AdoptView,
): readonly string[] {
  const groups = Map.groupBy(all, ({because}) => because.replaceAll(/\d+/g, '#'));
  return [...groups.values()].flatMap(group => [
    ...keyLines(
      `${label}: `,
      group.map(({key}) => key),
      asset,
      view,
    ),
    ...indented(visible(group[0]?.because ?? ''), '      ', view.width),
  ]);
}

function summary({adopted, run}: AdoptView): string {
  const sum = (count: (asset: AdoptedAsset) => number): number =>
    adopted.reduce((total, asset) => total + count(asset), 0);
  const found = sum(asset => asset.found.length);
  const rest = [
    [sum(({known}) => known), 'published already'],
    [sum(({refused}) => refused.length), 'refused'],
    [sum(({absent}) => absent.length), 'not there'],
  ] as const;
  const parts = rest.filter(([count]) => count > 0).map(([count, what]) => `, ${number(count)} ${what}`);
  const told = `${counted(found, 'partition')} of ${counted(adopted.filter(asset => asset.found.length > 0).length, 'asset')}`;
  if (run === undefined) return `Would take over ${told}${parts.join('')}. Nothing was changed.`;
  return `Took over ${told}${parts.join('')} (run ${run}). 'gameplan plan' shows what is left to be made.`;
}

/** Version 1; additive changes only. `run` is null where nothing was written. */
export function adoptedJson({adopted, run}: Pick<AdoptView, 'adopted' | 'run'>): object {
  return {
    version: 1,
    run: run ?? null,
    assets: adopted.map(({asset, found, absent, refused, known, problem}) => ({
      asset,
      adopted: found.map(({key}) => key),
      anyway: found.flatMap(({key, despite}) => (despite === undefined ? [] : [{key, because: despite}])),
      absent,
      refused,
      known,
      problem: problem ?? null,
    })),
  };
}
