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

/** MurmurHash3's 32-bit finalizer (Appleby, 2011): every bit of the input moves every bit of the output. */
function avalanche(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Mixes a key and a version into `out`. For one key no two versions meet: three rounds of a Feistel network (Feistel,
 * 1973) over the two halves, each round the finalizer above, can be run backwards.
 */
export function scramble(keyHi: number, keyLo: number, hi: number, lo: number, out: Word): void {
  let a = lo ^ keyLo;
  let b = hi ^ keyHi;
  a = (a + avalanche(b ^ 0x9e3779b9)) | 0;
  b = (b + avalanche(a ^ 0x7f4a7c15)) | 0;
  a = (a + avalanche(b ^ 0x1b873593)) | 0;
  out.hi = b >>> 0;
  out.lo = a >>> 0;
}

/** An odd 64-bit number to multiply by, cut as `multiply` wants it. */
export interface Factor {
  readonly hi: number;
  readonly lo: number;
  readonly lo0: number;
  readonly lo1: number;
}

/** An odd factor drawn from a text: odd ones lose no bit of what they multiply. */
export function factorOf(text: string): Factor {
  const {hi, lo} = wordOf(text);
  const odd = (lo | 1) >>> 0;
  return {hi, lo: odd, lo0: odd & 0xffff, lo1: odd >>> 16};
}

/** The upper half of a product modulo 2^64; the lower one is `Math.imul(lo, factor.lo)`. */
export function upperProduct(hi: number, lo: number, factor: Factor): number {
  const a0 = lo & 0xffff;
  const a1 = lo >>> 16;
  const {lo0, lo1} = factor;
  const middle1 = Math.imul(a0, lo1);
  const middle2 = Math.imul(a1, lo0);
  const carry = ((Math.imul(a0, lo0) >>> 16) + (middle1 & 0xffff) + (middle2 & 0xffff)) >>> 16;
  const upper = Math.imul(a1, lo1) + (middle1 >>> 16) + (middle2 >>> 16) + carry;
  return (upper + Math.imul(hi, factor.lo) + Math.imul(lo, factor.hi)) | 0;
}

/** The first 64 bits of the text's SHA-256. */
export function wordOf(text: string): Word {
  const bytes = createHash('sha256').update(text).digest();
  return {hi: bytes.readUInt32BE(0), lo: bytes.readUInt32BE(4)};
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Of a text that may be too long to be one. */
export function sha256Of(pieces: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
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
