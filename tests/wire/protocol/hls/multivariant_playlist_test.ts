import { expect, test } from "bun:test";
import {
  type MultivariantPlaylist,
  printMultivariantPlaylist,
} from "../../../../src/wire/protocol/hls/multivariant_playlist.ts";
import { readPlaylist } from "./read_playlist.ts";

const CAMERA: MultivariantPlaylist = {
  independentSegments: true,
  comments: ["track 2, ONVIF\nmetadata, is left out"],
  audio: [{
    uri: "1/index.m3u8",
    group: "audio",
    name: 'Hall "A"',
    language: "deu",
    channels: 2,
    isDefault: true,
  }],
  variants: [{
    uri: "0/index.m3u8",
    bandwidth: 2_000_000.2,
    averageBandwidth: 1_500_000,
    codecs: ["avc1.64001F", "mp4a.40.2"],
    resolution: { width: 1280, height: 720 },
    frameRate: 30000 / 1001,
    audio: "audio",
  }],
};

test("printMultivariantPlaylist() prints variants with their audio", () => {
  expect(printMultivariantPlaylist(CAMERA)).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
# track 2, ONVIF metadata, is left out
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Hall A",LANGUAGE="deu",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="1/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2000001,AVERAGE-BANDWIDTH=1500000,CODECS="avc1.64001F,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.97,AUDIO="audio"
0/index.m3u8
`);
});

test("m3u8-parser reads back what printMultivariantPlaylist() wrote", () => {
  const { playlists = [], mediaGroups } = readPlaylist(printMultivariantPlaylist(CAMERA));
  expect(playlists.length).toBe(1);
  expect(playlists[0]?.uri).toBe("0/index.m3u8");
  expect(playlists[0]?.attributes).toMatchObject({
    BANDWIDTH: 2000001,
    CODECS: "avc1.64001F,mp4a.40.2",
    RESOLUTION: { width: 1280, height: 720 },
    "FRAME-RATE": 29.97,
    AUDIO: "audio",
  });
  expect(mediaGroups?.AUDIO["audio"]?.["Hall A"]).toMatchObject({
    default: true,
    uri: "1/index.m3u8",
    language: "deu",
  });
});

test("printMultivariantPlaylist() leaves out what is unknown", () => {
  const text = printMultivariantPlaylist({
    independentSegments: false,
    comments: [],
    audio: [],
    variants: [{
      uri: "0/index.m3u8",
      bandwidth: 64000,
      averageBandwidth: 64000,
      codecs: ["opus"],
      resolution: undefined,
      frameRate: undefined,
      audio: undefined,
    }],
  });
  expect(text).toBe(
    '#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:BANDWIDTH=64000,AVERAGE-BANDWIDTH=64000,CODECS="opus"\n0/index.m3u8\n',
  );
});
