import { systemClock } from "../../../src/host/clock.ts";
import type { TcpConnection } from "../../../src/host/tcp.ts";
import { framed } from "../../link/rtsp/scripted_camera.ts";
import { rubbish } from "./camera_faults.ts";

/** What a camera sends after PLAY, without one frame in it. */
export interface Flood {
  readonly name: string;
  /** Interleaved channel. */
  readonly channel: number;
  readonly payload: Uint8Array;
  readonly payloadType: number;
  readonly marker: boolean;
  /** Ticks between two packets; 0: all of a unit have the same time. */
  readonly step: number;
  readonly megabytes: number;
}

const PACKETS = 1000;
/** A unit that does not end begins anew after so many. */
const UNIT_PACKETS = 16 * PACKETS;
const FILL = rubbish(1400, 3);

function payload(...start: number[]): Uint8Array {
  const bytes = FILL.slice();
  bytes.set(start);
  return bytes;
}

export const FLOODS: readonly Flood[] = [
  {
    // FU-A, a start every 22 MB and never an end: RFC 6184, 5.8
    name: "picture-without-end",
    channel: 0,
    payload: payload(0x7c, 0x05),
    payloadType: 96,
    marker: false,
    step: 0,
    megabytes: 1000,
  },
  {
    // SEI, whole: access units without a picture
    name: "messages-without-pictures",
    channel: 0,
    payload: payload(0x06, 0x05),
    payloadType: 96,
    marker: true,
    step: 3600,
    megabytes: 100,
  },
  {
    name: "nobody-s-payload-type",
    channel: 0,
    payload: FILL,
    payloadType: 77,
    marker: true,
    step: 3600,
    megabytes: 100,
  },
  {
    name: "nobody-s-channel",
    channel: 9,
    payload: FILL,
    payloadType: 96,
    marker: true,
    step: 3600,
    megabytes: 100,
  },
  {
    name: "control-packets",
    channel: 1,
    payload: FILL,
    payloadType: 72,
    marker: true,
    step: 0,
    megabytes: 100,
  },
];

/** Sends a flood as fast as it is read; resolves with the megabytes that were taken when all are, or the peer is gone. */
export function pour(flood: Flood, tcp: TcpConnection): Promise<number> {
  const packet = new Uint8Array(12 + flood.payload.length);
  packet[0] = 0x80;
  packet[1] = (flood.marker ? 0x80 : 0) | flood.payloadType;
  packet[11] = 7;
  packet.set(flood.payload, 12);
  const frame = framed(flood.channel, packet);
  const block = new Uint8Array(frame.length * PACKETS);
  for (let n = 0; n < PACKETS; n++) block.set(frame, n * frame.length);
  const view = new DataView(block.buffer);
  let sequence = 0;
  let sent = 0;
  const timeOf = (n: number) => flood.step > 0 ? (n * flood.step) >>> 0 : Math.floor(n / UNIT_PACKETS) * 3600;
  const step = () => {
    for (let n = 0; n < PACKETS; n++, sequence++) {
      view.setUint16(n * frame.length + 6, sequence & 0xffff);
      view.setUint32(n * frame.length + 8, timeOf(sequence));
    }
    if (flood.name === "picture-without-end") {
      block[17] = (sequence - PACKETS) % UNIT_PACKETS === 0 ? 0x85 : 0x05;
    }
    sent += block.length;
    return tcp.write(block);
  };
  return new Promise((resolve) => {
    let before = -1;
    let idle = 0;
    const pump = () => {
      // a peer that closed takes nothing more: what waits no longer gets less, for longer than a busy machine stands still
      idle = tcp.queued > 0 && tcp.queued === before ? idle + 1 : 0;
      before = tcp.queued;
      for (let n = 0; n < 4 && tcp.queued < 1_000_000; n++) if (sent < flood.megabytes * 1e6) step();
      if ((sent >= flood.megabytes * 1e6 && tcp.queued === 0) || idle > 10_000) {
        resolve((sent - tcp.queued) / 1e6);
      } else systemClock.after(1, pump);
    };
    pump();
  });
}
