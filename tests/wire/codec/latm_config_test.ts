import { expect, test } from "bun:test";
import { decodeStreamMuxConfig } from "../../../src/wire/codec/aac/latm.ts";

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (b) => Number.parseInt(b, 16));

test("decodeStreamMuxConfig() reads what GStreamer writes for avenc_aac: an extension behind, and no frame length", () => {
  expect(decodeStreamMuxConfig(hex("40002320adca00"))).toEqual({
    kind: "ok",
    used: 7,
    value: { asc: hex("119056e500"), subFrames: 1, frameBits: 0, otherDataBits: 0 },
  });
});

test("decodeStreamMuxConfig() reads no bare configuration without that extension", () => {
  expect(decodeStreamMuxConfig(hex("4000232000")).kind).toBe("bad");
  expect(decodeStreamMuxConfig(hex("c0002320adca00")).kind).toBe("bad");
  expect(decodeStreamMuxConfig(hex("40012320adca00")).kind).toBe("bad");
});
