import { expect, test } from "bun:test";
import {
  chooseTracks,
  codecsOf,
  outputOf,
  PROGRESSIVE_OUTPUTS,
} from "../../../../src/egress/http/progressive/outputs.ts";
import { notCarried } from "../../../../src/egress/http/progressive/not_carried.ts";
import type { Codec } from "../../../../src/media/codec.ts";
import type { SelectableTrack } from "../../../../src/media/select/selectable_track.ts";
import { isBadSelection, parseSelection } from "../../../../src/media/select/selection.ts";
import { sampleTrack } from "../../../wire/container/random_frames.ts";

const tracksOf = (...codecs: readonly Codec[]): readonly SelectableTrack[] =>
  codecs.map((codec, id) => ({ id, track: sampleTrack(codec, { id }), bitRate: 0 }));

/** Numbers of the tracks that a viewer of `/NAME.extension?query` gets, or why none. */
function choose(extension: string, query: string, tracks: readonly SelectableTrack[]) {
  const output = outputOf(extension);
  if (output === undefined) throw new Error(`no output ${extension}`);
  const parameters = new URLSearchParams(query);
  const selection = parseSelection((name) => parameters.get(name) ?? undefined);
  if (isBadSelection(selection)) throw new Error(selection.error);
  const chosen = chooseTracks(output, tracks, selection);
  return typeof chosen === "string" ? chosen : chosen.map((t) => t.id);
}

const NONE = "there is no such track that it can carry";
const CAMERA = tracksOf("h264", "alaw", "onvif");
const PHONE = tracksOf("vp8", "opus");
const RICH = tracksOf("h265", "aac", "aac", "subtitle", "json", "jpeg", "ac3");

const cases: readonly (readonly [extension: string, query: string, tracks: typeof CAMERA, ids: unknown])[] = [
  ["mp4", "", CAMERA, [0, 1]],
  ["ts", "", CAMERA, [0]],
  ["wav", "", CAMERA, [1]],
  ["flac", "", CAMERA, [1]],
  ["h264", "", CAMERA, [0]],
  ["h265", "", CAMERA, NONE],
  ["aac", "", CAMERA, NONE],
  ["json", "", CAMERA, [2]],
  ["mkv", "", CAMERA, [0, 1]],
  ["flv", "", CAMERA, [0, 1]],
  ["webm", "", CAMERA, NONE],
  ["mp4", "audio=none", CAMERA, [0]],
  ["mp4", "video=none&audio=aac", CAMERA, NONE],
  ["webm", "", PHONE, [0, 1]],
  ["ogg", "", PHONE, [1]],
  ["OPUS", "", PHONE, [1]],
  ["mp4", "", RICH, [0, 1]],
  ["mp4", "audio=all", RICH, [0, 1, 2, 6]],
  ["aac", "", RICH, [1]],
  ["aac", "audio=2", RICH, [2]],
  ["aac", "audio=all", RICH, "an ADTS stream has room for one track"],
  ["vtt", "", RICH, [3]],
  ["vtt", "", tracksOf("json", "subtitle"), [1]],
  ["vtt", "", tracksOf("json"), NONE],
  ["srt", "track=3", RICH, [3]],
  ["json", "", RICH, [3, 4]],
  ["json", "subtitle=none", RICH, [4]],
  ["mjpg", "", RICH, [5]],
  ["ts", "video=none&audio=ac3", RICH, [6]],
];

for (const [extension, query, tracks, ids] of cases) {
  const has = tracks.map((t) => t.track.codec).join(" ");
  test(`.${extension}?${query} of ${has}`, () =>
    expect(choose(extension, query, tracks)).toEqual(ids as never));
}

test("what is refused together is given alone where nothing was asked for by name", () => {
  const tracks = tracksOf("opus", "flac");
  const both = { ...outputOf("flac"), several: true, codecs: ["opus", "flac"] as const };
  expect(chooseTracks(both as never, tracks, {})).toEqual([tracks[1]] as never);
});

test("every output has an extension of its own, codecs, and a line of help", () => {
  const extensions = PROGRESSIVE_OUTPUTS.flatMap((o) => o.extensions);
  expect(new Set(extensions).size).toBe(extensions.length);
  for (const output of PROGRESSIVE_OUTPUTS) {
    expect(codecsOf(output).length).toBeGreaterThan(0);
    expect(output.help).not.toEndWith(".");
  }
  expect(outputOf("exe")).toBeUndefined();
});

test("who asks for what a stream does not have learns what it has, and who carries it", () => {
  const output = outputOf("webm");
  if (output === undefined) throw new Error("no WebM");
  expect(notCarried("cam", output, CAMERA, NONE)).toBe(
    "Cannot give cam as webm: there is no such track that it can carry. It has H.264 (track 0), G.711 A-law (track 1), " +
      "ONVIF metadata (track 2). These carry it: cam.mp4 cam.ts cam.flv cam.mkv cam.wav cam.flac cam.h264 cam.json " +
      "hls/cam/index.m3u8",
  );
  expect(notCarried("cam", output, [], NONE)).toEndWith("It has no tracks.");
});
