import { describe, expect, test } from "bun:test";
import { sectionCrc } from "../../../../src/wire/container/ts/crc32.ts";
import {
  decodeTsDescriptors,
  encodeTsDescriptors,
  languageOf,
  registration,
} from "../../../../src/wire/container/ts/descriptors.ts";
import {
  decodeTsHeader,
  readPcr,
  writeNullPacket,
  writePcr,
  writePcrPacket,
} from "../../../../src/wire/container/ts/packet.ts";
import { decodePesHeader, timeDifference, writePesHeader } from "../../../../src/wire/container/ts/pes.ts";
import {
  decodePat,
  decodePmt,
  decodePsiSection,
  encodePat,
  encodePmt,
  encodePsiSection,
  PSI_SECTION_MAX,
} from "../../../../src/wire/container/ts/psi.ts";
import { streamKind } from "../../../../src/wire/container/ts/stream_kind.ts";
import { hex } from "../../codec/hex.ts";
import { descriptorCases, headerCases, packet, PAT, pesCases, PMT, pmtCase } from "./ts_cases.ts";

describe("packets", () => {
  for (const { name, bytes, value } of headerCases) {
    test(`decodeTsHeader() reads ${name}`, () => {
      expect(decodeTsHeader(bytes)).toEqual({ kind: "ok", value, used: value.payloadAt });
    });
  }

  test("decodeTsHeader() refuses what is none, and wants all of one", () => {
    expect(decodeTsHeader(packet("46010010")).kind).toBe("bad");
    expect(decodeTsHeader(packet("47010000")).kind).toBe("bad");
    expect(decodeTsHeader(packet("47010030b8")).kind).toBe("bad");
    expect(decodeTsHeader(packet("47010010").subarray(1, 188))).toEqual({ kind: "more", need: 188 });
  });

  test("writePcr() writes what readPcr() reads, at every width", () => {
    const out = new Uint8Array(6);
    for (const pcr of [0, 1, 299, 300, 18_900_000, 2 ** 25 * 300 - 1, 2 ** 31 * 300 + 7, 2 ** 33 * 300 - 1]) {
      writePcr(out, 0, pcr);
      expect(readPcr(out, 0)).toBe(pcr);
    }
    writePcr(out, 0, 18_900_000);
    expect(out).toEqual(hex("00007b0c7e00"));
  });

  test("writeNullPacket() and writePcrPacket() write whole packets", () => {
    const out = new Uint8Array(376);
    writeNullPacket(out, 0);
    writePcrPacket(out, 188, 256, -1, 18_900_000);
    expect(out.subarray(0, 188)).toEqual(packet("471fff10") as Uint8Array<ArrayBuffer>);
    expect(out.subarray(188)).toEqual(packet("4701002f b7 10 00007b0c7e00") as Uint8Array<ArrayBuffer>);
  });
});

describe("sections", () => {
  test("sectionCrc() is 0 over ffmpeg's tables, and no longer when a bit is turned", () => {
    expect([sectionCrc(PAT), sectionCrc(PMT)]).toEqual([0, 0]);
    for (let i = 0; i < PAT.length; i++) {
      const damaged = PAT.slice();
      damaged[i] = (damaged[i] as number) ^ 0x10;
      expect(sectionCrc(damaged)).not.toBe(0);
    }
  });

  test("a PAT is read and written", () => {
    const section = decodePsiSection(PAT);
    if (section.kind !== "ok") throw new Error(section.kind);
    expect(decodePat(section.value)).toEqual({ kind: "ok", value: [{ program: 1, pid: 4096 }], used: 4 });
    expect(encodePat(1, 0, [{ program: 1, pid: 4096 }])).toEqual(PAT);
  });

  test("a PMT is read and written", () => {
    const section = decodePsiSection(PMT);
    if (section.kind !== "ok") throw new Error(section.kind);
    expect(decodePmt(section.value)).toMatchObject({ kind: "ok", value: pmtCase });
    expect(encodePmt(1, 0, pmtCase)).toEqual(PMT);
  });

  test("decodePsiSection() refuses damage and lengths out of bounds", () => {
    expect(decodePsiSection(PAT.with(9, 2))).toMatchObject({
      kind: "bad",
      why: "section check value is wrong",
    });
    expect(decodePsiSection(hex("00b008"))).toMatchObject({ kind: "bad" });
    expect(decodePsiSection(hex("00bfff"))).toMatchObject({ kind: "bad" });
    expect(decodePsiSection(hex("003012"))).toMatchObject({ kind: "bad" });
    expect(decodePsiSection(PAT.subarray(0, 15))).toEqual({ kind: "more", need: 16 });
  });

  test("decodePmt() refuses loops that end behind the section", () => {
    const body = (bytes: string) => ({
      ...{ tableId: 2, extension: 1, version: 0, current: true, number: 0, lastNumber: 0 },
      body: hex(bytes),
    });
    for (const bad of ["e1", "e100f001", "e100f0001b", "e100f0001be100f001"]) {
      expect(decodePmt(body(bad)).kind).toBe("bad");
    }
  });

  test("encodePsiSection() refuses one byte more than the limit", () => {
    const of = (length: number) => ({
      ...{ tableId: 2, extension: 1, version: 31, current: true, number: 0, lastNumber: 0 },
      body: new Uint8Array(length - 12),
    });
    expect(decodePsiSection(encodePsiSection(of(PSI_SECTION_MAX))).kind).toBe("ok");
    expect(() => encodePsiSection(of(PSI_SECTION_MAX + 1))).toThrow(RangeError);
  });
});

describe("PES headers", () => {
  for (const { name, bytes, value, stuffing } of pesCases) {
    test(`decodePesHeader() reads ${name}`, () => {
      expect(decodePesHeader(bytes)).toEqual({ kind: "ok", value, used: value.payloadAt });
    });
    test(`writePesHeader() writes ${name}`, () => {
      const out = new Uint8Array(value.payloadAt);
      const payload = value.length - value.payloadAt;
      const length = writePesHeader(
        out,
        0,
        value.streamId,
        value.pts ?? 0,
        value.dts ?? 0,
        payload,
        stuffing,
      );
      expect(length).toBe(value.payloadAt);
      expect(out).toEqual(bytes.slice(0, value.payloadAt) as Uint8Array<ArrayBuffer>);
    });
  }

  test("times wrap at 33 bits, and are told apart across the wrap", () => {
    const out = new Uint8Array(14);
    writePesHeader(out, 0, 0xe0, 2 ** 33 + 5, 2 ** 33 + 5, 1);
    expect(decodePesHeader(out)).toMatchObject({ value: { pts: 5 } });
    expect(timeDifference(5, 2 ** 33 - 5)).toBe(10);
    expect(timeDifference(2 ** 33 - 5, 5)).toBe(-10);
  });

  test("a packet too long for its field says 0", () => {
    const out = new Uint8Array(14);
    writePesHeader(out, 0, 0xe0, 0, 0, 65_527);
    expect(out.subarray(4, 6)).toEqual(hex("ffff"));
    writePesHeader(out, 0, 0xe0, 0, 0, 65_528);
    expect(out.subarray(4, 6)).toEqual(hex("0000"));
  });

  test("decodePesHeader() tells MPEG-1's from others, and a header longer than its packet", () => {
    expect(decodePesHeader(hex("000001e0 0010 0f000000"))).toMatchObject({ kind: "bad" });
    expect(decodePesHeader(hex("000001e0 0004 80800500"))).toMatchObject({ kind: "bad" });
    expect(decodePesHeader(hex("000101"))).toMatchObject({ kind: "more" });
    expect(decodePesHeader(hex("000001be 0010 ffffff"))).toMatchObject({
      kind: "ok",
      value: { payloadAt: 6 },
    });
  });
});

describe("descriptors", () => {
  for (const { name, bytes, value } of descriptorCases) {
    test(`decodeTsDescriptors() reads ${name}`, () => {
      expect(decodeTsDescriptors(bytes)).toEqual({ kind: "ok", value, used: bytes.length });
    });
    test(`encodeTsDescriptors() writes ${name}`, () => {
      expect(encodeTsDescriptors(value)).toEqual(bytes as Uint8Array<ArrayBuffer>);
    });
  }

  test("decodeTsDescriptors() refuses one longer than its loop", () => {
    expect(decodeTsDescriptors(hex("0a0465"))).toMatchObject({ kind: "bad", at: 0 });
    expect(decodeTsDescriptors(hex("0a"))).toMatchObject({ kind: "bad", at: 0 });
  });

  test("languageOf() reads codes in any case, and none that is no code", () => {
    expect(languageOf([{ tag: 0x0a, payload: hex("44455500") }])).toBe("deu");
    expect(languageOf([{ tag: 0x0a, payload: hex("00000000") }])).toBe("und");
  });

  test("streamKind() tells private streams by what describes them", () => {
    const codec = (type: number, ...d: Parameters<typeof streamKind>[1]) => streamKind(type, d)?.codec;
    expect(codec(0x06, registration("KLVA"))).toBe("klv");
    expect(codec(0x06, registration("HEVC"))).toBe("h265");
    expect(codec(0x06, registration("constructor".slice(0, 4)))).toBe("private");
    expect(codec(0x06, { tag: 0x6a, payload: hex("00") })).toBe("ac3");
    expect(codec(0x06, { tag: 0x7a, payload: hex("00") })).toBe("eac3");
    expect(codec(0x06, { tag: 0x59, payload: hex("64657510 00010001") })).toBe("dvbsub");
    expect(codec(0x06, { tag: 0x56, payload: hex("6465750900") })).toBe("teletext");
    expect(codec(0x15, { tag: 0x26, payload: hex("ffff49443320ff49443320000f") })).toBe("id3");
    expect(streamKind(0x15, [{ tag: 0x26, payload: hex("0100ff4b4c5641000f") }])).toEqual({
      codec: "klv",
      framing: "cells",
    });
    expect(codec(0x86)).toBe("scte35");
    expect(codec(0x02)).toBeUndefined();
  });
});
