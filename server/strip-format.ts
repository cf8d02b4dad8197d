/**
 * Strips as they travel: a byte a partition, all assets in one answer.
 * Pure; the page reads with it what the server writes. It does not deal with what a state means.
 *
 * u32 (little-endian) length of the header · header as JSON, UTF-8 · bytes of each asset, in the header's order.
 * A byte: its low four bits are an index into STATES (of a plan's strips: 0, or 1 + an index into ACTIONS), the others flags.
 */
export const STRIP = {
  /** The low bits. */
  code: 0x0f,
  /** Held by a run at work. */
  running: 0x10,
  /** The last attempt failed or was quarantined. */
  failed: 0x20,
  /** Published, and its quality is below silver. */
  lowQuality: 0x40,
  /** The next run makes it, or may. */
  planned: 0x80,
} as const;

export interface StripHeader {
  /** Of the ledger that was read. */
  readonly sequence: number;
  readonly assets: readonly {readonly asset: string; readonly length: number}[];
}

export interface Strips extends Pick<StripHeader, 'sequence'> {
  /** By asset: a byte for each ordinal of its axis. */
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

export function packStrips({sequence, bytes}: Strips): Uint8Array<ArrayBuffer> {
  const assets = [...bytes].map(([asset, {length}]) => ({asset, length}));
  const header = new TextEncoder().encode(JSON.stringify({sequence, assets} satisfies StripHeader));
  const size = assets.reduce((sum, {length}) => sum + length, 4 + header.length);
  const packed = new Uint8Array(size);
  new DataView(packed.buffer).setUint32(0, header.length, true);
  packed.set(header, 4);
  let at = 4 + header.length;
  for (const own of bytes.values()) {
    packed.set(own, at);
    at += own.length;
  }
  return packed;
}

/** Throws for bytes that are no strips. */
export function unpackStrips(packed: Uint8Array<ArrayBuffer>): Strips {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(packed.subarray(4, 4 + length))) as StripHeader; // as it was packed
  const bytes = new Map<string, Uint8Array>();
  let at = 4 + length;
  for (const {asset, length: own} of header.assets) {
    bytes.set(asset, packed.slice(at, at + own));
    at += own;
  }
  if (at !== packed.length) throw new Error(`Strips of ${packed.length} bytes, and their header says ${at}`);
  return {sequence: header.sequence, bytes};
}
