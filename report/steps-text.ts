/**
 * What has to happen until a partition is up to date, as numbered lines and as JSON.
 * It does not find it out (planner/remedy.ts).
 */
import type {Step} from '../planner/remedy.ts';
import {sentence} from '../planner/sentence.ts';
import {unreachable} from '../planner/unreachable.ts';
import {fitRanges, type KeyOrder, mergeRanges} from './ranges.ts';
import {visible, wrap} from './text.ts';

interface StepView {
  readonly keyOrder: (asset: string) => KeyOrder;
  readonly width: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One section, or none where nothing is to happen. */
export function stepSections(steps: readonly Step[], view: StepView): readonly string[] {
  if (steps.length === 0) return [];
  const lines = steps.flatMap((step, index) => {
    const number = steps.length === 1 ? '  ' : `  ${index + 1}. `;
    const hanging = ' '.repeat(number.length + 2);
    return wrap(stepText(step, view), view.width - hanging.length).map(
      (line, i) => `${i === 0 ? number : hanging}${line}`,
    );
  });
  return [['What has to happen', ...lines].join('\n')];
}

/** One sentence without its number; nothing is cut off that fits. */
export function stepText(step: Step, {keyOrder, width, now}: StepView): string {
  const {asset, keys} = step;
  const [only] = keys;
  const ranges = fitRanges(mergeRanges(keys, keyOrder(asset)), Math.max(24, width - asset.length - 50));
  const what = keys.length === 1 ? `${asset}@${only}` : `${asset} ${ranges}`;
  return visible(happening(step, what, now));
}

function happening({keys, verb, by, canBeSignedOff}: Step, what: string, now: number): string {
  const is = keys.length === 1 ? 'is' : 'are';
  switch (by.kind) {
    case 'next-run':
      return `${what} ${is} ${verb} by the next run${by.onlyIf ? `, if ${condition(by)}` : ''}`;
    case 'steps-before':
      return `then ${what} ${is} ${verb}`;
    case 'due':
      return `${what} ${is} ${verb} once due: ${sentence(by.because, now)}`;
    case 'skip':
      if (by.because.kind === 'protected') return `${what} must be ${verb} with --allow-protected`;
      return `${what} must be ${verb}${canBeSignedOff ? ', or signed off as a known gap' : ''}; ${sentence(by.because, now)}`;
    case 'force':
      return `${what} ${is} ${verb} with --force, and not by itself`;
    case 'more-input':
    case 'clock': {
      const again = by.kind === 'clock' ? 'again on the clock' : 'again when what it reads changes';
      return `${what} must hold more games${canBeSignedOff ? ', or have the absent ones signed off' : ''}: ${verb} ${again}`;
    }
    case 'prune':
      return `${what} ${is} ${verb} with --prune`;
    default:
      return unreachable(by);
  }
}

function condition({isOnDemand}: Step['by'] & {kind: 'next-run'}): string {
  return isOnDemand ? 'better sources fail' : 'what it reads changes';
}

export function stepJson({asset, keys, verb, by, canBeSignedOff}: Step): object {
  return {asset, keys, verb, by, canBeSignedOff};
}
