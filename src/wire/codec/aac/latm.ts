// ISO/IEC 14496-3, 1.7.3: low overhead audio transport multiplex, as RFC 6416 carries it.
import { BitReader, BitWriter } from "../../../base/bits.ts";
import { sameBytes } from "../../../base/bytes.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { decodeWhole } from "../whole_unit.ts";
import { ASC_MAX, readAudioSpecificConfig } from "./audio_specific_config.ts";

/** Longest AudioMuxElement that is read, in bytes. */
export const LATM_ELEMENT_MAX = 65_536;

/** StreamMuxConfig with one program of one layer; others are refused. */
export interface StreamMuxConfig {
  /** The AudioSpecificConfig, moved to a byte boundary. */
  readonly asc: Uint8Array;
  /** Access units of one AudioMuxElement, 1 to 64. */
  readonly subFrames: number;
  /** Bits of every access unit; 0 where each has its length before it. */
  readonly frameBits: number;
  /** Bits of other data at the end of an element. */
  readonly otherDataBits: number;
}

export interface AudioMuxElement {
  /** The configuration in force: a new object only where it differs from the one given. */
  readonly config: StreamMuxConfig;
  /** Raw access units, views where they lie on byte boundaries. */
  readonly accessUnits: readonly Uint8Array[];
}

/** `n` bits from bit offset `at`, moved to a byte boundary; a view where they lie on one already. */
function alignedBits(bytes: Uint8Array, at: number, n: number): Uint8Array {
  const first = at >> 3;
  const shift = at & 7;
  const length = (n + 7) >> 3;
  if (shift === 0 && (n & 7) === 0) return bytes.subarray(first, first + length);
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    out[i] = ((bytes[first + i] as number) << shift) | ((bytes[first + i + 1] ?? 0) >> (8 - shift));
  }
  const spare = length * 8 - n;
  if (spare > 0) out[length - 1] = (out[length - 1] as number) & (0xff << spare);
  return out;
}

/** LatmGetValue(). */
function readValue(r: BitReader): number {
  let value = 0;
  for (let n = r.bits(2) + 1; n > 0; n--) value = value * 256 + r.bits(8);
  return value;
}

function readStreamMuxConfig(bytes: Uint8Array, r: BitReader): StreamMuxConfig {
  const version = r.flag();
  if (version && r.flag()) throw new RangeError("audioMuxVersionA is 1");
  if (version) readValue(r); // taraBufferFullness
  if (!r.flag()) throw new RangeError("allStreamsSameTimeFraming is 0");
  const subFrames = r.bits(6) + 1;
  if (r.bits(4) !== 0) throw new RangeError("more than one program");
  if (r.bits(3) !== 0) throw new RangeError("more than one layer");
  const ascBits = version ? readValue(r) : 0;
  if (ascBits > ASC_MAX * 8) throw new RangeError(`AudioSpecificConfig of ${ascBits} bits`);
  const ascAt = r.at;
  readAudioSpecificConfig(r, ascBits);
  if (version) {
    if (r.at > ascAt + ascBits) throw new RangeError("AudioSpecificConfig longer than said");
    r.skip(ascAt + ascBits - r.at);
  }
  const asc = alignedBits(bytes, ascAt, r.at - ascAt).slice();
  const frameLengthType = r.bits(3);
  let frameBits = 0;
  if (frameLengthType === 0) r.skip(8); // latmBufferFullness
  else if (frameLengthType === 1) frameBits = (r.bits(9) + 20) * 8;
  else throw new RangeError(`frameLengthType is ${frameLengthType}`);
  let otherDataBits = 0;
  if (r.flag()) {
    if (version) otherDataBits = readValue(r);
    else {
      let again = true;
      for (let n = 0; again; n++) {
        if (n === 4) throw new RangeError("otherDataLenBits longer than 32 bits");
        again = r.flag();
        otherDataBits = otherDataBits * 256 + r.bits(8);
      }
    }
  }
  if (r.flag()) r.skip(8); // crcCheckSum
  return { asc, subFrames, frameBits, otherDataBits };
}

function sameConfig(a: StreamMuxConfig, b: StreamMuxConfig): boolean {
  return a.subFrames === b.subFrames && a.frameBits === b.frameBits && a.otherDataBits === b.otherDataBits &&
    sameBytes(a.asc, b.asc);
}

/**
 * What GStreamer's rtpmp4apay writes for an encoder that signals replication behind the configuration (ffmpeg's does,
 * also where there is none): the AudioSpecificConfig with its extension, then nothing.
 */
function readBareConfig(bytes: Uint8Array): StreamMuxConfig {
  const r = new BitReader(bytes);
  if (r.bits(2) !== 1) throw new RangeError("not version 0 with one time frame");
  const subFrames = r.bits(6) + 1;
  if (r.bits(7) !== 0) throw new RangeError("more than one program or layer");
  const asc = alignedBits(bytes, r.at, r.left - (r.left % 8)).slice();
  if (asc.length > ASC_MAX) throw new RangeError(`AudioSpecificConfig of ${asc.length} bytes`);
  const core = new BitReader(asc);
  readAudioSpecificConfig(core, 0);
  if (core.bits(11) !== 0x2b7) throw new RangeError("no extension behind AudioSpecificConfig");
  return { asc, subFrames, frameBits: 0, otherDataBits: 0 };
}

/** Decodes the `config` parameter of an SDP with MP4A-LATM. Never throws. */
export function decodeStreamMuxConfig(bytes: Uint8Array): Decoded<StreamMuxConfig> {
  const strict = decodeWhole(
    "StreamMuxConfig",
    () => ok(readStreamMuxConfig(bytes, new BitReader(bytes)), bytes.length),
  );
  if (strict.kind === "ok") return strict;
  const bare = decodeWhole("StreamMuxConfig", () => ok(readBareConfig(bytes), bytes.length));
  return bare.kind === "ok" ? bare : strict;
}

/** Encodes a configuration of one program and one layer, version 0, lengths before the access units. */
export function encodeStreamMuxConfig(
  asc: Uint8Array,
  ascBits: number,
  subFrames = 1,
): Uint8Array<ArrayBuffer> {
  const w = new BitWriter().bits(0, 1).bits(1, 1).bits(subFrames - 1, 6).bits(0, 7);
  const r = new BitReader(asc);
  for (let left = ascBits; left > 0; left -= 8) w.bits(r.bits(Math.min(8, left)), Math.min(8, left));
  return w.bits(0, 3).bits(0xff, 8).bits(0, 2).take();
}

/**
 * Decodes the AudioMuxElement at the start of `bytes`, which holds all of it. `inBand` tells whether elements carry
 * their configuration (`cpresent` is not 0 in the SDP); `config` is what was last in force. Never throws.
 */
export function decodeLatm(
  bytes: Uint8Array,
  config: StreamMuxConfig | undefined,
  inBand: boolean,
): Decoded<AudioMuxElement> {
  if (bytes.length > LATM_ELEMENT_MAX) {
    return bad(LATM_ELEMENT_MAX, `element longer than ${LATM_ELEMENT_MAX} bytes`);
  }
  return decodeWhole("AudioMuxElement", () => {
    const r = new BitReader(bytes);
    let now = config;
    if (inBand && !r.flag()) {
      const read = readStreamMuxConfig(bytes, r);
      if (config === undefined || !sameConfig(config, read)) now = read;
    }
    if (now === undefined) return bad(0, "AudioMuxElement before any StreamMuxConfig");
    const accessUnits: Uint8Array[] = [];
    for (let i = 0; i < now.subFrames; i++) {
      let bits = now.frameBits;
      if (bits === 0) {
        let piece: number;
        do {
          piece = r.bits(8);
          bits += piece * 8;
        } while (piece === 255);
      }
      const at = r.at;
      r.skip(bits);
      if (bits > 0) accessUnits.push(alignedBits(bytes, at, bits));
    }
    r.skip(now.otherDataBits);
    r.align();
    return ok({ config: now, accessUnits }, Math.min(bytes.length, r.at >> 3));
  });
}
