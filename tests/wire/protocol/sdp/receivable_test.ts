import { describe, expect, test } from "bun:test";
import { findReceivable } from "../../../../src/wire/protocol/sdp/receivable.ts";

/** As ffmpeg writes one for a multicast of H.264 and AAC. */
const WHOLE = [
  "v=0",
  "o=- 0 0 IN IP4 127.0.0.1",
  "s=No Name",
  "c=IN IP4 239.255.9.5/7",
  "t=0 0",
  "m=video 5004 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z01AFOygoM/PgIgAAAMACAAAAwGQeKFMsA==,aM48gA==",
  "m=audio 5006 RTP/AVP 97",
  "a=rtpmap:97 MPEG4-GENERIC/48000/2",
  "a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190",
];

const said = (lines: readonly string[]) =>
  findReceivable(lines.join("\r\n")).problems.map((p) => `${p.line}: ${p.why}`);
const received = (lines: readonly string[]) =>
  findReceivable(lines.join("\r\n")).medias.map((m) =>
    `${m.media.type} ${m.address}:${m.media.port}+${m.rtcpPort}`
  );

test("a whole description has no problems", () => {
  expect(said(WHOLE)).toEqual([]);
  expect(received(WHOLE)).toEqual(["video 239.255.9.5:5004+5005", "audio 239.255.9.5:5006+5007"]);
  expect(findReceivable(WHOLE.join("\n")).medias[0]?.media.connection?.ttl).toBe(7);
});

describe("a line left out", () => {
  const without = (n: number) => WHOLE.filter((_, i) => i !== n);
  for (const n of [0, 1, 2, 4, 7, 10]) {
    test(`${WHOLE[n]!.slice(0, 20)} is not needed`, () => {
      expect(said(without(n))).toEqual([]);
      expect(received(without(n))).toHaveLength(2);
    });
  }
  test("without its c= line both sections lack an address", () =>
    expect(said(without(3))).toEqual([
      "5: no address for m=video: expected a c= line below it, or before the first m=",
      "8: no address for m=audio: expected a c= line below it, or before the first m=",
    ]));
  test("without its first m= line the first section is gone", () => {
    expect(received(without(5))).toEqual(["audio 239.255.9.5:5006+5007"]);
  });
  test("without an a=rtpmap nobody knows what the payload type is", () => {
    expect(said(without(6))).toEqual(["6: payload type 96 of m=video has no a=rtpmap that says what it is"]);
    expect(received(without(6))).toEqual(["audio 239.255.9.5:5006+5007"]);
    expect(said(without(9))).toEqual(["9: payload type 97 of m=audio has no a=rtpmap that says what it is"]);
  });
  test("without any m= line there is nothing to receive", () =>
    expect(said(WHOLE.slice(0, 5))).toEqual([
      "5: no m= line: expected one for each video or audio, such as m=video 5004 RTP/AVP 96",
    ]));
});

describe("a field of the m= line left out or wrong", () => {
  const cases: readonly [line: string, problem: string][] = [
    ["m=", "6: m= names no media: expected m=video or m=audio, a port, RTP/AVP and payload types"],
    ["m=video", '6: "m=video": expected a port from 1 to 65535 behind video'],
    ["m=5004 RTP/AVP 96", '6: "m=5004 RTP/AVP 96": expected video or audio before the port'],
    ["m=video RTP/AVP 96", '6: "m=video RTP/AVP 96": expected a port from 1 to 65535 behind video'],
    ["m=video 0 RTP/AVP 96", "6: m=video has port 0, which switches it off"],
    ["m=video 70000 RTP/AVP 96", '6: "m=video 70000 RTP/AVP 96": expected a port from 1 to 65535, got 70000'],
    ["m=video 5004", '6: "m=video 5004": expected RTP/AVP behind the port, got nothing'],
    ["m=video 5004 96", '6: "m=video 5004 96": expected RTP/AVP behind the port, got "96"'],
    ["m=video 5004 RTP/SAVP 96", "6: m=video is encrypted (RTP/SAVP): keys are not read from descriptions"],
  ];
  for (const [line, problem] of cases) {
    test(line, () => {
      const lines = WHOLE.with(5, line);
      expect(said(lines)).toEqual([problem]);
      expect(received(lines)).toEqual(["audio 239.255.9.5:5006+5007"]);
    });
  }
  test("m= without payload types takes those of a=rtpmap", () => {
    expect(received(WHOLE.with(5, "m=video 5004 RTP/AVP"))[0]).toBe("video 239.255.9.5:5004+5005");
    expect(said(WHOLE.with(5, "m=video 5004 RTP/AVP").toSpliced(6, 1))).toEqual([
      '6: "m=video 5004 RTP/AVP": expected payload types behind RTP/AVP',
    ]);
  });
});

test("a c= line that cannot be read is named", () => {
  expect(said(WHOLE.with(3, "c=IN 239.255.9.5"))).toEqual([
    '4: expected c=IN IP4 and an address, got "c=IN 239.255.9.5"',
    '4: expected c=IN IP4 and an address, got "c=IN 239.255.9.5"',
  ]);
  expect(said(WHOLE.toSpliced(3, 1).toSpliced(5, 0, "c=oops"))[0]).toBe(
    '6: expected c=IN IP4 and an address, got "c=oops"',
  );
});

test("RTCP may have a port of its own, or share that of RTP", () => {
  expect(received([...WHOLE, "a=rtcp:6000"])[1]).toBe("audio 239.255.9.5:5006+6000");
  expect(received([...WHOLE, "a=rtcp-mux"])[1]).toBe("audio 239.255.9.5:5006+5006");
});

test("a transport stream without RTP is received too", () => {
  expect(received(["v=0", "c=IN IP4 239.1.1.1", "m=video 5000 UDP 33"])).toEqual([
    "video 239.1.1.1:5000+5001",
  ]);
});

describe("what is no description", () => {
  for (
    const [what, text, problem] of [
      ["nothing", "", "1: the description is empty"],
      ["blank lines", "\r\n \n", "1: the description is empty"],
      ["a web page", "\n<html>", '2: expected v=0 as a description begins, got "<html>"'],
      ["a long line", "x".repeat(100), `1: expected v=0 as a description begins, got "${"x".repeat(60)}…"`],
    ] as const
  ) test(what, () => expect(said([text])).toEqual([problem]));
});
