// AV1-ISOBMFF, 2.4: samples.
import { sameBytes } from "../../../base/bytes.ts";
import { DecodeClock } from "../decode_clock.ts";
import { FrameBuffer } from "../frame_buffer.ts";
import type { AssembledFrame, VideoAssembler, VideoDescription } from "../video_description.ts";
import * as obu from "./obu.ts";
import {
  av1CodecString,
  decodeSequenceHeader,
  encodeAv1Config,
  type SequenceHeader,
} from "./sequence_header.ts";

/** Highest type of a unit that belongs into a frame: redundant headers, tile groups, metadata. */
const OBU_LAST = 7;

/** Temporal units of AV1 to canonical frames: OBUs get size fields; delimiters, padding and tile lists are left out. */
export class Av1Assembler implements VideoAssembler {
  readonly #out = new FrameBuffer();
  readonly #clock = new DecodeClock();
  #sequence: SequenceHeader | undefined;
  #sequenceBytes: Uint8Array | undefined;
  #description: VideoDescription | undefined;
  #waitKey = true;

  // Of the temporal unit in work.
  #frames = 0;
  #hasSequence = false;
  #keyFrame = false;

  /** `units`: OBUs known beforehand, such as the sequence header of an av1C. */
  constructor(units: readonly Uint8Array[] = []) {
    for (const unit of units) this.#unit(unit);
  }

  get description(): VideoDescription | undefined {
    return this.#description;
  }

  reset(): void {
    this.#waitKey = true;
  }

  unit(units: readonly Uint8Array[], pts: number): AssembledFrame | undefined {
    this.#out.clear();
    this.#frames = 0;
    this.#hasSequence = false;
    this.#keyFrame = false;
    for (let i = 0; i < units.length; i++) this.#unit(units[i] as Uint8Array);
    if (this.#frames === 0 || this.#sequence === undefined) return undefined;
    const key = this.#keyFrame && this.#hasSequence;
    if (this.#waitKey && !key) return undefined;
    this.#waitKey = false;
    this.#clock.next(pts);
    return { data: this.#out.view(), pts: this.#clock.pts, dts: this.#clock.dts, key };
  }

  /** Takes one OBU, or several with size fields; what is damaged ends the unit. */
  #unit(unit: Uint8Array): void {
    let rest = unit;
    while (rest.length > 0) {
      const decoded = obu.decodeObu(rest);
      if (decoded.kind !== "ok") return;
      this.#obu(decoded.value);
      rest = rest.subarray(decoded.used);
    }
  }

  #obu(unit: obu.Obu): void {
    const { type, payload } = unit;
    if (type === 0 || type > OBU_LAST || type === obu.OBU_TEMPORAL_DELIMITER) return;
    if (type === obu.OBU_SEQUENCE_HEADER && !this.#sequenceHeader(payload)) return;
    if (type === obu.OBU_FRAME || type === obu.OBU_FRAME_HEADER) this.#frame(payload);
    const out = this.#out;
    out.byte((type << 3) | (unit.extension >= 0 ? 6 : 2));
    if (unit.extension >= 0) out.byte(unit.extension);
    let size = payload.length;
    while (size >= 0x80) {
      out.byte((size & 0x7f) | 0x80);
      size >>>= 7;
    }
    out.byte(size);
    out.bytes(payload);
  }

  #sequenceHeader(payload: Uint8Array): boolean {
    this.#hasSequence = true;
    if (this.#sequenceBytes !== undefined && sameBytes(this.#sequenceBytes, payload)) return true;
    const decoded = decodeSequenceHeader(payload);
    if (decoded.kind !== "ok") return false;
    const s = decoded.value;
    this.#sequence = s;
    this.#sequenceBytes = payload.slice();
    this.#description = {
      codec: "av1",
      config: encodeAv1Config(s, this.#sequenceBytes),
      codecString: av1CodecString(s),
      width: s.width,
      height: s.height,
      frameRate: s.frameRate,
    };
    return true;
  }

  /** uncompressed_header(), 5.9.2: show_existing_frame, frame_type, show_frame. */
  #frame(payload: Uint8Array): void {
    const first = payload[0];
    if (first === undefined) return;
    if (this.#frames++ === 0) {
      this.#keyFrame = this.#sequence?.reducedStillPicture === true || first >> 4 === 1;
    }
  }
}
