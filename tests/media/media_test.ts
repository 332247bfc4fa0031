import { describe, expect, test } from "bun:test";
import { CODECS, kindOf } from "../../src/media/codec.ts";
import { baseOf, parseStreamName, STREAM_NAME_MAX } from "../../src/media/stream_name.ts";

describe("parseStreamName()", () => {
  const names: [string, string | undefined][] = [
    ["cam1", "cam1"],
    ["Cam1", "cam1"],
    ["front-door_2.hd", "front-door_2.hd"],
    ["Cam+Some Thing", "cam+Some Thing"],
    ["Cam Some", "cam+Some"],
    ["cam?token=x", "cam"],
    ["cam+a?b", "cam+a"],
    ["cam+", "cam+"],
    ["cam+ä+b", "cam+ä+b"],
    ["a".repeat(STREAM_NAME_MAX), "a".repeat(STREAM_NAME_MAX)],
    ["a".repeat(STREAM_NAME_MAX + 1), undefined],
    ["", undefined],
    ["?x", undefined],
    ["+x", undefined],
    [".", undefined],
    ["..", undefined],
    ["../etc", undefined],
    ["cam/1", undefined],
    ["cam+../x", undefined],
    ["cam+a\\b", undefined],
    ["cam+a\n", undefined],
    ["cam+\u007f", undefined],
    ["käm", undefined],
  ];
  for (const [text, name] of names) {
    test(`${JSON.stringify(text.slice(0, 20))} is ${name === undefined ? "refused" : "taken"}`, () => {
      expect(parseStreamName(text)).toBe(name as string);
    });
  }

  test("answers the same for its own answers", () => {
    for (const [, name] of names) if (name !== undefined) expect(parseStreamName(name)).toBe(name);
  });

  test("baseOf() cuts at the first +", () => {
    expect([baseOf("cam"), baseOf("cam+a+b"), baseOf("cam+")]).toEqual(["cam", "cam", "cam"]);
  });
});

test("kindOf() knows every codec", () => {
  expect([kindOf("h264"), kindOf("aac"), kindOf("onvif")]).toEqual(["video", "audio", "data"]);
  expect(Object.values(CODECS).every((c) => c.label.length > 0)).toBe(true);
});
