/**
 * What a change of the project does, as text, as a table for a pull request, and as JSON.
 * It does not find it out (planner/against.ts).
 */
import type {Against, AssetDifference} from '../planner/against.ts';
import {counted, number} from '../planner/amount.ts';
import {sentence} from '../planner/sentence.ts';
import {STATES, type State} from '../planner/state.ts';
import {unreachable} from '../planner/unreachable.ts';
import {printHead} from '../report/head.ts';
import {reasonJson} from '../report/plan-json.ts';
import {fitRanges, type KeyOrder, mergeRanges} from '../report/ranges.ts';
import {padEnd, wrap} from '../report/text.ts';
import type {Commit} from './git-tree.ts';
import type {Paint} from './paint.ts';

export interface AgainstView {
  readonly against: Against;
  readonly commit: Commit;
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
  readonly paint: Paint;
}

/** Letters of a commit's name that are shown. */
const SHORT = 12;

/** Ranges of one cell of the table take no more than this. */
const CELL = 60;

/** Ends with a line break. */
export function printAgainst(view: AgainstView): string {
  const {against, commit, width, paint} = view;
  const {assets, plan} = against;
  const nameWidth = Math.min(44, Math.max(0, ...assets.map(({asset}) => asset.length)));
  const blocks = assets.map(difference => {
    const head = `  ${padEnd(paint.name(difference.asset), nameWidth)}  ${changeText(difference) || 'as it was'}`;
    const lines = effectsOf(difference).map(
      ({text, keys}) => `${text}  ${rangesOf(difference.asset, keys, view, width - text.length - 8)}`,
    );
    return [...hanging(head, width), ...lines.map(line => `      ${line}`)].join('\n');
  });
  const sections = [
    printHead(`Change since ${commit.ref} (${commit.hash.slice(0, SHORT)}) for`, plan, width),
    ...(blocks.length === 0 ? [] : [blocks.join('\n')]),
    [...wrap(basisText(against), width), ...wrap(summaryText(assets), width)].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

function hanging(text: string, width: number): readonly string[] {
  // The name is padded with spaces, which must stay.
  if (text.length <= width) return [text];
  return wrap(text.trimStart(), width - 6).map((line, index) => `${index === 0 ? '  ' : '      '}${line}`);
}

/** As a comment of a pull request. Ends with a line break. */
export function againstMarkdown({against, commit, keyOrder}: Omit<AgainstView, 'width' | 'paint'>): string {
  const {assets} = against;
  const cell = (text: string): string => text.replaceAll('|', '\\|') || ' ';
  const effects = (difference: AssetDifference, isMeant: (effect: Effect) => boolean): string =>
    effectsOf(difference)
      .filter(isMeant)
      .map(({text, keys}) => `${text}: ${rangesOf(difference.asset, keys, {keyOrder}, CELL)}`)
      .join('<br>');
  const rows = assets.map(difference =>
    [
      `\`${difference.asset}\``,
      changeText(difference),
      effects(difference, ({kind}) => kind === 'becomes'),
      effects(difference, ({kind}) => kind !== 'becomes'),
    ]
      .map(cell)
      .join(' | '),
  );
  const table = ['| asset | change | partitions become | a plan then makes |', '|---|---|---|---|'];
  return [
    `### gameplan: what this changes since \`${commit.ref}\``,
    '',
    ...(rows.length === 0 ? [] : [...table, ...rows.map(row => `| ${row} |`), '']),
    `**${summaryText(assets)}**`,
    '',
    `${basisText(against)} Target \`${against.plan.target}\`, commit \`${commit.hash.slice(0, SHORT)}\`, ${against.plan.now}.`,
    '',
  ].join('\n');
}

/** The same as data; additive changes only. */
export function againstJson({against, commit}: Pick<AgainstView, 'against' | 'commit'>): object {
  const {basis, unsettles, plan, assets} = against;
  return {
    version: 1,
    against: commit,
    pipeline: plan.pipeline,
    target: plan.target,
    now: plan.now,
    ledger: plan.ledger,
    basis,
    unsettles,
    becomes: Object.fromEntries(STATES.map(state => [state, becoming(assets, state)])),
    run: total(assets, ({run}) => run.length),
    'run-if': total(assets, ({runIf}) => runIf.length),
    assets: assets.map(({asset, change, parts, edges, becomes, run, runIf}) => ({
      asset,
      change: change ?? null,
      parts: parts.map(reasonJson),
      edges,
      becomes: Object.fromEntries(becomes.map(({state, keys}) => [state, keys])),
      run,
      'run-if': runIf,
    })),
  };
}

/** Empty where only what it reads was changed. */
function changeText({change, parts, edges}: AssetDifference): string {
  switch (change) {
    case undefined:
      return '';
    case 'added':
    case 'removed':
      return change;
    case 'redefined':
      return parts
        .map(part => {
          const isUpstream = part.kind === 'definition-changed' && part.part === 'upstream';
          return isUpstream ? `its edges changed: ${edgeText(edges)}` : sentence(part);
        })
        .join('; ');
    default:
      return unreachable(change);
  }
}

function edgeText({added, dropped, changed}: AssetDifference['edges']): string {
  const part = (names: readonly string[], verb: string) =>
    names.length === 0 ? [] : [`${verb} ${names.join(', ')}`];
  return [...part(added, 'added'), ...part(dropped, 'dropped'), ...part(changed, 'changed')].join('; ');
}

interface Effect {
  readonly kind: 'becomes' | 'run' | 'run-if';
  readonly text: string;
  readonly keys: readonly string[];
}

function effectsOf({change, becomes, run, runIf}: AssetDifference): readonly Effect[] {
  const ordered = STATES.flatMap(state => becomes.filter(each => each.state === state));
  return [
    ...ordered.map(({state, keys}) => ({
      kind: 'becomes' as const,
      text:
        change === 'removed'
          ? `${number(keys.length)} published, declared no more`
          : `${number(keys.length)} ${state}`,
      keys,
    })),
    ...(run.length === 0 ? [] : [{kind: 'run' as const, text: `${number(run.length)} to make`, keys: run}]),
    ...(runIf.length === 0
      ? []
      : [{kind: 'run-if' as const, text: `${number(runIf.length)} if changed`, keys: runIf}]),
  ];
}

function rangesOf(
  asset: string,
  keys: readonly string[],
  {keyOrder}: Pick<AgainstView, 'keyOrder'>,
  width: number,
): string {
  return fitRanges(mergeRanges(keys, keyOrder(asset)), Math.max(24, width));
}

function basisText({basis, plan, unsettles}: Against): string {
  const held =
    basis === 'ledger'
      ? `Held against the ledger (entry ${number(plan.ledger)}); what was stale or missing before is not counted.`
      : 'Nothing has been made yet: held against all that is due by the calendar as far as it is known.';
  return unsettles ? `${held} The calendar is made again by this change: dates may come and go.` : held;
}

function summaryText(assets: readonly AssetDifference[]): string {
  if (assets.length === 0) return 'Nothing becomes stale or missing by this change.';
  const of = (wanted: AssetDifference['change']) => assets.filter(({change}) => change === wanted).length;
  const states: readonly State[] = ['stale', 'missing', 'partial', 'exempt', 'orphan'];
  const parts = states.map(state => `${number(becoming(assets, state))} ${state}`);
  return `Change: ${counted(of('added'), 'asset')} added, ${of('removed')} removed, ${of('redefined')} redefined · partitions become ${parts.join(', ')} · ${number(total(assets, ({run}) => run.length))} more to make, up to ${number(total(assets, ({runIf}) => runIf.length))} more if inputs change`;
}

function becoming(assets: readonly AssetDifference[], state: State): number {
  return total(assets, ({becomes}) => becomes.find(each => each.state === state)?.keys.length ?? 0);
}

function total(assets: readonly AssetDifference[], amount: (each: AssetDifference) => number): number {
  return assets.reduce((sum, each) => sum + amount(each), 0);
}
