// RFC 2250, 3.5: MPEG audio frames, several of them or a fragment of one, behind a header of four bytes.
import { decodeMp3Header } from "../../../codec/mpeg_audio/header.ts";
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { UnitBuffer } from "./unit_buffer.ts";

const HEADER = 4;
/** The longest frame there is (layer II, 384 kbit/s at 32 kHz) is 1728 bytes; free format is not read. */
export const MPEG_AUDIO_FRAME_MAX = 4096;

/** MPEG audio packets into frames. */
export class MpaDepacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #clockRate: number;
  readonly #buffer = new UnitBuffer(MPEG_AUDIO_FRAME_MAX);
  readonly #one: Uint8Array[] = [];
  #wanted = 0;
  #timestamp = 0;

  constructor(sink: UnitSink, clockRate: number) {
    this.#sink = sink;
    this.#clockRate = clockRate;
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const payload = packet.payload;
    if (gap) {
      this.#sink.damaged("packets lost");
      this.reset();
    }
    if (payload.length <= HEADER) return this.#sink.skipped("empty payload");
    const offset = ((payload[2] as number) << 8) | (payload[3] as number);
    if (offset > 0) return this.#fragment(packet, offset);
    if (this.#wanted > 0) this.#sink.damaged("MPEG audio frame cut off");
    this.reset();
    this.#frames(packet);
  }

  flush(): void {
    this.reset();
  }

  reset(): void {
    this.#wanted = 0;
    this.#buffer.clear();
  }

  #frames(packet: RtpPacket): void {
    const payload = packet.payload;
    let at = HEADER;
    let ticks = 0;
    while (at < payload.length) {
      const header = decodeMp3Header(payload.subarray(at));
      if (header.kind !== "ok") return this.#sink.damaged("MPEG audio header not found");
      const { frameBytes, samples, sampleRate } = header.value;
      if (frameBytes > payload.length - at) {
        // The beginning of a frame is only ever alone in its packet.
        if (at > HEADER) return this.#sink.damaged("MPEG audio frame cut off");
        return this.#begin(packet, frameBytes);
      }
      this.#one[0] = payload.subarray(at, at + frameBytes);
      this.#sink.unit(this.#one, packet.timestamp, Math.round(ticks));
      ticks += (samples * this.#clockRate) / sampleRate;
      at += frameBytes;
    }
  }

  #begin(packet: RtpPacket, frameBytes: number): void {
    this.#wanted = frameBytes;
    this.#timestamp = packet.timestamp;
    this.#buffer.begin();
    this.#buffer.append(packet.payload, HEADER);
  }

  #fragment(packet: RtpPacket, offset: number): void {
    // What belongs to a frame whose beginning was lost.
    if (this.#wanted === 0) return;
    if (offset !== this.#buffer.length || packet.timestamp !== this.#timestamp) {
      this.reset();
      return this.#sink.damaged("MPEG audio fragments do not fit");
    }
    const fits = this.#buffer.append(packet.payload, HEADER) && this.#buffer.length <= this.#wanted;
    if (fits && this.#buffer.length < this.#wanted) return;
    const units = this.#buffer.units();
    this.reset();
    if (fits) this.#sink.unit(units, packet.timestamp, 0);
    else this.#sink.damaged("MPEG audio fragments do not fit");
  }
}
