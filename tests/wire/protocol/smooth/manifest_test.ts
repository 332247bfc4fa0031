import { expect, test } from "bun:test";
import { encodeLiveBoxes } from "../../../../src/wire/protocol/smooth/live_boxes.ts";
import { printSmoothManifest } from "../../../../src/wire/protocol/smooth/manifest.ts";

test("printSmoothManifest() writes what MS-SSTR, 2.2.2 wants of a live presentation", () => {
  const text = printSmoothManifest({
    lookAhead: 1,
    windowSeconds: 20,
    streams: [{
      type: "video",
      name: "video",
      language: undefined,
      timescale: 90_000,
      levels: [{
        bitRate: 2_000_000,
        fourCC: "H264",
        codecPrivateData: Uint8Array.of(0, 0, 0, 1, 0x67, 0xab),
        width: 1280,
        height: 720,
        sampleRate: 0,
        channels: 0,
      }],
      fragments: [{ start: 180_000, length: 180_000 }, { start: 360_000, length: 180_000 }],
    }, {
      type: "audio",
      name: "audio",
      language: "eng",
      timescale: 48_000,
      levels: [{
        bitRate: 128_001,
        fourCC: "AACL",
        codecPrivateData: Uint8Array.of(0x11, 0x90),
        width: 0,
        height: 0,
        sampleRate: 48_000,
        channels: 2,
      }],
      fragments: [],
    }],
  });
  expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<SmoothStreamingMedia MajorVersion="2" MinorVersion="2" TimeScale="10000000" Duration="0" IsLive="TRUE" LookAheadFragmentCount="1" DVRWindowLength="200000000" CanSeek="TRUE" CanPause="TRUE">
  <StreamIndex Type="video" Name="video" TimeScale="90000" Chunks="2" QualityLevels="1" MaxWidth="1280" MaxHeight="720" DisplayWidth="1280" DisplayHeight="720" Url="QualityLevels({bitrate})/Fragments(video={start time})">
    <QualityLevel Index="0" Bitrate="2000000" FourCC="H264" MaxWidth="1280" MaxHeight="720" CodecPrivateData="0000000167AB"/>
    <c t="180000" d="180000"/>
    <c t="360000" d="180000"/>
  </StreamIndex>
  <StreamIndex Type="audio" Name="audio" Language="eng" TimeScale="48000" Chunks="0" QualityLevels="1" Url="QualityLevels({bitrate})/Fragments(audio={start time})">
    <QualityLevel Index="0" Bitrate="128001" FourCC="AACL" SamplingRate="48000" Channels="2" BitsPerSample="16" PacketSize="4" AudioTag="255" CodecPrivateData="1190"/>
  </StreamIndex>
</SmoothStreamingMedia>
`);
});

test("encodeLiveBoxes() writes a fragment's own time, and the next one's", () => {
  const hex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  const tfxd = "0000002c" + "75756964" + "6d1d9b0542d544e680e2141daff757b2" + "01000000";
  const tfrf = "75756964" + "d4807ef2ca3946958e5426cb9e46a79f" + "01000000";
  expect(hex(encodeLiveBoxes({ start: 2 ** 32 + 5, length: 9 }, [{ start: 2 ** 32 + 14, length: 8 }]))).toBe(
    tfxd + "00000001000000050000000000000009" + "0000002d" + tfrf + "01" + "000000010000000e0000000000000008",
  );
  expect(hex(encodeLiveBoxes({ start: 1, length: 2 }, [])).slice(88)).toBe("0000001d" + tfrf + "00");
});
