/**
 * 64-bit numbers as two unsigned 32-bit halves: mixing, adding, prefix sums. Fast enough for tens of millions without
 * BigInt. It does not deal with what is hashed (fingerprint.ts, digest.ts).
 */
import {createHash} from 'node:crypto';
import type {Words} from './ledger.ts';

/** One 64-bit number. */
export interface Word {
  hi: number;
  lo: number;
}

export function words(length: number): Words {
  return {hi: new Uint32Array(length), lo: new Uint32Array(length)};
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** MurmurHash3's 32-bit finalizer (Appleby, 2011): every bit of the input moves every bit of the output. */
function avalanche(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Mixes a key and a version under a seed into `out`: two lanes in the manner of MurmurHash3 x86, crossed after every
 * word, so that both halves depend on all 192 bits.
 */
export function mix(seed: Word, keyHi: number, keyLo: number, hi: number, lo: number, out: Word): void {
  let a = seed.lo | 0;
  let b = seed.hi | 0;
  const absorb = (word: number): void => {
    a ^= Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
    a = Math.imul(rotate(a, 19) + b, 5) + 0x561ccd1b;
    b ^= Math.imul(rotate(Math.imul(word, 0x38b34ae5), 17), 0xa1e38b93);
    b = Math.imul(rotate(b, 17) + a, 5) + 0x0bcaa747;
  };
  absorb(keyHi);
  absorb(keyLo);
  absorb(hi);
  absorb(lo);
  a = (a + b) | 0;
  b = (b + a) | 0;
  a = avalanche(a);
  b = avalanche(b);
  a = (a + b) | 0;
  b = (b + a) | 0;
  out.hi = b >>> 0;
  out.lo = a >>> 0;
}

/** The first 64 bits of the text's SHA-256. */
export function wordOf(text: string): Word {
  const bytes = createHash('sha256').update(text).digest();
  return {hi: bytes.readUInt32BE(0), lo: bytes.readUInt32BE(4)};
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Adds modulo 2^64, into `total`. */
export function add(total: Word, hi: number, lo: number): void {
  const sum = total.lo + lo;
  total.lo = sum >>> 0;
  total.hi = (total.hi + hi + (sum > 0xffffffff ? 1 : 0)) >>> 0;
}

/** Subtracts modulo 2^64, from `total`. */
export function subtract(total: Word, hi: number, lo: number): void {
  const difference = total.lo - lo;
  total.lo = difference >>> 0;
  total.hi = (total.hi - hi - (difference < 0 ? 1 : 0)) >>> 0;
}

/** 16 hex digits. */
export function hexOf({hi, lo}: Word): string {
  return hi.toString(16).padStart(8, '0') + lo.toString(16).padStart(8, '0');
}

/** Reads 16 hex digits. */
export function wordFrom(hex: string): Word {
  return {hi: Number.parseInt(hex.slice(0, 8), 16) >>> 0, lo: Number.parseInt(hex.slice(8, 16), 16) >>> 0};
}

export function hexAt(column: Words, index: number): string {
  return hexOf({hi: column.hi[index] ?? 0, lo: column.lo[index] ?? 0});
}
