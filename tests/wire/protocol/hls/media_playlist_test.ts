import { expect, test } from "bun:test";
import { wallMillis } from "../../../../src/base/units.ts";
import {
  type MediaPlaylist,
  type PlaylistPart,
  type PlaylistSegment,
  printMediaPlaylist,
  skippable,
} from "../../../../src/wire/protocol/hls/media_playlist.ts";
import { readPlaylist } from "./read_playlist.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function part(uri: string, more: Partial<PlaylistPart> = {}): PlaylistPart {
  return { uri, seconds: 0.2, independent: false, gap: false, ...more };
}

function segment(n: number, more: Partial<PlaylistSegment> = {}): PlaylistSegment {
  return {
    uri: `e/${n}.m4s`,
    seconds: 2,
    programDateTime: wallMillis(START + n * 2000),
    discontinuity: false,
    gap: false,
    map: "e/init-1.mp4",
    parts: [],
    ...more,
  };
}

function playlist(more: Partial<MediaPlaylist> = {}): MediaPlaylist {
  return {
    targetSeconds: 2,
    partTargetSeconds: 0.2,
    mediaSequence: 7,
    discontinuitySequence: 0,
    segments: [segment(7), segment(8)],
    hint: undefined,
    reports: [],
    ...more,
  };
}

test("printMediaPlaylist() prints every tag of a low-latency playlist where RFC 8216bis wants it", () => {
  const text = printMediaPlaylist(playlist({
    discontinuitySequence: 3,
    segments: [
      segment(7),
      segment(8, {
        discontinuity: true,
        map: "e/init-2.mp4",
        parts: [part("e/8.0.m4s", { independent: true })],
      }),
      segment(9, { uri: undefined, map: "e/init-2.mp4", parts: [part("e/9.0.m4s", { gap: true })] }),
    ],
    hint: "e/9.1.m4s",
    reports: [{ uri: "../1/index.m3u8", lastMsn: 9, lastPart: 0 }],
  }));
  expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=0.601
#EXT-X-PART-INF:PART-TARGET=0.2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-MAP:URI="e/init-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:19.678Z
#EXTINF:2.00000,
e/7.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="e/init-2.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:21.678Z
#EXT-X-PART:DURATION=0.2,URI="e/8.0.m4s",INDEPENDENT=YES
#EXTINF:2.00000,
e/8.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:23.678Z
#EXT-X-PART:DURATION=0.2,URI="e/9.0.m4s",GAP=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="e/9.1.m4s"
#EXT-X-RENDITION-REPORT:URI="../1/index.m3u8",LAST-MSN=9,LAST-PART=0
`);
});

test("m3u8-parser reads back what printMediaPlaylist() wrote", () => {
  const manifest = readPlaylist(printMediaPlaylist(playlist({
    segments: [segment(7), segment(8, { parts: [part("a"), part("b")] })],
    reports: [{ uri: "../1/index.m3u8", lastMsn: 8, lastPart: undefined }],
    hint: "c",
  })));
  expect(manifest.targetDuration).toBe(2);
  expect(manifest.mediaSequence).toBe(7);
  expect(manifest.partTargetDuration).toBe(0.2);
  expect(manifest.serverControl).toEqual({
    canBlockReload: true,
    canSkipUntil: 12,
    partHoldBack: 0.601,
    holdBack: 6,
  });
  expect(manifest.segments.map((s) => s.uri)).toEqual(["e/7.m4s", "e/8.m4s"]);
  expect(manifest.segments[1]?.parts?.map((p) => p.uri)).toEqual(["a", "b"]);
  expect(manifest.segments[1]?.map.uri).toBe("e/init-1.mp4");
  expect(manifest.segments[0]?.programDateTime).toBe(START + 14_000);
});

test("printMediaPlaylist() marks a segment without media with EXT-X-GAP", () => {
  const text = printMediaPlaylist(playlist({ segments: [segment(7, { gap: true, map: undefined })] }));
  expect(text).toContain("#EXT-X-GAP\n#EXTINF:2.00000,\ne/7.m4s");
  expect(text).not.toContain("EXT-X-MAP");
});

test("printMediaPlaylist() repeats no EXT-X-MAP across a segment without one", () => {
  const text = printMediaPlaylist(playlist({
    segments: [segment(7), segment(8, { gap: true, map: undefined }), segment(9)],
  }));
  expect(text.match(/EXT-X-MAP/g)?.length).toBe(1);
});

test("printMediaPlaylist() says nothing of an open segment without parts", () => {
  const text = printMediaPlaylist(playlist({ segments: [segment(7), segment(8, { uri: undefined })] }));
  expect(text.match(/PROGRAM-DATE-TIME/g)?.length).toBe(1);
});

test("PART-HOLD-BACK is at least three part targets, and no part is longer than PART-TARGET", () => {
  for (const partTargetSeconds of [0.2, 0.2133333333, 1 / 3, 0.5005, 0.0999999]) {
    const text = printMediaPlaylist(playlist({ partTargetSeconds }));
    const target = Number(/PART-TARGET=([0-9.]+)/.exec(text)?.[1]);
    expect(target).toBeGreaterThanOrEqual(partTargetSeconds);
    expect(target - partTargetSeconds).toBeLessThan(2e-6);
    expect(Number(/PART-HOLD-BACK=([0-9.]+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(3 * target);
  }
});

const TWENTY = playlist({ segments: Array.from({ length: 20 }, (_, n) => segment(7 + n)) });

test("a delta update leaves out what ends before the skip boundary, and nothing else", () => {
  const skip = skippable(TWENTY);
  expect(skip).toBe(14); // 6 segments of 2 s are the last 12 s
  const delta = printMediaPlaylist(TWENTY, skip);
  expect(delta).toContain("#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-SKIP:SKIPPED-SEGMENTS=14\n");
  expect(delta.match(/EXTINF/g)?.length).toBe(6);
  expect(delta).not.toContain("EXT-X-MAP"); // it was on a segment that is skipped
  const whole = printMediaPlaylist(TWENTY);
  expect(whole.endsWith(delta.slice(delta.indexOf("#EXT-X-PROGRAM-DATE-TIME")))).toBe(true);
});

test("a delta update has the EXT-X-MAP that changes after the skipped segments", () => {
  const segments = TWENTY.segments.map((s, n) => n < 16 ? s : { ...s, map: "e/init-2.mp4" });
  expect(printMediaPlaylist({ ...TWENTY, segments }, 14).match(/init-2/g)?.length).toBe(1);
});

test("skippable() is 0 for a short playlist and counts parts of the open segment", () => {
  expect(skippable(playlist())).toBe(0);
  const open = segment(27, { uri: undefined, seconds: 99, parts: [part("a"), part("b")] });
  expect(skippable({ ...TWENTY, segments: [...TWENTY.segments, open] })).toBe(14);
});
