import { expect, test } from "bun:test";
import { FecDecoder } from "../../../../src/wire/protocol/fec/decoder.ts";
import { FecEncoder, type FecShape, refuseFecShape } from "../../../../src/wire/protocol/fec/encoder.ts";
import { decodeFec } from "../../../../src/wire/protocol/fec/header.ts";
import { RTP_HEADER, writeRtpHeader } from "../../../../src/wire/protocol/rtp/packet.ts";

/** A deterministic generator (mulberry32). */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const PAYLOAD = 1316;

function media(sequence: number, random: () => number): Uint8Array {
  const size = random() < 0.8 ? PAYLOAD : Math.floor(random() * PAYLOAD);
  const packet = new Uint8Array(RTP_HEADER + size);
  writeRtpHeader(
    packet,
    0,
    33,
    random() < 0.5,
    sequence & 0xffff,
    Math.floor(random() * 2 ** 32),
    0x12345678,
  );
  for (let i = RTP_HEADER; i < packet.length; i++) packet[i] = random() * 256;
  return packet;
}

type Sent = { readonly kind: "media" | "column" | "row"; readonly bytes: Uint8Array };

function encode(shape: FecShape, count: number, seed: number, first = 65_500): Sent[] {
  const random = seeded(seed);
  const sent: Sent[] = [];
  const encoder = new FecEncoder(
    shape,
    PAYLOAD,
    (bytes) => sent.push({ kind: "column", bytes: bytes.slice() }),
    (bytes) => sent.push({ kind: "row", bytes: bytes.slice() }),
  );
  for (let n = 0; n < count; n++) {
    const bytes = media(first + n, random);
    sent.push({ kind: "media", bytes });
    const slot = new Uint8Array(2000);
    slot.set(bytes);
    encoder.media(slot, bytes.length);
  }
  return sent;
}

test("each row and column of a matrix gets one packet of parity, spread over the next matrix", () => {
  const sent = encode({ columns: 5, rows: 4, rowParity: true }, 60, 1);
  expect(sent.filter((s) => s.kind === "row").length).toBe(12);
  // columns of the last matrix would follow with the next
  expect(sent.filter((s) => s.kind === "column").length).toBe(10);
  const places = sent.flatMap((s, n) =>
    s.kind === "column" ? [sent.slice(0, n).filter((m) => m.kind === "media").length] : []
  );
  expect(places).toEqual([24, 28, 32, 36, 40, 44, 48, 52, 56, 60]);
  const column = sent.find((s) => s.kind === "column");
  const decoded = decodeFec(column?.bytes as Uint8Array);
  expect(decoded).toMatchObject({
    kind: "ok",
    value: { sequence: 0, ssrc: 0, base: 65_500, row: false, offset: 5, count: 4 },
  });
});

/** What a receiver has after losses: what came, and what the parity gave back. */
function receive(sent: readonly Sent[], isLost: (n: number) => boolean): Map<number, Uint8Array> {
  const got = new Map<number, Uint8Array>();
  const sequenceOf = (bytes: Uint8Array) => ((bytes[2] as number) << 8) | (bytes[3] as number);
  const decoder = new FecDecoder((bytes) => got.set(sequenceOf(bytes), bytes.slice()));
  let n = 0;
  for (const { kind, bytes } of sent) {
    if (kind !== "media") expect(decoder.parity(bytes)).toBeUndefined();
    else if (!isLost(n++)) {
      got.set(sequenceOf(bytes), bytes);
      decoder.media(bytes);
    }
  }
  return got;
}

test("any one lost packet of any matrix is given back exactly", () => {
  for (const rowParity of [true, false]) {
    const shape = { columns: 4, rows: 6, rowParity };
    const sent = encode(shape, 24 * 6, 7);
    const all = sent.filter((s) => s.kind === "media").map((s) => s.bytes);
    for (let lost = 0; lost < 24; lost++) {
      const got = receive(sent, (n) => n === lost + 24);
      const bytes = all[lost + 24] as Uint8Array;
      expect(got.get((65_500 + 24 + lost) & 0xffff)).toEqual(bytes);
    }
  }
});

test("a burst as long as a row is given back by the columns", () => {
  const shape = { columns: 10, rows: 5, rowParity: false };
  const sent = encode(shape, 300, 3);
  const all = sent.filter((s) => s.kind === "media").map((s) => s.bytes);
  const got = receive(sent, (n) => n >= 57 && n < 67);
  for (let n = 0; n < 300; n++) expect(got.get((65_500 + n) & 0xffff)).toEqual(all[n] as Uint8Array);
});

test("refuseFecShape() keeps to the limits of the standard", () => {
  const shape = (columns: number, rows: number, rowParity = true) =>
    refuseFecShape({ columns, rows, rowParity });
  expect(shape(5, 10)).toBeUndefined();
  expect(shape(1, 4, false)).toBeUndefined();
  expect(shape(3, 4)).toBe("expected 4 to 20 columns, got 3");
  expect(shape(21, 4)).toBe("expected 4 to 20 columns, got 21");
  expect(shape(5, 3)).toBe("expected 4 to 20 rows, got 3");
  expect(shape(20, 6)).toBe("expected at most 100 packets in a matrix, got 120");
});
