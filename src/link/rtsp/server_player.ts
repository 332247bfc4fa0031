import type { Clock } from "../../base/clock.ts";
import type { TcpConnection } from "../../host/tcp.ts";
import type { PacketBatch } from "../../wire/protocol/rtp/packetize/packet_place.ts";
import type { HeaderField, RtspRequest } from "../../wire/protocol/rtsp/message.ts";
import { printRtpInfo } from "../../wire/protocol/rtsp/session_fields.ts";
import { parseTransports } from "../../wire/protocol/rtsp/transport.ts";
import { findControl, INVALID_STATE, type Reply } from "./reply.ts";
import type { SendingPorts } from "./sending_ports.ts";
import type { Asked, Cue, Playing, PlaySession, ServedStream } from "./served.ts";
import { type AgreedPath, datagramPath, groupPath, interleavedPath } from "./server_path.ts";
import { ServerTrack } from "./server_track.ts";

/** What a player's side needs. */
export interface PlayerSurroundings {
  readonly tcp: TcpConnection;
  readonly clock: Clock;
  readonly sending: SendingPorts;
  /** Called when something came from the player. */
  alive(): void;
  cue(session: PlaySession): Cue;
  end(why: string): void;
}

/** One stream on its way to one player, from DESCRIBE to TEARDOWN. */
export class PlayerSide implements PlaySession {
  readonly asked: Asked;
  readonly stream: ServedStream;
  /** Of the player's request, without query and with a slash at the end. */
  readonly base: string;
  readonly #around: PlayerSurroundings;
  readonly #tracks = new Map<number, ServerTrack>();
  #playing: Playing | undefined;
  /** What is to begin once the answer is sent. */
  #cue: Cue | undefined;
  #closed = false;

  constructor(asked: Asked, stream: ServedStream, base: string, around: PlayerSurroundings) {
    this.asked = asked;
    this.stream = stream;
    this.base = base;
    this.#around = around;
  }

  get path(): string {
    return this.asked.path;
  }

  get remote(): string {
    return this.asked.remote;
  }

  get tracks(): readonly number[] {
    return [...this.#tracks.keys()];
  }

  get queued(): number {
    return this.#around.tcp.queued;
  }

  get playing(): boolean {
    return this.#playing !== undefined;
  }

  /** Something was set up. */
  get ready(): boolean {
    return this.#tracks.size > 0;
  }

  /** No track goes through the connection, so that its peer must say from time to time that it is there. */
  get mustSpeak(): boolean {
    return [...this.#tracks.values()].every((track) => track.path.datagrams);
  }

  isDatagram(track: number): boolean {
    return this.#tracks.get(track)?.path.datagrams ?? false;
  }

  isMulticast(track: number): boolean {
    return this.#tracks.get(track)?.path.multicast ?? false;
  }

  send(track: number, packet: Uint8Array): void {
    this.#tracks.get(track)?.send(packet);
  }

  batch(track: number, batch: PacketBatch, from: number, to: number): number {
    return this.#tracks.get(track)?.path.batch(batch, from, to) ?? 0;
  }

  rtcp(track: number, packet: Uint8Array): void {
    this.#tracks.get(track)?.path.rtcp(packet);
  }

  end(why: string): void {
    this.#around.end(why);
  }

  async setUp(request: RtspRequest): Promise<Reply> {
    if (this.#playing !== undefined) return INVALID_STATE;
    const index = findControl(request, this.stream.tracks.map((t) => t.control));
    const track = this.stream.tracks[index];
    if (track === undefined) return { status: 404 };
    const agreed = await this.#agree(request.headers.get("transport") ?? "", index);
    if (agreed === undefined) return { status: 461 };
    this.#tracks.get(index)?.close();
    this.#tracks.set(index, new ServerTrack(agreed.path, this.#around.clock, track.clockRate));
    if (this.#closed) this.close();
    return { status: 200, fields: [["Transport", agreed.transport]] };
  }

  play(): Reply {
    if (this.#tracks.size === 0) return INVALID_STATE;
    const range: HeaderField = ["Range", "npt=now-"];
    if (this.#playing !== undefined) return { status: 200, fields: [range] };
    const cue = this.#cue = this.#around.cue(this);
    const infos = [...cue.heads].map(([index, head]) => ({
      url: this.base + (this.stream.tracks[index]?.control ?? ""),
      ...head,
    }));
    const fields: HeaderField[] = infos.length === 0 ? [range] : [range, ["RTP-Info", printRtpInfo(infos)]];
    return { status: 200, fields, after: () => this.#begin() };
  }

  #begin(): void {
    this.#playing = this.#cue?.begin();
    this.#cue = undefined;
  }

  pause(): Reply {
    if (this.#playing === undefined) return INVALID_STATE;
    this.#playing.stop();
    this.#playing = undefined;
    return { status: 200 };
  }

  drained(): void {
    this.#playing?.drained?.();
  }

  /** What came on a channel of the connection. */
  interleaved(channel: number, data: Uint8Array): void {
    for (const [index, { path }] of this.#tracks) {
      if (path.channels[1] === channel) this.#playing?.rtcp?.(index, data);
    }
  }

  close(): void {
    this.#closed = true;
    // It is gone before it was answered: what was opened for it is closed in the same way.
    if (this.#cue !== undefined) this.#begin();
    this.#playing?.stop();
    this.#playing = undefined;
    for (const track of this.#tracks.values()) track.close();
    this.#tracks.clear();
  }

  /** The first alternative of the player that can be served. */
  async #agree(field: string, index: number): Promise<AgreedPath | undefined> {
    const { tcp, sending } = this.#around;
    for (const wish of parseTransports(field)) {
      if (wish.profile !== "RTP/AVP" && wish.profile !== "RTP/AVPF") continue;
      if (wish.tcp || wish.interleaved !== undefined) {
        return interleavedPath(tcp, wish, [2 * index, 2 * index + 1]);
      }
      if (wish.multicast) {
        const group = await this.stream.tracks[index]?.multicast?.();
        if (group !== undefined) return groupPath(group, tcp.local.address);
        continue;
      }
      if (wish.clientPort === undefined) continue;
      return await datagramPath(tcp, wish.clientPort, index, sending, (rtcp) => {
        this.#around.alive();
        this.#playing?.rtcp?.(index, rtcp);
      });
    }
    return undefined;
  }
}
