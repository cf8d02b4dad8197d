/**
 * What would be published of a partition now against what is, as text and as JSON.
 * It does not compare (runner/diff.ts).
 */

import {counted, durationText, number} from '../planner/amount.ts';
import {type Reason, splitRef} from '../planner/reason.ts';
import {sentence} from '../planner/sentence.ts';
import type {State} from '../planner/state.ts';
import {unreachable} from '../planner/unreachable.ts';
import {reasonJson} from '../report/plan-json.ts';
import {cut, indented, visible, wrap} from '../report/text.ts';
import type {Difference, ObjectDifference} from '../runner/diff.ts';
import type {RowComparison, RowExample, Value} from '../runner/warehouse.ts';
import type {Paint} from './paint.ts';

export interface DiffView {
  /** `asset@key`. */
  readonly ref: string;
  readonly state: State;
  readonly reasons: readonly Reason[];
  /** Milliseconds since 1970; undefined where nothing is published. */
  readonly publishedAt: number | undefined;
  readonly difference: Difference;
  readonly width: number;
  readonly paint: Paint;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Letters of one value that are shown. */
const VALUE = 40;

/** Ends with a line break. */
export function printDiff(view: DiffView): string {
  const {ref, state, reasons, publishedAt, difference, paint, width, now} = view;
  const made =
    publishedAt === undefined
      ? 'not published'
      : `published ${durationText(Math.max(0, now - publishedAt))} ago`;
  const why = reasons.map(reason => `because ${visible(sentence(reason, now))}`);
  const head = [`${paint.name(ref)}  ${state}, ${made}`, ...why.flatMap(text => indented(text, '  ', width))];
  return `${[head.join('\n'), ...bodyOf(difference, view)].join('\n\n')}\n`;
}

function bodyOf(difference: Difference, view: DiffView): readonly string[] {
  switch (difference.kind) {
    case 'rows':
      return rowSections(difference, view);
    case 'objects':
      return [difference.objects.flatMap(object => objectLines(object, view)).join('\n')];
    case 'unknown':
      return [wrap(difference.why, view.width).join('\n')];
    default:
      return unreachable(difference);
  }
}

function rowSections(
  {rows, refused}: Extract<Difference, {kind: 'rows'}>,
  view: DiffView,
): readonly string[] {
  const {paint, width} = view;
  const counts = [
    paint.good(`${number(rows.added)} added`),
    paint.bad(`${number(rows.removed)} removed`),
    paint.warn(`${number(rows.changed)} changed`),
    `${number(rows.same)} the same`,
  ];
  const columns = Object.entries(rows.columns).map(([name, count]) => `${name} in ${number(count)}`);
  const summary = [
    `Rows: ${counts.join(', ')}`,
    ...(columns.length === 0 ? [] : indented(`changed columns: ${columns.join(', ')}`, '  ', width)),
    ...columnLines(rows, width),
    ...(refused === undefined
      ? []
      : indented(`These rows would not be published: ${visible(refused)}`, '', width)),
  ];
  const lines = rows.examples.flatMap(example => exampleLines(example, view));
  const left = rows.added + rows.removed + rows.changed - rows.examples.length;
  const more = left > 0 ? [`  and ${number(left)} more; --limit shows more`] : [];
  return [summary.join('\n'), ...(lines.length === 0 ? [] : [[...lines, ...more].join('\n')])];
}

function columnLines({newColumns, oldColumns}: RowComparison, width: number): readonly string[] {
  return [
    ...(newColumns.length === 0
      ? []
      : indented(
          `not compared, because the published table lacks them: ${newColumns.join(', ')}`,
          '  ',
          width,
        )),
    ...(oldColumns.length === 0
      ? []
      : indented(`not compared, because they are declared no more: ${oldColumns.join(', ')}`, '  ', width)),
  ];
}

function exampleLines({kind, key, columns}: RowExample, {paint, width}: DiffView): readonly string[] {
  const values = columns.map(({name, was, is}) => {
    if (kind === 'changed') return `${name} ${valueText(was)} -> ${valueText(is)}`;
    return `${name} ${valueText(kind === 'added' ? is : was)}`;
  });
  const names = Object.entries(key).map(([name, value]) => `${name} ${valueText(value)}`);
  const color = {added: paint.good, removed: paint.bad, changed: paint.warn}[kind];
  const [first = '', ...rest] = indented(
    `${kind.padEnd(7)}  ${names.join(', ')}: ${values.join(', ')}`,
    '  ',
    width,
  );
  return [first.replace(kind, color(kind)), ...rest];
}

function valueText(value: Value): string {
  return value === null ? 'null' : cut(visible(String(value)), VALUE);
}

function objectLines(
  {name, was, is, isSame, line}: ObjectDifference,
  {paint, width}: DiffView,
): readonly string[] {
  if (isSame) return indented(`${name}: the same ${counted(was ?? 0, 'byte')}`, '', width);
  if (was === undefined)
    return indented(`${name}: ${paint.good('added')}, ${counted(is ?? 0, 'byte')}`, '', width);
  if (is === undefined)
    return indented(`${name}: ${paint.bad('removed')}, ${counted(was, 'byte')}`, '', width);
  return [
    ...indented(`${name}: ${paint.warn('changed')}, ${number(was)} -> ${number(is)} bytes`, '', width),
    ...(line === undefined
      ? []
      : [
          `  line ${number(line.number)}`,
          `  - ${cut(visible(line.was), width - 4)}`,
          `  + ${cut(visible(line.is), width - 4)}`,
        ]),
  ];
}

/** The same as data; additive changes only. */
export function diffJson({
  ref,
  state,
  reasons,
  publishedAt,
  difference,
}: Omit<DiffView, 'width' | 'paint' | 'now'>): object {
  return {
    version: 1,
    ...splitRef(ref),
    state,
    reasons: reasons.map(reasonJson),
    publishedAt: publishedAt ?? null,
    ...detailsOf(difference),
  };
}

function detailsOf(difference: Difference): object {
  switch (difference.kind) {
    case 'rows':
      return {...difference, refused: difference.refused ?? null};
    case 'objects':
      return {
        kind: difference.kind,
        objects: difference.objects.map(({name, was, is, isSame, line}) => ({
          name,
          was: was ?? null,
          is: is ?? null,
          same: isSame,
          line: line ?? null,
        })),
      };
    case 'unknown':
      return difference;
    default:
      return unreachable(difference);
  }
}
