import { CLIP_FRAMES_PER_SECOND, readClip } from "../../src/app/demo/clip.ts";
import type { Track } from "../../src/media/track.ts";
import { describeAac, encodeAudioSpecificConfig } from "../../src/wire/codec/aac/audio_specific_config.ts";
import type { TsFrame } from "../../src/wire/container/ts/mux/frame.ts";
import { openProgram, type ProgramSettings } from "../../src/wire/container/ts/mux/program.ts";
import { TsStreamWriter } from "../../src/wire/container/ts/mux/stream.ts";
import { encodeRtp } from "../../src/wire/protocol/rtp/packet.ts";
import { readFileSync } from "node:fs";

const CLIP = new URL("../../src/app/demo/clip/", import.meta.url).pathname;
const read = (name: string) => new Uint8Array(readFileSync(`${CLIP}${name}`));

/** Longer by bytes behind its last unit, which readers that do not decode carry through; at least `bytes` long. */
function padded(frame: Uint8Array, bytes: number): Uint8Array {
  if (frame.length >= bytes) return frame;
  const out = new Uint8Array(bytes).fill(0xff);
  out.set(frame);
  const view = new DataView(out.buffer);
  let last = 0;
  for (let at = 0; at < frame.length; at += 4 + view.getUint32(at)) last = at;
  view.setUint32(last, bytes - last - 4);
  return out;
}

/**
 * The demo clip, H.264 and AAC, as a transport stream of `seconds`; it goes round as often as needed. `pictureBytes`: each
 * picture is made at least so long.
 */
export function clipTs(
  seconds: number,
  settings: ProgramSettings = {},
  pictureBytes = 0,
): Uint8Array<ArrayBuffer> {
  const { video, description, audio, audioConfig } = readClip(read("clip.h264"), read("clip.aac"));
  const config = encodeAudioSpecificConfig(audioConfig);
  const sound = describeAac(config);
  if (sound.kind !== "ok") throw new Error("the clip's sound cannot be described");
  const base = { language: "und" };
  const tracks: Track[] = [
    { ...base, ...description, kind: "video", id: 0, timescale: 90_000 },
    { ...base, ...sound.value, kind: "audio", id: 1, timescale: sound.value.sampleRate },
  ];
  const rate = sound.value.sampleRate;
  const frames: (TsFrame & { readonly at: number })[] = [];
  for (let i = 0; i < seconds * CLIP_FRAMES_PER_SECOND; i++) {
    const { data: picture, key } = video[i % video.length]!;
    const data = padded(picture, pictureBytes);
    const dts = i * 3600;
    frames.push({ track: 0, dts, ptsOffset: 0, duration: 3600, key, data, at: dts / 90_000 });
  }
  for (let i = 0; i * 1024 < seconds * rate; i++) {
    const dts = i * 1024;
    const data = audio[i % audio.length]!;
    frames.push({ track: 1, dts, ptsOffset: 0, duration: 1024, key: true, data, at: dts / rate });
  }
  frames.sort((a, b) => a.at - b.at);
  const writer = new TsStreamWriter(openProgram(tracks, settings));
  const out: Uint8Array[] = frames.map((frame) => {
    const piece = new Uint8Array(writer.size([frame]));
    writer.write(piece, 0, [frame]);
    return piece;
  });
  const whole = new Uint8Array(out.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of out) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A transport stream as datagrams of seven packets. */
export function tsDatagrams(ts: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; at < ts.length; at += 1316) out.push(ts.slice(at, at + 1316));
  return out;
}

/** The same in RTP, RFC 2250, numbered from `sequence` on. */
export function rtpDatagrams(ts: Uint8Array, sequence = 0, ssrc = 0x5eed): Uint8Array[] {
  return tsDatagrams(ts).map((payload, i) =>
    encodeRtp({
      payloadType: 33,
      marker: false,
      sequence: (sequence + i) & 0xffff,
      timestamp: (i * 225) >>> 0,
      ssrc,
      payload,
    })
  );
}
