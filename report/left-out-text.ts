/**
 * What a plan leaves out, as a sentence with what to ask for instead.
 * It does not deal with what that is (planner/left-out.ts).
 */

import {counted, number} from '../planner/amount.ts';
import type {LeftOut, Restriction} from '../planner/left-out.ts';
import {unreachable} from '../planner/unreachable.ts';

/** More names than this would hide the sentence. */
const MOST_NAMES = 4;

export function leftOutSentence({state, count, first, readers, because}: LeftOut): string {
  const what = counted(count, `${state} partition`);
  const role =
    state === 'stale' ? 'upstream of what is asked for' : `that ${count === 1 ? 'is' : 'are'} waited for`;
  const which = count === 1 ? first : `${first} and ${number(count - 1)} more`;
  const mend = because.map(restriction => mendOf(restriction, readers)).join(' and ');
  return `Left out: ${what} ${role} (${which}); ${mend} to make ${count === 1 ? 'it' : 'them'} too.`;
}

function mendOf(restriction: Restriction, readers: LeftOut['readers']): string {
  switch (restriction) {
    case 'selection':
      return readers.length > MOST_NAMES
        ? "put '+' before what is selected"
        : `select ${readers.map(reader => `+${reader}`).join(' ')}`;
    case 'range':
      return 'ask for more dates';
    case 'only':
      return 'leave out --failed';
    default:
      return unreachable(restriction);
  }
}
