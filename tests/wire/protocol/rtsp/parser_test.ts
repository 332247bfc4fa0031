import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import { RTSP_FIELDS_MAX, RTSP_LINE_MAX } from "../../../../src/wire/protocol/rtsp/head.ts";
import { printRequest, printResponse } from "../../../../src/wire/protocol/rtsp/message.ts";
import { RTSP_BODY_MAX, RTSP_HEAD_MAX, RtspParser } from "../../../../src/wire/protocol/rtsp/parser.ts";

const text = (s: string) => new TextEncoder().encode(s);

/** What a parser finds in pieces of `size` bytes, written as lines. */
function parse(bytes: Uint8Array, size = bytes.length): { found: string[]; bad: string | undefined } {
  const found: string[] = [];
  const parser = new RtspParser({
    request: (m) => found.push(`${m.method} ${m.uri} cseq=${m.headers.get("CSeq")} body=${m.body.length}`),
    response: (m) =>
      found.push(`${m.status} ${m.reason} cseq=${m.headers.get("CSeq")} ${new TextDecoder().decode(m.body)}`),
    interleaved: (channel, data) => found.push(`$${channel} ${Array.from(data).join(",")}`),
  });
  let bad: string | undefined;
  for (let at = 0; at < bytes.length && bad === undefined; at += Math.max(1, size)) {
    // a copy, overwritten afterwards: a view that is kept by mistake shows
    const piece = bytes.slice(at, at + Math.max(1, size));
    bad = parser.push(piece)?.why;
    piece.fill(0xee);
  }
  return { found, bad };
}

const frame = (channel: number, ...data: number[]) =>
  Uint8Array.of(0x24, channel, data.length >> 8, data.length, ...data);

const CASES: readonly { name: string; bytes: Uint8Array; found: string[] }[] = [
  {
    name: "a request",
    bytes: printRequest("DESCRIBE", "rtsp://h/a b", [["CSeq", "2"], ["Accept", "application/sdp"]]),
    found: ["DESCRIBE rtsp://h/a b cseq=2 body=0"],
  },
  {
    name: "a response with a body, then a frame, then a request",
    bytes: joinBytes([
      printResponse(200, "OK", [["CSeq", "3"]], text("v=0\r\n\r\n$")),
      frame(0, 1, 2, 3),
      printRequest("OPTIONS", "*", [["CSeq", "9"]], text("xyz")),
    ]),
    found: ["200 OK cseq=3 v=0\r\n\r\n$", "$0 1,2,3", "OPTIONS * cseq=9 body=3"],
  },
  {
    name: "CRLF in front of frames, and an empty frame",
    bytes: joinBytes([text("\r\n"), frame(0, 7), text("\r\n"), frame(3), text("\r\n"), frame(255, 8, 9)]),
    found: ["$0 7", "$3 ", "$255 8,9"],
  },
  {
    name: "LF only, odd case, blanks around values, a folded line, a line without a colon",
    bytes: text("RTSP/1.0 200 OK\nCseq:    4  \nContent-length: 2\nX-Long: a\n\tb\nstray\n\nhi"),
    found: ["200 OK cseq=4 hi"],
  },
  {
    name: "a status line without a reason, and RTSP/2.0",
    bytes: text("RTSP/1.0 404\r\nCSeq: 1\r\n\r\nRTSP/2.0 461  Unsupported Transport \r\nCSeq: 2\r\n\r\n"),
    found: ["404  cseq=1 ", "461 Unsupported Transport cseq=2 "],
  },
  {
    name: "LF and CRLF mixed at the end of the head",
    bytes: text("RTSP/1.0 200 OK\nCSeq: 1\n\r\nRTSP/1.0 200 OK\r\nCSeq: 2\r\n\n"),
    found: ["200 OK cseq=1 ", "200 OK cseq=2 "],
  },
  {
    name: "many frames and an answer among them",
    bytes: joinBytes([
      ...Array.from({ length: 40 }, (_, i) => frame(i % 4, i, i)),
      printResponse(200, "OK", [["CSeq", "5"]]),
      frame(1, 0x24, 0, 0, 1),
    ]),
    found: [...Array.from({ length: 40 }, (_, i) => `$${i % 4} ${i},${i}`), "200 OK cseq=5 ", "$1 36,0,0,1"],
  },
];

describe("RtspParser", () => {
  for (const c of CASES) {
    test(`reads ${c.name}, in pieces of any size`, () => {
      for (let size = 1; size <= c.bytes.length; size++) {
        expect(parse(c.bytes, size)).toEqual({ found: c.found, bad: undefined });
      }
    });

    test(`reads ${c.name}, cut in two anywhere`, () => {
      for (let cut = 0; cut <= c.bytes.length; cut++) {
        const found: string[] = [];
        const parser = new RtspParser({
          request: (m) => found.push(m.method),
          response: (m) => found.push(String(m.status)),
          interleaved: (channel) => found.push(`$${channel}`),
        });
        expect(parser.push(c.bytes.slice(0, cut))).toBeUndefined();
        expect(parser.push(c.bytes.slice(cut))).toBeUndefined();
        expect(found).toEqual(c.found.map((line) => line.split(" ")[0] as string));
      }
    });
  }

  test("hands a frame on without copying it", () => {
    const bytes = joinBytes([frame(0, 1, 2), frame(1, 3)]);
    const buffers: ArrayBufferLike[] = [];
    new RtspParser({ request() {}, response() {}, interleaved: (_c, data) => buffers.push(data.buffer) })
      .push(bytes);
    expect(buffers).toEqual([bytes.buffer, bytes.buffer]);
  });

  test("reads the largest frame in small pieces", () => {
    const data = Array.from({ length: 0xffff }, (_, i) => i & 255);
    const bytes = joinBytes([Uint8Array.of(0x24, 9, 0xff, 0xff), Uint8Array.from(data), frame(1, 5)]);
    expect(parse(bytes, 1001).found).toEqual([`$9 ${data.join(",")}`, "$1 5"]);
  });

  test("refuses what is no RTSP, with the place", () => {
    const parser = new RtspParser({ request() {}, response() {}, interleaved() {} });
    expect(parser.push(frame(0, 1))).toBeUndefined();
    expect(parser.push(Uint8Array.of(0x80, 0x60))).toEqual({
      kind: "bad",
      at: 5,
      why: "Cannot read an RTSP message that begins with byte 0x80",
    });
    // and stays so
    expect(parser.push(frame(0, 1))?.at).toBe(5);
  });

  for (
    const [name, bytes] of [
      ["a start line of something else", text("GET / HTTP/1.1\r\n\r\n")],
      ["a Content-Length that is no number", text("RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n")],
      ["a body over the limit", text(`RTSP/1.0 200 OK\r\nContent-Length: ${RTSP_BODY_MAX + 1}\r\n\r\n`)],
      ["a line over the limit", text(`RTSP/1.0 200 OK\r\nA: ${"x".repeat(RTSP_LINE_MAX)}\r\n\r\n`)],
      ["too many fields", text(`RTSP/1.0 200 OK\r\n${"A: 1\r\n".repeat(RTSP_FIELDS_MAX + 1)}\r\n`)],
      ["a head without end", text("A".repeat(RTSP_HEAD_MAX + 1))],
      ["a head over the limit", text(`RTSP/1.0 200 OK\r\n${"A: 1234567890\r\n".repeat(6000)}\r\n`)],
    ] as const
  ) {
    test(`refuses ${name}, whole and in pieces`, () => {
      expect(parse(bytes).bad).toBeString();
      expect(parse(bytes, 777).bad).toBe(parse(bytes).bad as string);
    });
  }

  test("takes a body at the limit", () => {
    const body = text("x".repeat(RTSP_BODY_MAX));
    expect(parse(printResponse(200, "OK", [], body), 60_000).found.length).toBe(1);
  });

  test("survives any bytes", () => {
    let state = 1;
    const next = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24;
    const seeds = CASES.map((c) => c.bytes);
    for (let i = 0; i < 2000; i++) {
      const bytes = (seeds[i % seeds.length] as Uint8Array).slice();
      for (let k = 0; k < 3; k++) bytes[next() % bytes.length] = next();
      parse(bytes, 1 + next() % 50);
    }
  });
});

describe("printRequest() and printResponse()", () => {
  test("write the fields as given", () => {
    const bytes = printRequest("PLAY", "rtsp://h/", [["CSeq", "1"], ["Range", "npt=0-"]]);
    expect(new TextDecoder().decode(bytes)).toBe(
      "PLAY rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\nRange: npt=0-\r\n\r\n",
    );
  });

  test("refuse a line end anywhere", () => {
    expect(() => printRequest("PLAY", "rtsp://h/\r\nX: y", [])).toThrow(RangeError);
    expect(() => printResponse(200, "OK", [["A", "b\nC: d"]])).toThrow("Cannot put a line end");
  });
});
