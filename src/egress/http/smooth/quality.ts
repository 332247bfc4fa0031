import { joinBytes } from "../../../base/bytes.ts";
import type { AudioTrack, Track, VideoTrack } from "../../../media/track.ts";
import { decodeAvcConfig } from "../../../wire/codec/h264/avcc.ts";
import { decodeHevcConfig } from "../../../wire/codec/h265/hvcc.ts";
import type { QualityLevel } from "../../../wire/protocol/smooth/manifest.ts";

/** Name of a codec, and what a decoder wants before the first frame: MS-SSTR, 2.2.2.5. */
interface CodecData {
  readonly fourCC: string;
  readonly data: Uint8Array;
}

/** Track numbers are below this: they are the last digits of a bit rate. */
const TRACKS = 1000;

/** A track as a quality level; undefined for one that has no form in Smooth Streaming. */
export function qualityOf(id: number, track: Track, bitRate: number): QualityLevel | undefined {
  const codec = codecData(track);
  if (codec === undefined || id >= TRACKS) return undefined;
  const { width = 0, height = 0 } = track as Partial<VideoTrack>;
  const { sampleRate = 0, channels = 0 } = track as Partial<AudioTrack>;
  return {
    bitRate: addressedRate(id, bitRate),
    fourCC: codec.fourCC,
    codecPrivateData: codec.data,
    width,
    height,
    sampleRate,
    channels,
  };
}

/** Whether a track has a form in Smooth Streaming. */
export function inSmooth(track: Track): boolean {
  return codecData(track) !== undefined;
}

/**
 * Fragments are addressed by their track's bit rate, which is measured and changes: its last digits are the track's
 * number, so that an address means the same track for ever.
 */
function addressedRate(id: number, bitRate: number): number {
  return Math.max(1, Math.round(bitRate / TRACKS)) * TRACKS + id;
}

/** Number of the track that a bit rate in an address stands for. */
export function trackOfRate(bitRate: number): number {
  return bitRate % TRACKS;
}

function codecData(track: Track): CodecData | undefined {
  switch (track.codec) {
    case "h264": {
      const config = decodeAvcConfig(track.config);
      if (config.kind !== "ok") return undefined;
      return { fourCC: "H264", data: annexB([...config.value.sps, ...config.value.pps]) };
    }
    case "h265": {
      const config = decodeHevcConfig(track.config);
      if (config.kind !== "ok") return undefined;
      const { vps, sps, pps } = config.value;
      return { fourCC: "HVC1", data: annexB([...vps, ...sps, ...pps]) };
    }
    case "aac":
      return { fourCC: "AACL", data: track.config };
    default:
      return undefined;
  }
}

function annexB(sets: readonly Uint8Array[]): Uint8Array {
  return joinBytes(sets.flatMap((set) => [Uint8Array.of(0, 0, 0, 1), set]));
}
