import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { FEC_SPAN_MAX, FecDecoder } from "../../../../src/wire/protocol/fec/decoder.ts";
import { decodeFec, FEC_HEADER } from "../../../../src/wire/protocol/fec/header.ts";
import { FEC_PACKET_MAX, FEC_RING } from "../../../../src/wire/protocol/fec/packet_ring.ts";
import { seededRandom as seeded } from "../../../peers/impairment.ts";
import { encodeFec, matrixParity, mediaPackets, parityOf, unmendable } from "./matrix.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** One 4×4 matrix as ffmpeg sent it, and the packet behind it. */
const ffmpeg = JSON.parse(readFileSync(new URL("ffmpeg_matrix.json", import.meta.url).pathname, "utf8")) as {
  media: string[];
  columns: string[];
  rows: string[];
};

describe("header", () => {
  const fields = {
    sequence: 0xfffe,
    timestamp: 0x89abcdef,
    ssrc: 0xfedcba98,
    firstRecovery: 0x3f,
    markerRecovery: true,
    base: 0xff01,
    lengthRecovery: 0x0524,
    typeRecovery: 33,
    timestampRecovery: 0x80000001,
    row: true,
    offset: 1,
    count: 255,
    parity: Uint8Array.of(1, 2, 3),
  };
  test("decodeFec() reads what writeFecHeaders() writes", () => {
    const bytes = encodeFec(fields);
    expect(decodeFec(bytes)).toEqual({ kind: "ok", value: fields, used: bytes.length });
    expect(bytes.length).toBe(12 + FEC_HEADER + 3);
  });
  test("decodeFec() reads the fields at the places of ST 2022-1, 8.1", () => {
    const bytes = Uint8Array.fromHex(
      "80e0 0102 03040506 00000000 00a1 0524 a1 000000 deadbeef 00 0a 05 00 ff".replaceAll(" ", ""),
    );
    expect(decodeFec(bytes)).toMatchObject({
      kind: "ok",
      value: {
        sequence: 0x102,
        base: 0xa1,
        lengthRecovery: 0x524,
        typeRecovery: 33,
        timestampRecovery: 0xdeadbeef,
        markerRecovery: true,
        row: false,
        offset: 10,
        count: 5,
      },
    });
  });
  for (
    const [what, change, why] of [
      ["another version of RTP", [0, 0x40], "RTP version is not 2"],
      ["a header without extension", [16, 0x21], "FEC header without its extension"],
      ["a header that goes on", [24, 0x80], "FEC header of an unknown form"],
      ["Reed-Solomon", [24, 0x10], "parity of type 2, expected XOR"],
      ["no step", [25, 0], "FEC header that protects nothing"],
      ["no packets", [26, 0], "FEC header that protects nothing"],
    ] as const
  ) {
    test(`decodeFec() refuses ${what}`, () => {
      const bytes = encodeFec(fields);
      bytes[change[0]] = change[1];
      expect(decodeFec(bytes)).toMatchObject({ kind: "bad", why });
    });
  }
  test("decodeFec() wants its header whole", () => {
    const bytes = encodeFec(fields);
    for (let n = 0; n < 12 + FEC_HEADER; n++) expect(decodeFec(bytes.subarray(0, n)).kind).toBe("more");
  });
});

describe("parity made by ffmpeg", () => {
  const [media, columns, rows] = [ffmpeg.media, ffmpeg.columns, ffmpeg.rows]
    .map((list) => list.map((text) => Uint8Array.fromHex(text))) as [
      Uint8Array[],
      Uint8Array[],
      Uint8Array[],
    ];
  test("decodeFec() reads its columns and rows", () => {
    const base = media[0]![2]! * 256 + media[0]![3]!;
    columns.forEach((bytes, i) => {
      const value = { row: false, offset: 4, count: 4, base: base + i, ssrc: 0 };
      expect(decodeFec(bytes)).toMatchObject({ kind: "ok", value });
    });
    rows.forEach((bytes, i) => {
      const value = { row: true, offset: 1, count: 4, base: base + i * 4 };
      expect(decodeFec(bytes)).toMatchObject({ kind: "ok", value });
    });
  });
  test("mends what theory says, in every pattern of up to four losses and many of more", () => {
    for (let pattern = 2; pattern < 65_536; pattern += 2) {
      const lost = new Set(media.keys().filter((i) => (pattern >> i & 1) === 1));
      // every pattern of up to four losses, and one in 29 of the others
      if (lost.size > 4 && pattern % 29 !== 0) continue;
      const left = unmendable(lost, 4, { rows: true, columns: true });
      const got = new Map<number, string>();
      const decoder = new FecDecoder((p) => void got.set(p[3]! - media[0]![3]!, hex(p)));
      media.forEach((packet, i) => lost.has(i) || decoder.media(packet));
      for (const packet of [...rows, ...columns]) decoder.parity(packet);
      for (const [i, bytes] of got) expect(bytes).toBe(ffmpeg.media[i]!);
      if (got.size + left.size !== lost.size) throw new Error(`pattern ${pattern}: ${[...got.keys()]}`);
    }
  });
});

/** Sends `matrices` of L×D with losses, parity of each behind it, and answers what came out beside what had to. */
function run(
  o: { columns: number; rows: number; seed: number; loss: number; rowParity: boolean; sequence: number },
) {
  const random = seeded(o.seed);
  const size = o.columns * o.rows;
  const media = mediaPackets(size * 4, o.sequence, random);
  const got = new Map<number, string>();
  const decoder = new FecDecoder((packet) => void got.set(packet[2]! * 256 + packet[3]!, hex(packet)));
  const expected = new Map<number, string>();
  for (let m = 0; m < 4; m++) {
    const matrix = media.slice(m * size, (m + 1) * size);
    const lost = new Set(matrix.keys().filter(() => random() < o.loss));
    // the first packet of all begins the count, and one behind the matrix shows that its last ones are lost
    if (m === 0) lost.delete(0);
    const left = unmendable(lost, o.columns, { rows: o.rowParity, columns: true });
    for (const i of lost) {
      if (!left.has(i)) expected.set((o.sequence + m * size + i) & 0xffff, hex(matrix[i]!));
    }
    matrix.forEach((packet, i) => {
      if (!lost.has(i)) decoder.media(packet);
    });
    const parity = matrixParity(matrix, o.columns);
    const late = [...(o.rowParity ? parity.rows : []), ...parity.columns];
    // parity comes in any order
    for (const fec of late.sort(() => random() - 0.5)) expect(decoder.parity(fec)).toBeUndefined();
  }
  decoder.media(mediaPackets(1, o.sequence + size * 4, random)[0]!);
  return { got, expected, decoder };
}

describe("FecDecoder mends exactly what rows and columns can mend", () => {
  let mended = 0;
  for (const [columns, rows] of [[4, 4], [5, 10], [10, 10], [20, 5], [20, 20]] as const) {
    for (const rowParity of [true, false]) {
      test(`${columns}×${rows}, ${rowParity ? "rows and columns" : "columns alone"}, loss of 1 to 30 %`, () => {
        for (let seed = 1; seed <= 4; seed++) {
          const loss = [0.05, 0.1, 0.3][seed % 3]!;
          const sequence = seed % 3 === 0 ? 65_500 : seed * 977;
          const { got, expected, decoder } = run({ columns, rows, seed, loss, rowParity, sequence });
          expect([...got].sort()).toEqual([...expected].sort());
          expect(decoder.recovered).toBe(expected.size);
          mended += expected.size;
        }
      });
    }
  }
  test("and that was something", () => {
    expect(mended).toBeGreaterThan(500);
  });
});

describe("FecDecoder", () => {
  const random = seeded(99);
  const media = mediaPackets(16, 65_530, random);
  const { rows, columns } = matrixParity(media, 4);
  const collect = () => {
    const got: string[] = [];
    return { got, decoder: new FecDecoder((p) => void got.push(hex(p))) };
  };

  test("mends a packet when its parity came before the packets that it needs", () => {
    const { got, decoder } = collect();
    decoder.media(media[0]!);
    decoder.parity(rows[0]!);
    decoder.media(media[1]!);
    expect(got).toEqual([]);
    decoder.media(media[3]!);
    expect(got).toEqual([hex(media[2]!)]);
  });
  test("does not mend what may still come", () => {
    const { got, decoder } = collect();
    for (const i of [0, 1, 2]) decoder.media(media[i]!);
    decoder.parity(rows[0]!);
    expect(got).toEqual([]);
    decoder.media(media[3]!);
    decoder.media(media[4]!);
    expect(got).toEqual([]);
  });
  test("says how long a lost packet may have to wait", () => {
    const { decoder } = collect();
    decoder.media(media[0]!);
    expect(decoder.span).toBe(0);
    decoder.parity(rows[0]!);
    expect(decoder.span).toBe(8);
    decoder.parity(columns[0]!);
    expect(decoder.span).toBe(36);
    decoder.reset();
    expect(decoder.span).toBe(0);
  });
  test("refuses parity that reaches too far, and rows that are none", () => {
    const { decoder } = collect();
    decoder.media(media[0]!);
    const wide = parityOf(media.slice(0, 4), { row: false, offset: 171 });
    expect(decoder.parity(wide)).toBe("parity over 514 packets");
    expect(FEC_SPAN_MAX).toBe(512);
    expect(decoder.parity(parityOf(media.slice(0, 4), { row: true, offset: 2 }))).toBe(
      "row whose packets are 2 apart",
    );
    expect(decoder.parity(parityOf(mediaPackets(4, 30_000, random), { row: true, offset: 1 }))).toBe(
      "parity of other packets",
    );
    expect(decoder.parity(media[1]!.subarray(0, 20))).toBe("shorter than the FEC header");
  });
  test("parity whose length does not fit its packets mends nothing", () => {
    const { got, decoder } = collect();
    for (const i of [0, 1, 3, 4]) decoder.media(media[i]!);
    const cut = rows[0]!.slice(0, 12 + FEC_HEADER + 10);
    expect(decoder.parity(cut)).toBeUndefined();
    expect(got).toEqual([]);
    decoder.parity(rows[0]!);
    expect(got).toEqual([hex(media[2]!)]);
  });
  test("keeps no packet that is longer than its limit", () => {
    const { got, decoder } = collect();
    const long = new Uint8Array(FEC_PACKET_MAX + 1).fill(5);
    long.set(media[1]!.subarray(0, 12));
    for (const packet of [media[0]!, long, media[2]!, media[3]!, media[4]!]) decoder.media(packet);
    decoder.parity(rows[0]!);
    expect(got).toEqual([hex(media[1]!)]);
  });
  test("memory stays bounded whatever comes", () => {
    const { decoder } = collect();
    const noise = seeded(5);
    for (let i = 0; i < 20_000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(noise() * 60) }, () => Math.floor(noise() * 256));
      if (bytes.length >= 12 && noise() < 0.5) decoder.media(bytes);
      else decoder.parity(bytes);
    }
    expect(FEC_RING * FEC_PACKET_MAX).toBeLessThan(4 * 1024 * 1024);
  });
});
