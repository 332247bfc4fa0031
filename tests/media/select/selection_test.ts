import { expect, test } from "bun:test";
import type { Codec } from "../../../src/media/codec.ts";
import { kindOf } from "../../../src/media/codec.ts";
import { languageCode } from "../../../src/media/select/language.ts";
import type { SelectableTrack } from "../../../src/media/select/selectable_track.ts";
import {
  isBadSelection,
  parseSelection,
  SELECTOR_ITEMS_MAX,
  SELECTOR_MAX,
  selectTracks,
} from "../../../src/media/select/selection.ts";
import type { Track } from "../../../src/media/track.ts";

interface Row {
  readonly codec: Codec;
  readonly bitRate?: number;
  readonly size?: readonly [number, number];
  readonly channels?: number;
  readonly language?: string;
  readonly reordered?: boolean;
}

const ROWS: readonly Row[] = [
  { codec: "h264", bitRate: 4e6, size: [1920, 1080], reordered: true }, // 0
  { codec: "h264", bitRate: 1.2e6, size: [1280, 720] }, // 1
  { codec: "h265", bitRate: 3e5, size: [640, 360] }, // 2
  { codec: "aac", bitRate: 128e3, channels: 2, language: "eng" }, // 3
  { codec: "aac", bitRate: 64e3, channels: 1, language: "deu" }, // 4
  { codec: "alaw", bitRate: 64e3, channels: 1, language: "und" }, // 5
  { codec: "ac3", bitRate: 384e3, channels: 6, language: "ger" }, // 6
  { codec: "teletext", language: "nld" }, // 7
  { codec: "json" }, // 8
  { codec: "onvif" }, // 9
];

const TRACKS: readonly SelectableTrack[] = ROWS.map((row, id) => {
  const { codec, bitRate = 0, size = [0, 0], channels = 0, language = "und" } = row;
  const base = { id, codec, config: new Uint8Array(0), codecString: "", language };
  const kind = kindOf(codec);
  const track: Track = kind === "video"
    ? { ...base, kind, timescale: 90_000, width: size[0], height: size[1], frameRate: 25 }
    : kind === "audio"
    ? { ...base, kind, timescale: 48_000, sampleRate: 48_000, channels }
    : { ...base, kind, timescale: 90_000 };
  return { id, track, bitRate, reordered: row.reordered ?? false };
});

function select(query: string, playable: (t: SelectableTrack) => boolean = () => true): readonly number[] {
  const parameters = new URLSearchParams(query);
  const selection = parseSelection((name) => parameters.get(name) ?? undefined);
  if (isBadSelection(selection)) throw new Error(selection.error);
  return selectTracks(TRACKS, selection, { playable }).map((t) => t.id);
}

const cases: readonly (readonly [name: string, query: string, ids: readonly number[]])[] = [
  ["the first of video and audio where nothing is said", "", [0, 3]],
  ["the default where a parameter is empty", "audio=&video=", [0, 3]],
  ["none of a kind", "audio=none", [0]],
  ["none of a kind, as -1", "video=-1", [3]],
  ["a number", "video=1&audio=none", [1]],
  ["an id", "audio=i4&video=none", [4]],
  ["no audio by a video's number", "audio=1&video=none", []],
  ["all of a kind", "video=all&audio=*", [0, 1, 2, 3, 4, 5, 6]],
  ["the highest bit rate", "video=maxbps&audio=bestbps", [0, 6]],
  ["the highest bit rate by its third name", "audio=highbps&video=none", [6]],
  ["the lowest bit rate, the first of equals", "video=minbps&audio=minbps", [2, 4]],
  ["bit rates below", "video=<2mbps&audio=<100kbps", [1, 2, 4, 5]],
  ["bit rates above", "video=>1mbps&audio=>100000bps", [0, 1, 3, 6]],
  ["the nearest bit rate", "video=1000kbps&audio=130kbps", [1, 3]],
  ["the nearest bit rate with a tilde", "video=~3.9mbps&audio=none", [0]],
  ["the best at or under a bit rate", "video=max<1.2mbps&audio=max<100kbps", [1, 4]],
  ["nothing at or under a bit rate that all are above", "video=max<1kbps&audio=none", []],
  ["the largest picture", "video=maxres&audio=none", [0]],
  ["the smallest picture", "video=minres&audio=none", [2]],
  ["an exact size", "video=1280x720&audio=none", [1]],
  ["a size that is not there", "video=1280x721&audio=none", []],
  ["lines", "video=720p&audio=none", [1]],
  ["the nearest lines", "video=~700p&audio=eng", [1, 3]],
  ["the nearest size", "video=~4k&audio=none", [0]],
  ["smaller pictures", "video=<1280x720&audio=none", [2]],
  ["larger pictures", "video=>360p&audio=none", [0, 1]],
  ["mono", "audio=mono&video=none", [4, 5]],
  ["stereo", "audio=stereo&video=none", [3]],
  ["surround", "audio=surround&video=none", [6]],
  ["a number of channels", "audio=6ch&video=none", [6]],
  ["reordered pictures", "video=bframes&audio=none", [0]],
  ["a language by two letters", "audio=de&video=none", [4, 6]],
  ["a language by three letters", "audio=DEU&video=none", [4, 6]],
  ["a language by its bibliographic code", "audio=ger&video=none", [4, 6]],
  ["a codec", "audio=aac&video=H265", [2, 3, 4]],
  ["a codec by another name", "audio=PCMA&video=hevc", [2, 5]],
  ["a codec with a dot", "video=h.264&audio=none", [0, 1]],
  ["several items", "video=720p,360p&audio=eng,ac3", [1, 2, 3, 6]],
  ["a narrowed list", "video=h264,|minbps&audio=de,|maxbps", [1, 6]],
  ["a list with something taken away", "video=all,!maxbps&audio=all,!aac", [1, 2, 5, 6]],
  ["a leading exclamation mark as all but", "video=!maxres&audio=!alaw", [1, 2, 3, 4, 6]],
  ["a leading bar as all narrowed", "video=|720p&audio=none", [1]],
  ["lists from left to right", "video=none,all,!720p,720p,|<1mbps&audio=none", [2]],
  ["subtitles by name only", "subtitle=dut&video=none&audio=none", [7]],
  ["metadata by name only", "meta=json&video=none&audio=none", [8]],
  ["metadata beside the defaults", "meta=all", [0, 3, 8, 9]],
  ["tracks of every kind and nothing else", "track=2,4,8", [2, 4, 8]],
  ["tracks and a kind", "track=8&audio=eng", [3, 8]],
  ["spaces around items", "video= 720p , 360p &audio=none", [1, 2]],
];

for (const [name, query, ids] of cases) {
  test(`selectTracks() gives ${name}: ${query}`, () => expect(select(query)).toEqual(ids));
}

test("selectTracks() gives nothing that the output cannot carry", () => {
  const playable = ({ track }: SelectableTrack) => track.codec !== "h264" && track.codec !== "ac3";
  expect(select("", playable)).toEqual([2, 3]);
  expect(select("video=maxbps&audio=maxbps", playable)).toEqual([2, 3]);
  expect(select("video=0&audio=none", playable)).toEqual([]);
});

test("selectTracks() gives all of a kind that was not spoken of to outputs that want them", () => {
  const options = { playable: () => true, kinds: ["audio", "meta"] as const, several: true };
  expect(selectTracks(TRACKS, {}, options).map((t) => t.id)).toEqual([3, 4, 5, 6, 8, 9]);
});

const bad: readonly (readonly [query: string, error: string])[] = [
  ["video=huge", 'video: cannot read "huge"'],
  ["audio=eng,,aac", 'audio: cannot read ""'],
  ["audio=eng,|12x", 'audio: cannot read "|12x"'],
  ["meta=!", 'meta: cannot read "!"'],
  ["subtitle=<5", 'subtitle: cannot read "<5"'],
  ["track=0x", 'track: cannot read "0x"'],
  ["video=max>3mbps", 'video: cannot read "max>3mbps"'],
  [`video=${"1,".repeat(SELECTOR_ITEMS_MAX)}1`, `video: more than ${SELECTOR_ITEMS_MAX} items`],
  [`video=${"1".repeat(SELECTOR_MAX + 1)}`, `video: longer than ${SELECTOR_MAX} characters`],
];

for (const [query, error] of bad) {
  test(`parseSelection() refuses ${query.slice(0, 30)}`, () => {
    const parameters = new URLSearchParams(query);
    expect(parseSelection((name) => parameters.get(name) ?? undefined)).toEqual({ error });
  });
}

test("languageCode() knows a language by all its codes", () => {
  const same = (...codes: string[]) => expect(new Set(codes.map(languageCode)).size).toBe(1);
  same("de", "deu", "ger", "DE");
  same("en", "eng");
  same("nl", "nld", "dut");
  same("zh", "zho", "chi");
  expect(languageCode("und")).toBe("und");
  expect(languageCode("")).toBe("");
  expect(languageCode("no such")).toBe("no such");
});
