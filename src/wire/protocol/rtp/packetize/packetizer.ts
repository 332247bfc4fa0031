import { RTP_HEADER, writeRtpHeader } from "../packet.ts";

/** Payload bytes of a packet at most: what fits an Ethernet frame with IPv6, UDP, RTP and some room for tunnels. */
export const PAYLOAD_MAX = 1400;

/** Where packets go. The bytes are valid during the call only. */
export type PacketOutput = (packet: Uint8Array) => void;

/** Turns canonical frames (media/frame.ts) of one track into RTP packets. */
export interface Packetizer {
  /** The track's configuration has changed (form of media/track.ts). */
  config(config: Uint8Array): void;
  /** One frame. `timestamp` in ticks of the RTP clock, any integer. */
  frame(data: Uint8Array, timestamp: number, key: boolean): void;
}

/** Numbers and sends the packets of one source; the payload is written into its buffer in place. */
export class PacketWriter {
  readonly #payloadType: number;
  readonly #ssrc: number;
  readonly #output: PacketOutput;
  readonly #packet: Uint8Array<ArrayBuffer>;
  #sequence: number;
  /** Packets and payload bytes sent, for sender reports. */
  packets = 0;
  octets = 0;

  /** `sequence`: number of the first packet. */
  constructor(
    o: { payloadType: number; ssrc: number; sequence: number; payloadMax?: number },
    output: PacketOutput,
  ) {
    this.#payloadType = o.payloadType;
    this.#ssrc = o.ssrc;
    this.#sequence = o.sequence & 0xffff;
    this.#output = output;
    this.#packet = new Uint8Array(RTP_HEADER + (o.payloadMax ?? PAYLOAD_MAX));
  }

  /** Number that the next packet gets. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Payload bytes that a packet may have. */
  get room(): number {
    return this.#packet.length - RTP_HEADER;
  }

  /** The buffer to write the payload into, from offset {@link RTP_HEADER} on. */
  get buffer(): Uint8Array<ArrayBuffer> {
    return this.#packet;
  }

  /** Sends what was written: `length` bytes of payload. */
  send(length: number, timestamp: number, marker: boolean): void {
    writeRtpHeader(
      this.#packet,
      0,
      this.#payloadType,
      marker,
      this.#sequence,
      timestamp >>> 0,
      this.#ssrc,
    );
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.packets++;
    this.octets += length;
    this.#output(this.#packet.subarray(0, RTP_HEADER + length));
  }
}
