// RFC 4184, 4.1.1 (AC-3) and RFC 4598, 4.1.1 (E-AC-3): whole frames, or fragments of one, behind two bytes.
import { AC3_SAMPLES, decodeAc3Header } from "../../../codec/ac3/ac3.ts";
import { decodeEac3Header } from "../../../codec/ac3/eac3.ts";
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { UnitBuffer } from "./unit_buffer.ts";

const HEADER = 2;
/** The longest AC-3 frame has 3840 bytes, an E-AC-3 access unit of all its substreams rarely more than this. */
export const AC3_UNIT_MAX = 32_768;

/** AC-3 and E-AC-3 packets into frames. */
export class Ac3Depacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #enhanced: boolean;
  readonly #buffer = new UnitBuffer(AC3_UNIT_MAX);
  readonly #one: Uint8Array[] = [];
  /** Fragments that are still to come. */
  #wanted = 0;
  #timestamp = 0;

  constructor(sink: UnitSink, enhanced: boolean) {
    this.#sink = sink;
    this.#enhanced = enhanced;
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const { payload, timestamp } = packet;
    if (gap) {
      this.#sink.damaged("packets lost");
      this.reset();
    }
    if (payload.length <= HEADER) return this.#sink.skipped("empty payload");
    const kind = (payload[0] as number) & (this.#enhanced ? 1 : 3);
    if (kind !== 0) return this.#fragment(packet, kind);
    if (this.#wanted > 0) this.#sink.damaged("AC-3 frame cut off");
    this.reset();
    this.#frames(payload.subarray(HEADER), timestamp);
  }

  flush(): void {
    this.reset();
  }

  reset(): void {
    this.#wanted = 0;
    this.#buffer.clear();
  }

  #frames(payload: Uint8Array, timestamp: number): void {
    let ticks = 0;
    for (let at = 0; at < payload.length;) {
      const frame = this.#enhanced ? wholeEac3(payload.subarray(at)) : wholeAc3(payload.subarray(at));
      if (frame === undefined) return this.#sink.damaged("AC-3 header not found");
      this.#one[0] = payload.subarray(at, at + frame.bytes);
      this.#sink.unit(this.#one, timestamp, ticks);
      ticks += frame.samples;
      at += frame.bytes;
    }
  }

  #fragment(packet: RtpPacket, kind: number): void {
    const { payload, timestamp, marker } = packet;
    const begins = this.#enhanced ? this.#wanted === 0 || timestamp !== this.#timestamp : kind < 3;
    if (begins) {
      if (this.#wanted > 0) this.#sink.damaged("AC-3 frame cut off");
      this.reset();
      if (this.#enhanced && decodeEac3Header(payload.subarray(HEADER)).kind !== "ok") return;
      this.#wanted = payload[1] as number;
      this.#timestamp = timestamp;
      this.#buffer.begin();
    } else if (this.#wanted === 0) return; // of a frame whose beginning was lost
    if (timestamp !== this.#timestamp || !this.#buffer.append(payload, HEADER)) {
      this.reset();
      return this.#sink.damaged("AC-3 fragments do not fit");
    }
    if (--this.#wanted > 0 && !marker) return;
    const whole = this.#wanted === 0;
    const units = this.#buffer.units();
    this.reset();
    if (whole) this.#sink.unit(units, timestamp, 0);
    else this.#sink.damaged("AC-3 fragments do not fit");
  }
}

function wholeAc3(bytes: Uint8Array): { bytes: number; samples: number } | undefined {
  const header = decodeAc3Header(bytes);
  if (header.kind !== "ok" || header.value.frameBytes > bytes.length) return undefined;
  return { bytes: header.value.frameBytes, samples: AC3_SAMPLES };
}

/** An independent substream's frame with those that depend on it. */
function wholeEac3(bytes: Uint8Array): { bytes: number; samples: number } | undefined {
  const first = decodeEac3Header(bytes);
  if (first.kind !== "ok") return undefined;
  let end = first.value.frameBytes;
  for (;;) {
    if (end > bytes.length) return undefined;
    const next = decodeEac3Header(bytes.subarray(end));
    if (next.kind !== "ok" || next.value.streamType !== 1) {
      return { bytes: end, samples: first.value.samples };
    }
    end += next.value.frameBytes;
  }
}
