// RFC 6416, 6: AudioMuxElements, whole or in fragments; 7.3: the format parameters.
import {
  aacFrameSamples,
  aacOutputRate,
  decodeAudioSpecificConfig,
} from "../../../codec/aac/audio_specific_config.ts";
import {
  decodeLatm,
  decodeStreamMuxConfig,
  LATM_ELEMENT_MAX,
  type StreamMuxConfig,
} from "../../../codec/aac/latm.ts";
import { fmtpHex, type RtpFormat } from "../format.ts";
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { UnitBuffer } from "./unit_buffer.ts";

/** AudioMuxElements of one packet at most. */
export const LATM_ELEMENTS_MAX = 64;

/** What the format parameters say of the multiplex. */
export interface LatmShape {
  /** `cpresent`: elements may carry their configuration. The default is that they do. */
  readonly inBand: boolean;
  /** The configuration of the SDP; undefined when there is none that can be read. */
  readonly config: StreamMuxConfig | undefined;
}

/** Reads `cpresent` and `config`. */
export function latmShape(format: RtpFormat): LatmShape {
  const bytes = fmtpHex(format, "config");
  const decoded = bytes && decodeStreamMuxConfig(bytes);
  return {
    inBand: format.fmtp.get("cpresent")?.trim() !== "0",
    config: decoded?.kind === "ok" ? decoded.value : undefined,
  };
}

/** MP4A-LATM packets into raw AAC access units. */
export class Mp4aLatmDepacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #clockRate: number;
  readonly #inBand: boolean;
  readonly #buffer = new UnitBuffer(LATM_ELEMENT_MAX);
  readonly #one: Uint8Array[] = [];
  #config: StreamMuxConfig | undefined;
  #auTicks = 0;
  #timestamp = 0;
  #damaged = false;

  constructor(sink: UnitSink, shape: LatmShape, clockRate: number) {
    this.#sink = sink;
    this.#clockRate = clockRate;
    this.#inBand = shape.inBand;
    if (shape.config !== undefined) this.#use(shape.config);
  }

  packet(packet: RtpPacket, gap: boolean): void {
    if (gap) {
      this.#sink.damaged("packets lost");
      // Without an element in work there is no telling whether this packet begins one; it is tried.
      const same = packet.timestamp === this.#timestamp;
      this.#damaged = same && (this.#damaged || this.#buffer.length > 0);
      this.#buffer.clear();
    }
    if (packet.timestamp !== this.#timestamp) {
      if (this.#buffer.length > 0) this.#elements(this.#buffer.units()[0] as Uint8Array);
      this.reset();
    }
    this.#timestamp = packet.timestamp;
    const payload = packet.payload;
    if (payload.length === 0) return this.#sink.skipped("empty payload");
    if (packet.marker && this.#buffer.length === 0) {
      if (!this.#damaged) this.#elements(payload);
      return this.reset();
    }
    if (!this.#damaged) {
      if (this.#buffer.count === 0) this.#buffer.begin();
      if (!this.#buffer.append(payload)) this.#harm("LATM element too large");
    }
    if (!packet.marker) return;
    if (!this.#damaged) this.#elements(this.#buffer.units()[0] as Uint8Array);
    this.reset();
  }

  flush(): void {
    if (this.#buffer.length > 0 && !this.#damaged) {
      this.#elements(this.#buffer.units()[0] as Uint8Array);
    }
    this.reset();
  }

  reset(): void {
    this.#buffer.clear();
    this.#damaged = false;
  }

  #harm(why: string): void {
    this.#buffer.clear();
    this.#damaged = true;
    this.#sink.damaged(why);
  }

  #use(config: StreamMuxConfig): void {
    this.#config = config;
    const asc = decodeAudioSpecificConfig(config.asc);
    this.#auTicks = asc.kind === "ok"
      ? Math.round((aacFrameSamples(asc.value) * this.#clockRate) / aacOutputRate(asc.value))
      : 1024;
    this.#sink.config(config.asc);
  }

  #elements(bytes: Uint8Array): void {
    let at = 0;
    let units = 0;
    for (let n = 0; n < LATM_ELEMENTS_MAX && at < bytes.length; n++) {
      const element = decodeLatm(bytes.subarray(at), this.#config, this.#inBand);
      if (element.kind !== "ok") {
        if (n === 0) this.#sink.damaged(element.kind === "bad" ? `LATM: ${element.why}` : "LATM cut off");
        return;
      }
      if (element.value.config !== this.#config) this.#use(element.value.config);
      for (const unit of element.value.accessUnits) {
        this.#one[0] = unit;
        this.#sink.unit(this.#one, this.#timestamp, units++ * this.#auTicks);
      }
      if (element.used === 0) return;
      at += element.used;
    }
  }
}
