import { TS_PACKET } from "../../../wire/container/ts/packet.ts";
import { FecEncoder, type FecShape } from "../../../wire/protocol/fec/encoder.ts";
import { RTP_HEADER, writeRtpHeader } from "../../../wire/protocol/rtp/packet.ts";
import type { PacedSender } from "../datagram/paced_sender.ts";
import type { TsOut } from "./ts_taker.ts";

/** RFC 3551, 6: MPEG-2 transport streams. */
const PAYLOAD_TYPE = 33;
/** Ports of the parity of columns and of rows, from that of the media; SMPTE ST 2022-1, 8. */
const COLUMN_PORT = 2;
const ROW_PORT = 4;

export interface DatagramSettings {
  readonly port: number;
  /** TS packets in a datagram. */
  readonly packets: number;
  readonly rtp: { readonly ssrc: number; readonly sequence: number } | undefined;
  readonly fec: FecShape | undefined;
  /** 0 to 1. */
  readonly drop: number;
  /** All datagrams are to be full: what does not fill one waits for what comes next. */
  readonly full: boolean;
}

/** TS packets into datagrams, with RTP and parity where they are wanted. */
export class TsDatagrams implements TsOut {
  readonly #sender: PacedSender;
  readonly #settings: DatagramSettings;
  readonly #header: number;
  readonly #size: number;
  readonly #fec: FecEncoder | undefined;
  readonly #random: () => number;
  /** Ticks of 90 kHz, for RTP. */
  readonly #time: () => number;
  #slot: Uint8Array | undefined;
  #at = 0;
  #sequence: number;

  constructor(sender: PacedSender, settings: DatagramSettings, time: () => number, random: () => number) {
    this.#sender = sender;
    this.#settings = settings;
    this.#time = time;
    this.#random = random;
    this.#header = settings.rtp === undefined ? 0 : RTP_HEADER;
    this.#size = this.#header + settings.packets * TS_PACKET;
    this.#sequence = settings.rtp?.sequence ?? 0;
    if (settings.fec !== undefined) {
      this.#fec = new FecEncoder(
        settings.fec,
        settings.packets * TS_PACKET,
        (packet) => this.#put(packet, settings.port + COLUMN_PORT),
        (packet) => this.#put(packet, settings.port + ROW_PORT),
      );
    }
  }

  /** Bytes of the largest datagram of such settings. */
  static size(settings: Pick<DatagramSettings, "packets" | "rtp" | "fec">): number {
    // 16 bytes more: the header of parity
    const header = (settings.rtp === undefined ? 0 : RTP_HEADER) + (settings.fec === undefined ? 0 : 16);
    return header + settings.packets * TS_PACKET;
  }

  /** Takes whole TS packets. */
  write(ts: Uint8Array): void {
    for (let from = 0; from < ts.length;) {
      if (this.#slot === undefined) {
        this.#slot = this.#sender.slot();
        this.#at = this.#header;
      }
      const count = Math.min(this.#size - this.#at, ts.length - from);
      this.#slot.set(from === 0 && count === ts.length ? ts : ts.subarray(from, from + count), this.#at);
      this.#at += count;
      from += count;
      if (this.#at === this.#size) this.#end();
    }
  }

  flush(): void {
    if (!this.#settings.full) this.#end();
    this.#sender.flush();
  }

  /** Sends the datagram, full or not. */
  #end(): void {
    const slot = this.#slot;
    if (slot === undefined || this.#at === this.#header) return;
    const { rtp, port, drop } = this.#settings;
    if (rtp !== undefined) {
      writeRtpHeader(slot, 0, PAYLOAD_TYPE, false, this.#sequence, this.#time(), rtp.ssrc);
      this.#sequence = (this.#sequence + 1) & 0xffff;
    }
    this.#slot = undefined;
    const lost = drop > 0 && this.#random() < drop;
    if (!lost) this.#sender.commit(this.#at, port);
    // the next slot is another one: this one's bytes stay until they are sent
    this.#fec?.media(slot, this.#at);
  }

  #put(packet: Uint8Array, port: number): void {
    this.#sender.slot().set(packet);
    this.#sender.commit(packet.length, port);
  }
}
