// RFC 9628, 4.2: the VP9 payload descriptor.
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { PictureUnits } from "./picture_units.ts";
import { appendSuperframeIndex } from "./vp9_superframe.ts";

/** What of the descriptor matters for putting pictures together. */
export interface Vp9Descriptor {
  /** Bytes of the descriptor. */
  length: number;
  /** The packet begins / ends a layer frame. */
  begins: boolean;
  ends: boolean;
  /** Spatial layer; 0 where the descriptor does not say. */
  spatial: number;
}

/** Reads the descriptor at the start of `b` into `out`; false when it is cut off. */
export function readVp9Descriptor(b: Uint8Array, out: Vp9Descriptor): boolean {
  if (b.length < 1) return false;
  const flags = b[0] as number;
  const flexible = (flags & 0x10) !== 0;
  let at = 1;
  out.begins = (flags & 0x08) !== 0;
  out.ends = (flags & 0x04) !== 0;
  out.spatial = 0;
  if (flags & 0x80) at += (b[at] ?? 0) & 0x80 ? 2 : 1;
  if (flags & 0x20) {
    out.spatial = ((b[at] ?? 0) >> 1) & 7;
    at += flexible ? 1 : 2;
  }
  if (flexible && flags & 0x40) {
    // Up to three reference differences, each saying whether another follows.
    for (let i = 0; i < 3; i++) if (((b[at++] ?? 0) & 1) === 0) break;
  }
  if (flags & 0x02) at = skipStructure(b, at);
  out.length = at;
  return at <= b.length;
}

function skipStructure(b: Uint8Array, start: number): number {
  let at = start;
  const first = b[at++] ?? 0;
  if (first & 0x10) at += ((first >> 5) + 1) * 4;
  if (first & 0x08) {
    const groups = b[at++] ?? 0;
    for (let i = 0; i < groups; i++) {
      if (at >= b.length) return at + 1;
      at += 1 + (((b[at] as number) >> 2) & 3);
    }
  }
  return at;
}

/** VP9 packets into frames; several spatial layers of one picture become a superframe. */
export class Vp9Depacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #picture: PictureUnits;
  readonly #descriptor: Vp9Descriptor = { length: 0, begins: false, ends: false, spatial: 0 };
  /** Bytes of the picture's layer frames that are whole, and where the one in work begins. */
  readonly #layers: number[] = [];
  #layerAt = 0;
  #inLayer = false;

  constructor(sink: UnitSink, max: number) {
    this.#sink = sink;
    this.#picture = new PictureUnits(sink, { told: true, max, complete: () => this.#complete() });
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const payload = packet.payload;
    const d = this.#descriptor;
    const whole = readVp9Descriptor(payload, d);
    const wanted = this.#picture.packet(packet.timestamp, gap, whole && d.begins && d.spatial === 0);
    if (!whole) {
      this.#sink.skipped("VP9 payload descriptor cut off");
      this.#picture.harm("VP9 payload descriptor cut off");
    } else if (wanted) this.#append(payload);
    if (packet.marker) this.#picture.marker();
  }

  flush(): void {
    this.#picture.flush();
  }

  reset(): void {
    this.#picture.clear();
  }

  #append(payload: Uint8Array): void {
    const picture = this.#picture;
    const d = this.#descriptor;
    if (picture.buffer.length === 0) {
      this.#layers.length = 0;
      this.#inLayer = false;
    }
    if (d.begins) {
      this.#endLayer();
      this.#layerAt = picture.buffer.length;
      this.#inLayer = true;
    }
    picture.append(payload, d.length);
    if (d.ends) this.#endLayer();
  }

  #endLayer(): void {
    if (!this.#inLayer) return;
    this.#inLayer = false;
    this.#layers.push(this.#picture.buffer.length - this.#layerAt);
  }

  #complete(): string | undefined {
    this.#endLayer();
    if (this.#layers.length < 2) return undefined;
    return appendSuperframeIndex(this.#picture.buffer, this.#layers)
      ? undefined
      : "VP9 picture of too many layers";
  }
}
