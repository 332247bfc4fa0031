import { describe, expect, test } from "bun:test";
import {
  BOXES_MAX,
  decodeBox,
  decodeBoxes,
  decodeBoxHeader,
  findBoxes,
} from "../../../../src/wire/container/mp4/boxes.ts";

const hex = (text: string) =>
  Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], (h) => Number.parseInt(h, 16));

const FREE = "66726565", MDAT = "6d646174", MOOV = "6d6f6f76", TRAK = "7472616b";

const cases: { name: string; bytes: string; header: unknown; box: unknown }[] = [
  {
    name: "a small box, and what follows it is left alone",
    bytes: `0000000a ${FREE} 0102 03`,
    header: { kind: "ok", value: { type: "free", size: 10 }, used: 8 },
    box: { kind: "ok", value: { type: "free", size: 10, header: 8, payload: hex("0102") }, used: 10 },
  },
  {
    name: "an empty box",
    bytes: `00000008 ${FREE}`,
    header: { kind: "ok", value: { type: "free", size: 8 }, used: 8 },
    box: { kind: "ok", value: { type: "free", size: 8, header: 8, payload: hex("") }, used: 8 },
  },
  {
    name: "a 64-bit size",
    bytes: `00000001 ${MDAT} 0000000000000012 0102`,
    header: { kind: "ok", value: { type: "mdat", size: 18 }, used: 16 },
    box: { kind: "ok", value: { type: "mdat", size: 18, header: 16, payload: hex("0102") }, used: 18 },
  },
  {
    name: "a box up to the end of the file",
    bytes: `00000000 ${MDAT} 010203`,
    header: { kind: "ok", value: { type: "mdat", size: undefined }, used: 8 },
    box: { kind: "ok", value: { type: "mdat", size: 11, header: 8, payload: hex("010203") }, used: 11 },
  },
  {
    name: "half a header",
    bytes: "0000000a 6672",
    header: { kind: "more", need: 8 },
    box: { kind: "more", need: 8 },
  },
  {
    name: "half a 64-bit size",
    bytes: `00000001 ${MDAT} 00000000`,
    header: { kind: "more", need: 16 },
    box: { kind: "more", need: 16 },
  },
  {
    name: "an incomplete box",
    bytes: `0000000a ${FREE} 01`,
    header: { kind: "ok", value: { type: "free", size: 10 }, used: 8 },
    box: { kind: "more", need: 10 },
  },
  {
    name: "a size smaller than the header",
    bytes: `00000007 ${FREE}`,
    header: { kind: "bad", at: 0, why: "size 7 of a box" },
    box: { kind: "bad", at: 0, why: "size 7 of a box" },
  },
  {
    name: "a 64-bit size smaller than the header",
    bytes: `00000001 ${FREE} 000000000000000f`,
    header: { kind: "bad", at: 8, why: "size 15 of a box" },
    box: { kind: "bad", at: 8, why: "size 15 of a box" },
  },
  {
    name: "a size that no number holds",
    bytes: `00000001 ${FREE} 0020000000000000`,
    header: { kind: "bad", at: 8, why: 'size of box "free" beyond 2^53' },
    box: { kind: "bad", at: 8, why: 'size of box "free" beyond 2^53' },
  },
];

for (const { name, bytes, header, box } of cases) {
  test(`decodeBoxHeader() reads ${name}`, () =>
    expect(decodeBoxHeader(hex(bytes)) as unknown).toEqual(header));
  test(`decodeBox() reads ${name}`, () => expect(decodeBox(hex(bytes)) as unknown).toEqual(box));
  test(`decodeBox() reads ${name} behind other bytes`, () => {
    const at = (answer: unknown) => {
      const a = answer as { kind: string; at?: number };
      return a.kind === "bad" ? { ...a, at: (a.at ?? 0) + 3 } : a;
    };
    expect(decodeBox(hex(`ffffff ${bytes}`), 3) as unknown).toEqual(at(box));
  });
}

describe("decodeBoxes()", () => {
  test("reads all boxes side by side", () => {
    const read = decodeBoxes(hex(`00000009 ${FREE} 01 00000008 ${MDAT} 00000009 ${FREE} 02`));
    expect(read.kind === "ok" && read.value.map((b) => [b.type, ...b.payload])).toEqual([
      ["free", 1],
      ["mdat"],
      ["free", 2],
    ]);
  });

  test("wants the rest of an incomplete last box", () => {
    expect(decodeBoxes(hex(`00000009 ${FREE} 01 00000020 ${MDAT} 00`))).toEqual({
      kind: "more",
      need: 9 + 32,
    });
  });

  test("says where a damaged box is", () => {
    expect(decodeBoxes(hex(`00000009 ${FREE} 01 00000003 ${MDAT} 00`))).toMatchObject({ kind: "bad", at: 9 });
  });

  test(`stops after ${BOXES_MAX} boxes`, () => {
    const one = hex(`00000008 ${FREE}`);
    const many = new Uint8Array((BOXES_MAX + 1) * 8);
    for (let at = 0; at < many.length; at += 8) many.set(one, at);
    expect(decodeBoxes(many.subarray(8)).kind).toBe("ok");
    expect(decodeBoxes(many)).toMatchObject({ kind: "bad", at: BOXES_MAX * 8 });
  });
});

describe("findBoxes()", () => {
  const file = hex(`00000008 ${FREE} 00000021 ${MOOV} 00000010 ${TRAK} 00000008 ${FREE} 00000009 ${TRAK} ff`);

  test("finds boxes at every place that the path names", () => {
    expect(findBoxes(file, ["moov", "trak"]).map((b) => b.size)).toEqual([16, 9]);
    expect(findBoxes(file, ["moov", "trak", "free"]).map((b) => b.size)).toEqual([8]);
  });

  test("finds nothing where nothing is", () => {
    expect(findBoxes(file, ["moov", "mdat"])).toEqual([]);
    expect(findBoxes(file, [])).toEqual([]);
  });
});
