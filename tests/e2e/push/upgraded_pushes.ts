import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindUdpPair } from "../../../src/host/udp.ts";
import { decodeRtcp } from "../../../src/wire/protocol/rtcp/packet.ts";
import { decodeRtp } from "../../../src/wire/protocol/rtp/packet.ts";
import { until } from "../../peers/fogcast.ts";
import { freePort, startGuarded } from "../guardian/guarded.ts";
import { startLiveCamera } from "../guardian/live_camera.ts";

export interface UpgradedPushes {
  /** What the command said, and its exit code. */
  readonly text: string;
  readonly code: number;
  /** Ports that TS came from, in their order. */
  readonly senders: readonly number[];
  /** What the SDP file says, before and after. */
  readonly sessions: readonly string[];
  /** The last RTP packet of the old server and the first of the new one, of the picture; and goodbyes. */
  readonly rtp: { readonly border: readonly RtpSeen[]; readonly byes: number };
  /** The push that was started by hand: ports that it came from, and its number, stream and target in each server. */
  readonly byHand: { readonly senders: readonly number[]; readonly listed: readonly (readonly unknown[])[] };
}

/** A packet, and the port that it came from. */
interface RtpSeen {
  readonly from: number;
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
}

/** Listens on a pair of ports for RTP and RTCP. */
async function listenRtp() {
  const border: RtpSeen[] = [];
  let last: RtpSeen | undefined;
  let byes = 0;
  const { rtp, rtcp } = await bindUdpPair({ address: "127.0.0.1" }, (bytes, from) => {
    const decoded = decodeRtp(bytes);
    if (decoded.kind !== "ok") return;
    const { ssrc, sequence, timestamp } = decoded.value;
    if (last !== undefined && last.from !== from) border.push(last, { from, ssrc, sequence, timestamp });
    last = { from, ssrc, sequence, timestamp };
  }, (bytes) => {
    const decoded = decodeRtcp(bytes);
    if (decoded.kind === "ok") byes += decoded.value.filter((packet) => packet.kind === "bye").length;
  });
  return {
    border,
    port: rtp.port,
    get began() {
      return last !== undefined;
    },
    get byes() {
      return byes;
    },
    close() {
      rtp.close();
      rtcp.close();
    },
  };
}

/** Notes the ports that datagrams come from. */
async function listen() {
  const senders: number[] = [];
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (_socket, _bytes, port) => void (senders.at(-1) !== port && senders.push(port)) },
  });
  return { senders, socket };
}

/** Upgrades a server with two automatic pushes and one by hand, and waits until the new one runs them all. */
export async function upgradePushes(): Promise<UpgradedPushes> {
  const folder = await mkdtemp(join(tmpdir(), "fogcast-push-upgrade-"));
  const file = join(folder, "cam.sdp");
  const { senders, socket } = await listen();
  const hand = await listen();
  const rtp = await listenRtp();
  const api = `http://127.0.0.1:${freePort()}`;
  const camera = await startLiveCamera();
  const yaml = `streams:
  cam: { source: "${camera.url}", alwaysOn: true }
api: { listen: "${api.slice(7)}" }
rtspServer: { listen: [] }
push:
  auto:
    ts: { stream: cam, target: "tsudp://127.0.0.1:${socket.port}" }
    sdp: { stream: cam, target: "sdp://127.0.0.1:${rtp.port}?file=${file}" }
`;
  const fogcast = await startGuarded(yaml, "--leave", "6");
  const session = () => existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const command = async (commands: unknown): Promise<readonly (readonly unknown[])[]> => {
    const answer = await fetch(`${api}/api2`, { method: "POST", body: JSON.stringify(commands) });
    return (await answer.json()).push_list;
  };
  const target = `tsudp://127.0.0.1:${hand.socket.port}?pkts=3`;
  const listed = async () => {
    const row = (await command({ push_list: true })).find((push) => push[2] === target);
    return row?.slice(0, 4);
  };
  try {
    const before = await until(
      20_000,
      "both pushes",
      () => Promise.resolve(senders.length > 0 && rtp.began ? session() : undefined),
    );
    await command({ push_start: ["cam", target] });
    await until(20_000, "the push by hand", () => Promise.resolve(hand.senders.length > 0 || undefined));
    const listedBefore = await listed();
    const { code, text } = await fogcast.run("upgrade");
    await until(20_000, "TS of the new server", () => Promise.resolve(senders.length > 1 || undefined));
    await until(20_000, "RTP of the new server", () => Promise.resolve(rtp.border.length > 0 || undefined));
    const after = session() ?? "";
    await until(
      20_000,
      "the push by hand of the new server",
      () => Promise.resolve(hand.senders.length > 1 || undefined),
    );
    // the API is the new server's once the old one has left it
    await fogcast.printed(/API on .*[^]*API on /);
    const byHand = { senders: hand.senders, listed: [listedBefore ?? [], await listed() ?? []] };
    return {
      code,
      text,
      senders,
      sessions: [before, after],
      rtp: { border: rtp.border, byes: rtp.byes },
      byHand,
    };
  } finally {
    await fogcast.stop();
    camera.close();
    socket.close();
    hand.socket.close();
    rtp.close();
    await rm(folder, { recursive: true, force: true });
  }
}
