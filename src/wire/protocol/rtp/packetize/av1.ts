// RTP Payload Format For AV1 (AOMedia, v1.0), 4.4: aggregation header and OBU elements without size fields.
import {
  decodeObu,
  leb128Length,
  OBU_SEQUENCE_HEADER,
  OBU_TEMPORAL_DELIMITER,
  OBU_TILE_LIST,
  writeLeb128,
} from "../../../codec/av1/obu.ts";
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const CONTINUED = 0x80;
const CONTINUES = 0x40;
const ONE_ELEMENT = 0x10;
const NEW_SEQUENCE = 0x08;
/** Bytes before the units of an AV1CodecConfigurationRecord. */
const CONFIG_HEAD = 4;
/** A fragment at the end of a packet that would have fewer bytes goes into the next packet. */
const FRAGMENT_MIN = 32;

/** One OBU: header byte without the size flag, then `bytes`. */
interface Element {
  header: number;
  bytes: Uint8Array;
}

/**
 * AV1 temporal units into packets. Packets that hold one element say so (W = 1); others give the size of each (W = 0).
 * A sequence header goes before every key frame that has none.
 */
export class Av1Packetizer implements Packetizer {
  readonly #out: PacketWriter;
  readonly #elements: Element[] = [];
  #count = 0;
  #sequence: Uint8Array = new Uint8Array(0);

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  /** `config`: AV1CodecConfigurationRecord. */
  config(config: Uint8Array): void {
    if (config.length < CONFIG_HEAD) throw new RangeError("AV1CodecConfigurationRecord cannot be read");
    this.#sequence = config.slice(CONFIG_HEAD);
  }

  frame(data: Uint8Array, timestamp: number, key: boolean): void {
    this.#count = 0;
    this.#read(data);
    if (key && !this.#has(OBU_SEQUENCE_HEADER)) {
      this.#count = 0;
      this.#read(this.#sequence);
      this.#read(data);
    }
    this.#send(timestamp, key ? NEW_SEQUENCE : 0);
  }

  #read(units: Uint8Array): void {
    for (let rest = units; rest.length > 0;) {
      const unit = decodeObu(rest);
      if (unit.kind !== "ok") throw new RangeError("AV1 temporal unit cannot be read");
      const { type, extension, payload } = unit.value;
      if (type !== OBU_TEMPORAL_DELIMITER && type !== OBU_TILE_LIST) {
        // The extension byte and the payload lie one behind the other only where there is no size field.
        const element = this.#elements[this.#count++] ??= { header: 0, bytes: payload };
        element.header = (type << 3) | (extension < 0 ? 0 : 4);
        element.bytes = extension < 0 ? payload : withFirst(extension, payload);
      }
      rest = rest.subarray(unit.used);
    }
  }

  #has(type: number): boolean {
    for (let i = 0; i < this.#count; i++) {
      if (((this.#elements[i] as Element).header >> 3) === type) return true;
    }
    return false;
  }

  #send(timestamp: number, sequence: number): void {
    const { room } = this.#out;
    let flags = sequence;
    let used = 1;
    for (let i = 0; i < this.#count; i++) {
      const { header, bytes } = this.#elements[i] as Element;
      const size = 1 + bytes.length;
      const last = i === this.#count - 1;
      // Bytes of the unit, header included, that are sent.
      let sent = 0;
      while (sent < size) {
        const left = size - sent;
        if (used === 1 && (left + 1 >= room || last)) {
          const length = Math.min(left, room - 1);
          this.#place(used, header, bytes, sent, length);
          sent += length;
          const ends = sent === size;
          this.#packet(flags | ONE_ELEMENT | (ends ? 0 : CONTINUES), 1 + length, timestamp, last && ends);
          flags = ends ? 0 : CONTINUED;
          continue;
        }
        const free = room - used;
        const whole = left + leb128Length(left) <= free;
        const length = whole ? left : free - leb128Length(free);
        if (!whole && length < FRAGMENT_MIN) {
          this.#packet(flags, used, timestamp, false);
          flags = 0;
          used = 1;
          continue;
        }
        used += writeLeb128(this.#out.buffer, this.#out.at + used, length);
        this.#place(used, header, bytes, sent, length);
        used += length;
        sent += length;
        if (whole && !last) continue;
        this.#packet(flags | (whole ? 0 : CONTINUES), used, timestamp, last && whole);
        flags = whole ? 0 : CONTINUED;
        used = 1;
      }
    }
  }

  #place(at: number, header: number, bytes: Uint8Array, from: number, length: number): void {
    const { buffer, at: start } = this.#out;
    if (from > 0) buffer.set(bytes.subarray(from - 1, from - 1 + length), start + at);
    else {
      buffer[start + at] = header;
      buffer.set(bytes.subarray(0, length - 1), start + at + 1);
    }
  }

  #packet(flags: number, length: number, timestamp: number, marker: boolean): void {
    this.#out.buffer[this.#out.at] = flags;
    this.#out.send(length, timestamp, marker);
  }
}

function withFirst(first: number, rest: Uint8Array): Uint8Array {
  const out = new Uint8Array(1 + rest.length);
  out[0] = first;
  out.set(rest, 1);
  return out;
}
