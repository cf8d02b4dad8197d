/**
 * Differences between ledger and receipts, and between receipts and data, as people and programs read them.
 * It does not deal with how they are found (runner/verify-ledger.ts, runner/verify-data.ts).
 */

import {counted, number} from '../planner/amount.ts';
import {type Frame, frameOf} from '../planner/frame.ts';
import type {AssetName} from '../planner/pipeline.ts';
import {keptFrom} from '../planner/protection.ts';
import {unreachable} from '../planner/unreachable.ts';
import {type Head, printHead} from '../report/head.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {clockTime, indented, visible, wrap} from '../report/text.ts';
import type {DataDifference, DataFault} from '../runner/data-fault.ts';
import type {VerifiedData} from '../runner/verify-data.ts';
import type {Difference, PublishedAs, Verified} from '../runner/verify-ledger.ts';
import type {Paint} from './paint.ts';

interface View {
  readonly head: Head;
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly timezone: string | undefined;
  readonly width: number;
  readonly paint: Paint;
}

/** What agrees is counted, not listed. Ends with a line break. */
export function printVerifiedLedger(view: View & Verified): string {
  const {head, width, differences, open, agree} = view;
  const title = printHead('Ledger and receipts of', head, width);
  const sections = [...Map.groupBy(differences, ({asset}) => asset)].map(([asset, own]) => {
    const groups = Map.groupBy(own, difference => JSON.stringify([difference.parts, kindOf(difference)]));
    const lines = [...groups.values()].flatMap(group => ledgerLines(asset, group, view));
    return [assetLine(asset, own.length, view), ...lines].join('\n');
  });
  const mend =
    differences.length === 0
      ? []
      : [
          hanging(
            "Mend: 'gameplan ledger rebuild' writes the ledger anew from the receipts, which are the truth; what no receipt has published is missing then, and 'gameplan materialize' makes it.",
            width,
          ),
        ];
  const atWork =
    open.length === 0
      ? []
      : [
          hanging(
            `${counted(open.length, 'partition')} of a run that is at work or was killed: not compared; the next run settles what it left.`,
            width,
          ),
        ];
  const end = `${counted(agree, 'partition')} ${agree === 1 ? 'agrees' : 'agree'}; ${summary(differences.length)}.`;
  return `${[title, ...sections, ...mend, ...atWork, end].join('\n\n')}\n`;
}

function summary(count: number): string {
  return count === 1 ? '1 differs' : `${number(count)} differ`;
}

function assetLine(asset: string, count: number, {paint}: View): string {
  return `  ${paint.name(asset)}  ${paint.bad(summary(count))}`;
}

function hanging(text: string, width: number): string {
  return wrap(text, width).join('\n');
}

/** Published receipts are all alike. */
function kindOf({last, receipt}: Difference): string {
  return receipt === undefined ? (last?.kind ?? 'none') : 'published';
}

function ledgerLines(asset: string, group: readonly Difference[], view: View): readonly string[] {
  const {keyOrder, width, timezone} = view;
  const [first] = group;
  if (first === undefined) return [];
  const ranges = fitRanges(
    mergeRanges(
      group.map(({key}) => key),
      keyOrder(asset),
    ),
    width - 4,
  );
  return [`    ${ranges}`, ...indented(ledgerSentence(first, timezone), '      ', width)];
}

function ledgerSentence(
  {key, parts, ledger, receipt, last}: Difference,
  timezone: string | undefined,
): string {
  const by = last === undefined ? '' : ` of run ${visible(last.run)}, ${clockTime(last.at, timezone)}`;
  if (ledger === undefined)
    return `the ledger does not have it published, and the receipt${by} says that it is`;
  if (last === undefined) return 'the ledger has it published, and there is no receipt of it';
  if (receipt === undefined)
    return `the ledger has it published, and the last receipt${by} says ${last.kind}`;
  const told = parts.flatMap(part =>
    part === 'published' ? [] : [`${part} ${short(ledger, part)} and ${short(receipt, part)}`],
  );
  return `${key}: ledger and receipt${by} say ${told.join(', ')}`;
}

function short(published: PublishedAs, part: keyof PublishedAs): string {
  const value = published[part];
  if (typeof value === 'string') return visible(value.slice(0, 16));
  return value < 0 ? 'none' : number(value);
}

/** The same of receipts and data. Ends with a line break. */
export function printVerifiedData(view: View & VerifiedData & {readonly frame: Frame}): string {
  const {head, width, differences, damaged, agree} = view;
  const title = printHead('Receipts and data of', head, width);
  const sections = [...Map.groupBy(differences, ({asset}) => asset)].map(([asset, own]) => {
    const groups = Map.groupBy(own, ({fault}) => groupOf(fault));
    const lines = [...groups.values()].flatMap(group => dataLines(asset, group, view));
    return [assetLine(asset, own.length, view), ...lines].join('\n');
  });
  const unread = damaged.map(({path, message}) =>
    hanging(`'${visible(path)}' counts as not published. ${visible(message)}`, width),
  );
  const end = `${counted(agree, 'partition')} ${agree === 1 ? 'agrees' : 'agree'}; ${summary(differences.length + damaged.length)}.`;
  return `${[title, ...sections, ...unread, end].join('\n\n')}\n`;
}

/** Partitions that are told together: rows that are gone, come or only others are different things. */
function groupOf(fault: DataFault): string {
  if (fault.kind !== 'rows-changed') return fault.kind;
  return `${fault.kind} ${Math.sign(fault.held - fault.receipt)}`;
}

function dataLines(
  asset: string,
  group: readonly DataDifference[],
  view: View & {readonly frame: Frame},
): readonly string[] {
  const {keyOrder, width} = view;
  const [first] = group;
  if (first === undefined) return [];
  const keys = group.map(({key}) => key);
  return [
    `    ${fitRanges(mergeRanges(keys, keyOrder(asset)), width - 4)}`,
    ...indented(faultSentence(first), '      ', width),
    ...indented(`mend: ${mendOf(view.frame, first, keys)}`, '      ', width),
  ];
}

function faultSentence({key, fault}: DataDifference): string {
  switch (fault.kind) {
    case 'rows-changed': {
      const {receipt, held} = fault;
      const more = held - receipt;
      if (more === 0) return `${key}: ${counted(held, 'row')}, and not with the values that were published`;
      const what = more > 0 ? `${number(more)} more` : `${number(-more)} fewer`;
      return `${key}: ${counted(held, 'row')} in the table, ${what} than were published`;
    }
    case 'rows-undeclared':
      return `${key}: ${counted(fault.held, 'row')} in the table, and no receipt says that it was published; nobody reads them`;
    case 'table-gone':
      return 'its table is not in the warehouse';
    case 'columns-gone':
      return `the table has no column ${fault.columns.map(name => `'${visible(name)}'`).join(', ')} any more`;
    case 'not-judged':
      return 'how its columns were declared was not kept, so that its rows cannot be judged';
    case 'source-changed':
      return `${key}: what others make is not what was observed; what reads it is built on what was`;
    case 'source-gone':
      return `${key}: what others made is there no more`;
    case 'object-gone':
      return `${key}: '${visible(fault.object)}' is not in the store`;
    case 'object-changed':
      return `${key}: '${visible(fault.object)}' does not hold the bytes that were stored`;
    default:
      return unreachable(fault);
  }
}

/** Up to so many keys are written out. */
const WRITTEN_OUT = 6;

function mendOf(frame: Frame, {asset, fault}: DataDifference, keys: readonly string[]): string {
  if (fault.kind === 'table-gone')
    return "'gameplan ledger rebuild' counts it as not published, then 'gameplan materialize' makes it again";
  const declared = frame.assets.get(asset as AssetName); // a name that may be declared no more
  if (declared === undefined)
    return 'nothing declares the asset any more; delete its rows or objects by hand';
  const own = keys.filter(key => declared.ordinalOf.has(key));
  if (own.length === 0 && fault.kind === 'rows-undeclared')
    return 'nothing declares the key; delete the rows by the program that wrote them';
  if (own.length === 0) return `'gameplan materialize ${asset} --prune' drops what nothing declares any more`;
  if (fault.kind === 'rows-undeclared')
    return `'gameplan adopt ${asset}@${keyList(own)} --reason TEXT' takes them over as they are; '${remake(frame, asset, own)}' makes them anew`;
  return `'${remake(frame, asset, own)}'`;
}

/** As a RANGE. */
function keyList(keys: readonly string[]): string {
  const sorted = keys.toSorted();
  return sorted.length <= WRITTEN_OUT ? sorted.join(',') : `${sorted[0]}..${sorted.at(-1)}`;
}

function remake(frame: Frame, asset: string, own: readonly string[]): string {
  const found = frameOf(frame, asset as AssetName); // found above
  // A receipt is there, whatever the ledger knows.
  const isKept = own.some(key => {
    const ordinal = found.ordinalOf.get(key);
    return ordinal !== undefined && (keptFrom(found, ordinal) ?? Number.POSITIVE_INFINITY) <= frame.now;
  });
  const flags = isKept ? ' --force --allow-protected' : ' --force';
  return `gameplan materialize ${asset}${flags}${rangeText(own)}`;
}

function rangeText(keys: readonly string[]): string {
  const sorted = keys.toSorted();
  const [first = ''] = sorted;
  if (first === 'all') return '';
  if (sorted.length <= WRITTEN_OUT) return ` --dates ${sorted.join(',')}`;
  return /^\d{4}-\d{2}$/.test(first)
    ? sorted.map(key => ` --season ${key}`).join('')
    : ` --from ${first} --to ${sorted.at(-1)}`;
}

/** Version 1; additive changes only. */
export function ledgerJson({agree, differences, open}: Verified): object {
  return {version: 1, agree, differences, open};
}

/** Version 1; additive changes only. */
export function dataJson({agree, differences, damaged}: VerifiedData): object {
  return {
    version: 1,
    agree,
    differences: differences.map(({asset, key, fault}) => ({asset, key, ...fault})),
    damaged,
  };
}
