/**
 * CRC32C (Castagnoli, RFC 3720 appendix B.4) as Cloud Storage prints it: big-endian bytes in base64.
 * It is our own, so that it does not share mistakes with the client that it judges.
 */
const TABLE = Uint32Array.from({length: 256}, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

export function crc32c(bytes: Uint8Array): string {
  let value = 0xffffffff;
  for (const byte of bytes) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  const four = Buffer.alloc(4);
  four.writeUInt32BE((value ^ 0xffffffff) >>> 0);
  return four.toString('base64');
}
