/**
 * Names of jobs that we choose ourselves, and the labels they carry, in the letters that BigQuery allows.
 * It does not deal with which job is run.
 */
import {createHash} from 'node:crypto';

/** Attempts of a stem are `STEM_1`, `STEM_2`; ids may have 1,024 characters. */
const LONGEST_STEM = 1000;

export interface JobName {
  readonly asset: string;
  /** What it makes: a partition's key, or what stands for a batch. */
  readonly key: string;
  readonly step: string;
  readonly intent: string;
}

/** The id of a job without its attempt: never the same for two names. */
export function jobStem({asset, key, step, intent}: JobName): string {
  const parts = [asset, key, step, intent].map(escaped);
  const stem = `gp--${parts.join('--')}`;
  if (stem.length <= LONGEST_STEM) return stem;
  // `gph` is the beginning of none that is written out.
  return `gph--${stem.slice(4, 900)}--${createHash('sha256').update(stem).digest('hex')}`;
}

export function jobId(stem: string, attempt: number): string {
  return `${stem}_${attempt}`;
}

/** Letters, digits and `_` as they are; each other byte as `-` and two hex digits, so that `--` ends a part. */
function escaped(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), byte => {
    const letter = String.fromCharCode(byte);
    return /\w/.test(letter) ? letter : `-${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

/**
 * A label's value: lower-case letters, digits, `_` and `-`, 63 at most. A dot is written `--`; a text that would lose
 * something ends in 8 digits of its hash.
 */
export function labelValue(text: string): string {
  const plain = text.replaceAll('.', '--');
  if (/^[a-z0-9_-]{0,63}$/.test(plain) && !text.includes('--')) return plain;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${plain
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '_')
    .slice(0, 54)}-${hash}`;
}
