import { encodeRtp } from "../../../../src/wire/protocol/rtp/packet.ts";
import { FEC_HEADER, type FecPacket, writeFecHeaders } from "../../../../src/wire/protocol/fec/header.ts";

/** A whole datagram of parity. */
export function encodeFec(fec: FecPacket): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(12 + FEC_HEADER + fec.parity.length);
  out.set(fec.parity, 12 + FEC_HEADER);
  writeFecHeaders(out, fec);
  return out;
}

/** Media packets of RTP/TS-like shape with random bytes, from `sequence` on. */
export function mediaPackets(count: number, sequence: number, random: () => number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const payload = new Uint8Array(188 * (1 + Math.floor(random() * 7)));
    for (let k = 0; k < payload.length; k++) payload[k] = Math.floor(random() * 256);
    return encodeRtp({
      payloadType: 33,
      marker: random() < 0.1,
      sequence: (sequence + i) & 0xffff,
      timestamp: (0xffffff00 + i * 900) >>> 0,
      ssrc: 0x1234abcd,
      payload,
    });
  });
}

/** Parity of one group, computed byte by byte from the text of ST 2022-1. */
export function parityOf(group: readonly Uint8Array[], o: { row: boolean; offset: number }): Uint8Array {
  const longest = Math.max(...group.map((p) => p.length - 12));
  const xor = (pick: (p: Uint8Array) => number) => group.reduce((sum, p) => (sum ^ pick(p)) >>> 0, 0);
  const u16 = (p: Uint8Array, at: number) => p[at]! * 256 + p[at + 1]!;
  return encodeFec({
    sequence: 7,
    timestamp: 9,
    ssrc: 0,
    firstRecovery: xor((p) => p[0]! & 0x3f),
    markerRecovery: xor((p) => p[1]! >> 7) === 1,
    base: u16(group[0]!, 2),
    lengthRecovery: xor((p) => p.length - 12),
    typeRecovery: xor((p) => p[1]! & 0x7f),
    timestampRecovery: xor((p) => u16(p, 4) * 65536 + u16(p, 6)),
    row: o.row,
    offset: o.offset,
    count: group.length,
    parity: Uint8Array.from({ length: longest }, (_, i) => xor((p) => p[12 + i] ?? 0)),
  });
}

/** Rows and columns of one matrix whose packets are `matrix[row * columns + column]`. */
export function matrixParity(matrix: readonly Uint8Array[], columns: number) {
  const rows = matrix.length / columns;
  return {
    rows: Array.from(
      { length: rows },
      (_, r) => parityOf(matrix.slice(r * columns, (r + 1) * columns), { row: true, offset: 1 }),
    ),
    columns: Array.from(
      { length: columns },
      (_, c) => parityOf(matrix.filter((_, i) => i % columns === c), { row: false, offset: columns }),
    ),
  };
}

/**
 * What theory says cannot be mended: lost places are taken away as long as one is alone in its row or its column. The
 * answer does not depend on the order.
 */
export function unmendable(
  lost: ReadonlySet<number>,
  columns: number,
  use: { rows: boolean; columns: boolean },
) {
  const left = new Set(lost);
  const alone = (at: number) => {
    const row = [...left].filter((i) => Math.floor(i / columns) === Math.floor(at / columns)).length;
    const column = [...left].filter((i) => i % columns === at % columns).length;
    return (use.rows && row === 1) || (use.columns && column === 1);
  };
  for (let found: number | undefined; (found = [...left].find(alone)) !== undefined;) left.delete(found);
  return left;
}
