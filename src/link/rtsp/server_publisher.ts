import type { TcpConnection } from "../../host/tcp.ts";
import type { RtspRequest } from "../../wire/protocol/rtsp/message.ts";
import { parseTransports, printTransport } from "../../wire/protocol/rtsp/transport.ts";
import { findControl, INVALID_STATE, type Reply } from "./reply.ts";
import type { Publishing } from "./served.ts";
import { openUdpPorts, plainAddress } from "./udp_ports.ts";

/** What a publisher's side needs. */
export interface PublisherSurroundings {
  readonly tcp: TcpConnection;
  alive(): void;
  end(why: string): void;
}

interface Way {
  rtcp(packet: Uint8Array): void;
  close(): void;
}

/** What a channel of the connection carries. */
interface Channel {
  readonly media: number;
  readonly rtcp: boolean;
}

/** What one publisher sends us, from ANNOUNCE to TEARDOWN. */
export class PublisherSide {
  readonly #publishing: Publishing;
  readonly #around: PublisherSurroundings;
  readonly #ways = new Map<number, Way>();
  readonly #channels = new Map<number, Channel>();
  #recording = false;
  #closed = false;

  constructor(publishing: Publishing, around: PublisherSurroundings) {
    this.#publishing = publishing;
    this.#around = around;
  }

  get recording(): boolean {
    return this.#recording;
  }

  get ready(): boolean {
    return this.#ways.size > 0;
  }

  async setUp(request: RtspRequest): Promise<Reply> {
    if (this.#recording) return INVALID_STATE;
    const media = findControl(request, this.#publishing.controls);
    if (media < 0) return { status: 404 };
    const { tcp } = this.#around;
    for (const wish of parseTransports(request.headers.get("transport") ?? "")) {
      if (wish.multicast || (wish.profile !== "RTP/AVP" && wish.profile !== "RTP/AVPF")) continue;
      const datagrams = !wish.tcp && wish.interleaved === undefined;
      if (datagrams && wish.clientPort === undefined) continue;
      if (!this.#publishing.setUp(media, datagrams)) return { status: 415 };
      this.#ways.get(media)?.close();
      if (!datagrams) {
        const channels = wish.interleaved ?? [2 * media, 2 * media + 1];
        this.#channels.set(channels[0], { media, rtcp: false });
        this.#channels.set(channels[1], { media, rtcp: true });
        this.#ways.set(media, {
          rtcp: (packet) => sendFrame(tcp, channels[1], packet),
          close: () => channels.forEach((channel) => this.#channels.delete(channel)),
        });
        const transport = printTransport({ tcp: true, interleaved: channels, mode: "record" });
        return { status: 200, fields: [["Transport", transport]] };
      }
      const transport = await this.#datagrams(media, wish.clientPort as readonly [number, number]);
      if (this.#closed) this.close();
      return { status: 200, fields: [["Transport", transport]] };
    }
    return { status: 461 };
  }

  async #datagrams(media: number, clientPort: readonly [number, number]): Promise<string> {
    const { address } = this.#around.tcp.remote;
    // Datagrams of others are none of the publisher's: their BYE ends nothing, their packets are not looked at.
    const own = (from: string) => plainAddress(from) === address;
    const ports = await openUdpPorts(
      address.includes(":") ? "::" : "0.0.0.0",
      (bytes, port, from) => {
        if (!own(from) || port !== clientPort[0] || !this.#recording) return;
        this.#around.alive();
        this.#publishing.rtp(media, bytes);
      },
      (bytes, port, from) => {
        if (own(from) && port === clientPort[1] && this.#recording) this.#publishing.rtcp(media, bytes);
      },
    );
    this.#ways.set(media, {
      rtcp: (packet) => void ports.rtcp.send(packet, clientPort[1], address),
      close: () => ports.close(),
    });
    return printTransport({ clientPort, serverPort: [ports.rtp.port, ports.rtcp.port], mode: "record" });
  }

  record(): Reply {
    if (this.#ways.size === 0) return INVALID_STATE;
    if (this.#recording) return { status: 200 };
    this.#recording = true;
    this.#publishing.begin({
      rtcp: (media, packet) => this.#ways.get(media)?.rtcp(packet),
      end: (why) => this.#around.end(why),
    });
    return { status: 200 };
  }

  /** What came on a channel of the connection, which says itself that it is alive. */
  interleaved(channel: number, data: Uint8Array): void {
    const found = this.#recording ? this.#channels.get(channel) : undefined;
    if (found === undefined) return;
    if (found.rtcp) this.#publishing.rtcp(found.media, data);
    else this.#publishing.rtp(found.media, data);
  }

  close(): void {
    for (const way of this.#ways.values()) way.close();
    this.#ways.clear();
    if (this.#closed) return;
    this.#closed = true;
    this.#publishing.stop();
  }
}

function sendFrame(tcp: TcpConnection, channel: number, packet: Uint8Array): void {
  const frame = new Uint8Array(4 + packet.length);
  frame.set([0x24, channel, packet.length >> 8, packet.length & 0xff]);
  frame.set(packet, 4);
  tcp.write(frame);
}
