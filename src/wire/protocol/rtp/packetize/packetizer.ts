import { RTP_HEADER, writeRtpHeader } from "../packet.ts";
import { type PacketPlace, SinglePacket } from "./packet_place.ts";

/** Bytes of a packet at most, RTP header included: what fits an Ethernet frame with IPv4 and UDP. */
export const PACKET_MAX = 1472;

/** Where packets go. The bytes are valid during the call only. */
export type PacketOutput = (packet: Uint8Array) => void;

/** Turns canonical frames (media/frame.ts) of one track into RTP packets. */
export interface Packetizer {
  /** The track's configuration has changed (form of media/track.ts). Throws RangeError when it cannot be read. */
  config(config: Uint8Array): void;
  /**
   * One frame. `timestamp` in ticks of the RTP clock, any integer. Throws RangeError for a frame that cannot be sent as
   * RTP or read at all; the frames after it can be. Packets of it that went out before stay.
   */
  frame(data: Uint8Array, timestamp: number, key: boolean): void;
}

export interface PacketWriterOptions {
  readonly payloadType: number;
  /** 32 bits. */
  readonly ssrc: number;
  /** Number of the first packet. */
  readonly sequence: number;
  /** Bytes of a packet at most, RTP header included; {@link PACKET_MAX} unless said. */
  readonly packetMax?: number;
}

/** Numbers and sends the packets of one source; the payload is written where the packet is to lie. */
export class PacketWriter {
  readonly #payloadType: number;
  readonly #ssrc: number;
  readonly #place: PacketPlace;
  #sequence: number;
  /** Payload bytes that a packet may have. */
  readonly room: number;
  /** Packets and payload bytes sent, for sender reports. */
  packets = 0;
  octets = 0;

  /** `out`: a function that gets each packet, or a place that keeps them, such as a `PacketBatch`. */
  constructor(o: PacketWriterOptions, out: PacketOutput | PacketPlace) {
    this.#payloadType = o.payloadType;
    this.#ssrc = o.ssrc;
    this.#sequence = o.sequence & 0xffff;
    const packetMax = o.packetMax ?? PACKET_MAX;
    this.room = packetMax - RTP_HEADER;
    this.#place = typeof out === "function" ? new SinglePacket(packetMax, out) : out;
  }

  /** Number that the next packet gets. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The buffer that the next payload is written into, from {@link at} on. Another one after each `send`. */
  get buffer(): Uint8Array {
    return this.#place.buffer;
  }

  /** Where the payload of the next packet begins. */
  get at(): number {
    return this.#place.at + RTP_HEADER;
  }

  /** Sends what was written: `length` bytes of payload. */
  send(length: number, timestamp: number, marker: boolean): void {
    const { buffer, at } = this.#place;
    writeRtpHeader(buffer, at, this.#payloadType, marker, this.#sequence, timestamp >>> 0, this.#ssrc);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.packets++;
    this.octets += length;
    this.#place.sent(RTP_HEADER + length);
  }

  /** Sends a packet with `data[from, end)` behind `head`, all that many payload formats need. */
  sendPiece(
    head: readonly number[],
    data: Uint8Array,
    from: number,
    end: number,
    timestamp: number,
    marker: boolean,
  ): void {
    const { buffer, at } = this;
    for (let i = 0; i < head.length; i++) buffer[at + i] = head[i] as number;
    buffer.set(data.subarray(from, end), at + head.length);
    this.send(head.length + end - from, timestamp, marker);
  }
}
