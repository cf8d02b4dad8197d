/**
 * 64-bit numbers as two unsigned 32-bit halves: drawing from texts, mixing, adding, writing. Fast enough for tens of
 * millions without BigInt. It does not deal with what is hashed (fingerprint.ts, digest.ts).
 */
import {createHash, hash} from 'node:crypto';
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

/** Odd factors of the two halves, drawn from a text: odd ones lose no bit of what they multiply. */
export function factorOf(text: string): Word {
  const {hi, lo} = wordOf(text);
  return {hi: (hi | 1) >>> 0, lo: (lo | 1) >>> 0};
}

/** The first 64 bits of the text's SHA-256. */
export function wordOf(text: string): Word {
  return wordFrom(sha256(text));
}

export function sha256(text: string): string {
  // In one call: several times faster for short texts than an object that is updated.
  return hash('sha256', text, 'hex');
}

/** Of a text that may be too long to be one. */
export function sha256Of(pieces: Iterable<string>): string {
  const whole = createHash('sha256');
  for (const piece of pieces) whole.update(piece);
  return whole.digest('hex');
}

/** Adds modulo 2^64, into `total`. */
export function add(total: Word, hi: number, lo: number): void {
  const sum = total.lo + lo;
  total.lo = sum >>> 0;
  total.hi = (total.hi + hi + (sum > 0xffffffff ? 1 : 0)) >>> 0;
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
