/**
 * The checksum of PROXY headers: CRC-32C, Castagnoli's polynomial, reflected.
 *
 * @module
 */

const POLYNOMIAL = 0x82f63b78;

let table: Uint32Array | undefined;

/** The CRC-32C of bytes, as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  const remainders = table ??= Uint32Array.from({ length: 256 }, remainderOf);
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (remainders[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** What a byte leaves behind. */
function remainderOf(_: unknown, byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) {
    crc = (crc & 1) === 1 ? POLYNOMIAL ^ (crc >>> 1) : crc >>> 1;
  }
  return crc;
}
