// Carriage of AV1 in MPEG-2 TS (Alliance for Open Media), 4: frames in PES packets, each OBU behind a start code.
import { Av1Assembler } from "../../../codec/av1/assembler.ts";
import { decodeObu, OBU_FRAME, OBU_FRAME_HEADER, OBU_TEMPORAL_DELIMITER } from "../../../codec/av1/obu.ts";
import { findStartCode, removeEmulation } from "../../../codec/nal.ts";
import { PES_VIDEO_MAX } from "./pes_buffer.ts";
import type { ElementaryStream, TrackOutput } from "./track_sink.ts";
import { PictureTimes } from "./video_stream.ts";

/**
 * The OBUs of a PES packet, start codes and emulation prevention taken off. One that does not begin with a start code is
 * in the low overhead format, as a first draft had it: it is handed over whole.
 */
export function splitTsObus(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let code = findStartCode(bytes, 0);
  // a fourth byte of zeros may stand in front
  if (code < 0 || code > 1) return bytes.length === 0 ? [] : [bytes];
  while (code >= 0) {
    const from = code + 3;
    code = findStartCode(bytes, from);
    // zeros in front of a start code are the unit's: units do not end otherwise
    const unit = bytes.subarray(from, code < 0 ? bytes.length : code);
    if (unit.length > 0) units.push(removeEmulation(unit));
  }
  return units;
}

/** What matters here of the OBUs of a PES packet. */
function survey(units: readonly Uint8Array[]): { begins: boolean; shown: boolean } {
  let begins = false;
  let shown = false;
  for (let rest of units) {
    while (rest.length > 0) {
      const decoded = decodeObu(rest);
      if (decoded.kind !== "ok") break;
      const { type, payload } = decoded.value;
      if (type === OBU_TEMPORAL_DELIMITER) begins = true;
      // 5.9.2: show_existing_frame, frame_type of two bits, show_frame
      const first = payload[0] ?? 0;
      if ((type === OBU_FRAME || type === OBU_FRAME_HEADER) && (first & 0x90) !== 0) shown = true;
      rest = rest.subarray(decoded.used);
    }
  }
  return { begins, shown };
}

/** Frames into temporal units: those that are not shown wait for the one that is. */
export class Av1Stream implements ElementaryStream {
  readonly #output: TrackOutput;
  readonly #assembler = new Av1Assembler();
  readonly #times: PictureTimes;
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(output: TrackOutput) {
    this.#output = output;
    this.#times = new PictureTimes(output);
  }

  pes(payload: Uint8Array, pts: number | undefined): void {
    const units = splitTsObus(payload);
    const { begins, shown } = survey(units);
    if (begins && this.#held.length > 0) {
      this.#output.damaged("picture that is not shown");
      this.lost();
    }
    if (!shown) return this.#hold(units);
    const held = this.#held;
    this.#forget();
    const time = pts ?? this.#times.next;
    if (Number.isNaN(time)) return this.#output.damaged("picture without time");
    this.#times.enter(time);
    const frame = this.#assembler.unit(held.length === 0 ? units : [...held, ...units], time);
    const { description } = this.#assembler;
    if (frame === undefined || description === undefined) return;
    this.#output.write(time, time, this.#times.describe(description), frame.key, frame.data);
  }

  lost(): void {
    this.#forget();
    this.#assembler.reset();
  }

  /** The PES packet's bytes are valid during its call only. */
  #hold(units: readonly Uint8Array[]): void {
    for (const unit of units) {
      this.#held.push(unit.slice());
      this.#heldBytes += unit.length;
    }
    if (this.#heldBytes <= PES_VIDEO_MAX) return;
    this.#output.damaged("pictures that are not shown");
    this.lost();
  }

  #forget(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }
}
