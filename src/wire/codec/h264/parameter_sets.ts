import { sameBytes } from "../../../base/bytes.ts";
import { removeEmulation, trimParameterSet } from "../nal.ts";
import type { VideoDescription } from "../video_description.ts";
import { encodeAvcConfig } from "./avcc.ts";
import { decodePps, type Pps } from "./pps.ts";
import { decodeSps, h264CodecString, type Sps } from "./sps.ts";

interface Held<T> {
  /** As received, to recognise repetitions. */
  readonly raw: Uint8Array;
  /** Without bytes after its end. */
  readonly set: Uint8Array;
  readonly value: T;
}

/** The parameter sets of one H.264 stream by their numbers, the newest of each number. */
export class H264ParameterSets {
  readonly #sps = new Map<number, Held<Sps>>();
  readonly #pps = new Map<number, Held<Pps>>();

  /** Takes an SPS or PPS NAL unit, without start code. Answers the set to use where it is new, undefined else. */
  add(nal: Uint8Array): Uint8Array | undefined {
    return ((nal[0] as number) & 0x1f) === 7 ? this.#addSps(nal) : this.#addPps(nal);
  }

  #addSps(nal: Uint8Array): Uint8Array | undefined {
    for (const held of this.#sps.values()) if (sameBytes(held.raw, nal)) return undefined;
    const decoded = decodeSps(nal);
    if (decoded.kind !== "ok") return undefined;
    const value = decoded.value;
    const set = value.endBit < 0 ? nal.slice() : trimParameterSet(nal, removeEmulation(nal), value.endBit);
    this.#sps.set(value.id, { raw: nal.slice(), set, value });
    return set;
  }

  #addPps(nal: Uint8Array): Uint8Array | undefined {
    for (const held of this.#pps.values()) if (sameBytes(held.raw, nal)) return undefined;
    const decoded = decodePps(nal);
    if (decoded.kind !== "ok") return undefined;
    const set = nal.slice();
    this.#pps.set(decoded.value.id, { raw: set, set, value: decoded.value });
    return set;
  }

  pps(id: number): Pps | undefined {
    return this.#pps.get(id)?.value;
  }

  /** The sequence parameter set that a picture parameter set refers to. */
  spsOf(pps: Pps): Sps | undefined {
    return this.#sps.get(pps.spsId)?.value;
  }

  /** The first picture parameter set whose sequence parameter set is here. */
  firstUsable(): Pps | undefined {
    for (const { value } of this.#pps.values()) if (this.#sps.has(value.spsId)) return value;
    return undefined;
  }

  /**
   * Describes the stream as it is while `active` is used. Answers `before` itself where nothing a reader sees changed.
   */
  describe(active: Sps, before: VideoDescription | undefined): VideoDescription {
    const spsIds = [active.id];
    const pps: Uint8Array[] = [];
    for (const { set, value } of [...this.#pps.values()].sort((a, b) => a.value.id - b.value.id)) {
      if (!this.#sps.has(value.spsId)) continue;
      if (!spsIds.includes(value.spsId)) spsIds.push(value.spsId);
      pps.push(set);
    }
    const sps = spsIds.slice(0, 31).map((id) => (this.#sps.get(id) as Held<Sps>).set);
    const config = encodeAvcConfig(sps, pps.slice(0, 255));
    if (before !== undefined && sameBytes(before.config, config)) return before;
    const rate = active.vui?.frameRate ?? 0;
    return {
      codec: "h264",
      config,
      codecString: h264CodecString(active),
      width: active.width,
      height: active.height,
      frameRate: rate <= 1000 ? rate : 0,
    };
  }
}
