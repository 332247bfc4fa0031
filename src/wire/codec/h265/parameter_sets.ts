import { sameBytes } from "../../../base/bytes.ts";
import type { Decoded } from "../../../base/decoded.ts";
import { removeEmulation, trimParameterSet } from "../nal.ts";
import type { VideoDescription } from "../video_description.ts";
import { encodeHevcConfig } from "./hvcc.ts";
import { decodePps, type Pps } from "./pps.ts";
import { h265CodecString } from "./profile_tier_level.ts";
import { decodeSps, nalType, type Sps } from "./sps.ts";
import { decodeVps, type Vps } from "./vps.ts";

interface Held<T> {
  /** As received, to recognise repetitions. */
  readonly raw: Uint8Array;
  /** Without bytes after its end. */
  readonly set: Uint8Array;
  readonly value: T;
}

function sets<T>(map: Map<number, Held<T>>): Uint8Array[] {
  return [...map].sort((a, b) => a[0] - b[0]).map(([, held]) => held.set);
}

function add<T extends { readonly id: number }>(
  map: Map<number, Held<T>>,
  nal: Uint8Array,
  decode: (nal: Uint8Array) => Decoded<T>,
  trim: (nal: Uint8Array, value: T) => Uint8Array,
): Uint8Array | undefined {
  for (const held of map.values()) if (sameBytes(held.raw, nal)) return undefined;
  const decoded = decode(nal);
  if (decoded.kind !== "ok") return undefined;
  const set = trim(nal, decoded.value);
  map.set(decoded.value.id, { raw: nal.slice(), set, value: decoded.value });
  return set;
}

function copy(nal: Uint8Array): Uint8Array {
  return nal.slice();
}

function trimSps(nal: Uint8Array, sps: Sps): Uint8Array {
  return sps.endBit < 0 ? nal.slice() : trimParameterSet(nal, removeEmulation(nal), sps.endBit);
}

/** Whether a NAL unit type is VPS, SPS or PPS. */
export function isParameterSet(type: number): boolean {
  return type >= 32 && type <= 34;
}

/** The parameter sets of one H.265 stream by their numbers, the newest of each number. */
export class H265ParameterSets {
  readonly #vps = new Map<number, Held<Vps>>();
  readonly #sps = new Map<number, Held<Sps>>();
  readonly #pps = new Map<number, Held<Pps>>();

  /** Takes a VPS, SPS or PPS NAL unit, without start code. Answers the set to use where it is new, undefined else. */
  add(nal: Uint8Array): Uint8Array | undefined {
    const type = nalType(nal);
    if (type === 32) return add(this.#vps, nal, decodeVps, copy);
    if (type === 33) return add(this.#sps, nal, decodeSps, trimSps);
    return add(this.#pps, nal, decodePps, copy);
  }

  pps(id: number): Pps | undefined {
    return this.#pps.get(id)?.value;
  }

  /** The sequence parameter set that a picture parameter set refers to, if its video parameter set is here, too. */
  spsOf(pps: Pps): Sps | undefined {
    const sps = this.#sps.get(pps.spsId)?.value;
    return sps !== undefined && this.#vps.has(sps.vpsId) ? sps : undefined;
  }

  /** The first picture parameter set whose other sets are here. */
  firstUsable(): Pps | undefined {
    for (const { value } of this.#pps.values()) if (this.spsOf(value) !== undefined) return value;
    return undefined;
  }

  /**
   * Describes the stream as it is while `active` is used. Answers `before` itself where nothing a reader sees changed.
   */
  describe(active: Sps, before: VideoDescription | undefined): VideoDescription {
    const sps = sets(this.#sps);
    const first = (this.#sps.get(active.id) as Held<Sps>).set;
    sps.splice(sps.indexOf(first), 1);
    const config = encodeHevcConfig(sets(this.#vps), [first, ...sps], sets(this.#pps));
    if (before !== undefined && sameBytes(before.config, config)) return before;
    const rate = (active.vui?.frameRate ?? 0) || (this.#vps.get(active.vpsId)?.value.frameRate ?? 0);
    return {
      codec: "h265",
      config,
      codecString: h265CodecString(active.profileTierLevel),
      width: active.width,
      height: active.height,
      frameRate: rate <= 1000 ? rate : 0,
    };
  }
}
