import { describe, expect, test } from "bun:test";
import { RTSP_DESCRIPTOR } from "../../../src/ingest/rtsp/descriptor.ts";
import { errorsOf } from "../../config/memory_files.ts";

const errorsIn = (url: string, descriptor = RTSP_DESCRIPTOR) =>
  errorsOf(`streams: { door: { source: '${url}' } }`, { sources: [descriptor] });

describe("sources that the RTSP input takes", () => {
  for (
    const url of [
      "rtsp://camera",
      "rtsps://10.0.0.1/1",
      "rtsp://admin:p@ss@10.0.0.1:554/b",
      "rtsp://admin:p:ss@10.0.0.1/b",
      "rtsp://admin:100%@10.0.0.1/b",
      "rtsp://admin:a%2Fb%23c@10.0.0.1/b",
      "rtsp://[fe80::1]:554/x",
      "RTSP://fe80::1/x",
      RTSP_DESCRIPTOR.example,
    ]
  ) {
    test(url, async () => expect(await errorsIn(url)).toEqual([]));
  }
});

describe("sources that it refuses when the configuration is read, password not shown", () => {
  for (
    const [url, shown] of [
      ["rtsp://", "rtsp://"],
      ["rtsp:///stream", "rtsp:///stream"],
      ["rtsp://camera:99999/x", "rtsp://camera:99999/x"],
      ["rtsp://camera:0/x", "rtsp://camera:0/x"],
      ["rtsp://admin:hu/sh@10.0.0.1/b", "rtsp://***@10.0.0.1/b"],
      ["rtsp://admin:hu?sh@10.0.0.1/b", "rtsp://***@10.0.0.1/b"],
      ["rtsp://admin:hu#sh@10.0.0.1/b", "rtsp://***@10.0.0.1/b"],
    ] as const
  ) {
    test(url, async () => {
      expect(await errorsIn(url)).toEqual([
        "fogcast.yaml:1:28: streams.door.source: expected an address such as rtsp://camera.local:554/path; " +
        `in a password / is written %2F, ? is %3F and # is %23, got "${shown}"`,
      ]);
    });
  }
});

test("an input without such a check takes what its pattern takes", async () => {
  const { refuse: _, ...lenient } = RTSP_DESCRIPTOR;
  expect(await errorsIn("rtsp://camera:99999/x", lenient)).toEqual([]);
});

test("the example in a message shows no mask", async () => {
  expect(await errorsIn("10.0.0.1/b")).toEqual([
    "fogcast.yaml:1:28: streams.door.source: expected the URL of a source: rtsp " +
    '(rtsp://camera.local:554/Streaming/Channels/101), got "10.0.0.1/b"',
  ]);
});
