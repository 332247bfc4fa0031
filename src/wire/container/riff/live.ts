// Microsoft, Multimedia Programming Interface and Data Specifications 1.0, chapter 3: WAVE.
import { ByteWriter } from "../../../base/bytes.ts";
import type { AudioTrack, Track } from "../../../media/track.ts";
import { putSwapped16 } from "../endian.ts";
import { checkRoom, type ContainerFormat, type MuxFrame } from "../live_muxer.ts";
import { PlainMuxer, refuseAllBut } from "../single_track.ts";
import { encodeWaveFormat } from "./wave_format.ts";

const CODECS = ["alaw", "ulaw", "l16"] as const;
/** Length of something that does not end; players then read on until there is nothing more. */
const ENDLESS = 0xffffffff;

/**
 * RIFF and `WAVE`, `fmt ` and the beginning of `data`. `fact`, the number of samples of coded sound, is left away as there
 * is no such number: ffmpeg does the same in pipes.
 */
export function encodeWaveHeader(track: AudioTrack): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter(64);
  const le32 = (v: number) => w.u8(v).u8(v >>> 8).u8(v >>> 16).u8(v >>> 24);
  const format = encodeWaveFormat(track);
  const pcm = track.codec === "l16";
  w.latin1("RIFF");
  le32(ENDLESS);
  w.latin1("WAVEfmt ");
  // PCM leaves the size of extra bytes away.
  le32(pcm ? 16 : format.length);
  w.bytes(pcm ? format.subarray(0, 16) : format);
  w.latin1("data");
  le32(ENDLESS);
  return w.take();
}

/** L16 is big-endian, WAVE little-endian. */
class SwappingMuxer extends PlainMuxer {
  override write(out: Uint8Array, at: number, frame: MuxFrame): number {
    checkRoom(out, at, frame.data.length);
    const size = putSwapped16(out, at, frame.data);
    this.entry = size > 0;
    return size;
  }
}

export const WAV_FORMAT: ContainerFormat = {
  name: "wav",
  codecs: CODECS,
  joinable: true,
  mimeType: () => "audio/wav",
  refuse: (tracks) => refuseAllBut(tracks, CODECS, "WAV"),
  open(tracks: readonly Track[]) {
    const track = tracks[0] as AudioTrack;
    const header = encodeWaveHeader(track);
    return track.codec === "l16" ? new SwappingMuxer(header) : new PlainMuxer(header);
  },
};
