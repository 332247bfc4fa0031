import type { Clock } from "../../base/clock.ts";
import type { MonoMillis } from "../../base/units.ts";
import { listInterfaces } from "../../host/interfaces.ts";
import type { ReceivableMedia } from "../../wire/protocol/sdp/receivable.ts";
import { isGroup } from "../../base/multicast.ts";
import { type DatagramReceiver, receiveDatagrams } from "../multicast_receiver.ts";
import type { MediaIntake } from "../rtsp/media_intake.ts";

/** A key frame of a 4K camera is sent in one burst. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const RTCP_BUFFER_BYTES = 64 * 1024;

/** Where a section's packets are received: the group, or the address if it is ours, else any of ours. */
export function hostOf(address: string): string {
  if (isGroup(address)) return address;
  if (listInterfaces().some((i) => i.address === address)) return address;
  return address.includes(":") ? "::" : "";
}

/** The sockets of one section. */
export class MediaReceiver {
  readonly #media: ReceivableMedia;
  readonly #clock: Clock;
  readonly intake: MediaIntake;
  #rtp: DatagramReceiver | undefined;
  #rtcp: DatagramReceiver | undefined;
  /** Where receiver reports go: whoever sent the last sender report, or the group. */
  #peer = { address: "", port: 0 };
  lastAt: MonoMillis | undefined;

  constructor(media: ReceivableMedia, intake: MediaIntake, clock: Clock) {
    this.#media = media;
    this.#clock = clock;
    this.intake = intake;
  }

  async open(localInterface: string): Promise<void> {
    const { media, address, rtcpPort } = this.#media;
    const group = isGroup(address);
    const { sources } = media;
    const at = { host: hostOf(address), group, interface: localInterface, sources: group ? sources : [] };
    const ours = (from: string) => group || sources.length === 0 || sources.includes(from);
    const shared = rtcpPort === media.port;
    const rtcp = (bytes: Uint8Array, port: number, from: string) => {
      if (!ours(from)) return;
      if (!group || sources.length > 0) this.#peer = { address: from, port };
      this.intake.receiveRtcp(bytes, this.#clock.mono(), this.#clock.wall());
    };
    this.#rtp = await receiveDatagrams(
      { ...at, port: media.port, receiveBufferBytes: RECEIVE_BUFFER_BYTES },
      (bytes, port, from) => {
        if (!ours(from)) return;
        // RFC 5761, 4
        const type = bytes[1] ?? 0;
        if (shared && type >= 200 && type <= 204) return rtcp(bytes, port, from);
        const now = this.#clock.mono();
        this.lastAt = now;
        this.intake.receive(bytes, now);
      },
    );
    if (shared) this.#rtcp = this.#rtp;
    else {
      const receiveBufferBytes = RTCP_BUFFER_BYTES;
      this.#rtcp = await receiveDatagrams({ ...at, port: rtcpPort, receiveBufferBytes }, rtcp);
    }
    if (!group) return;
    // RFC 8866, 5.7: a group's time to live; 1 stays in the local network
    this.#rtcp.socket.setMulticastTtl(Math.min(255, Math.max(1, media.connection?.ttl ?? 1)));
    if (sources.length === 0) this.#peer = { address, port: rtcpPort };
  }

  /** Its sockets, each once. */
  get receivers(): DatagramReceiver[] {
    return [...new Set([this.#rtp, this.#rtcp])].filter((r) => r !== undefined);
  }

  /** Sends a receiver report, where somebody sends to us. */
  report(packet: Uint8Array): void {
    const { address, port } = this.#peer;
    if (port > 0 && this.lastAt !== undefined) this.#rtcp?.socket.send(packet, port, address);
  }

  close(): void {
    this.#rtp?.close();
    this.#rtcp?.close();
  }
}
