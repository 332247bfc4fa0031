import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../peers/fogcast.ts";
import { startGuarded } from "../guardian/guarded.ts";
import { startLiveCamera } from "../guardian/live_camera.ts";

export interface UpgradedPushes {
  /** What the command said, and its exit code. */
  readonly text: string;
  readonly code: number;
  /** Ports that TS came from, in their order. */
  readonly senders: readonly number[];
  /** Origins of the session that the SDP file describes. */
  readonly sessions: readonly string[];
}

/** Upgrades a server with two automatic pushes, and waits until the new one runs both. */
export async function upgradePushes(): Promise<UpgradedPushes> {
  const folder = await mkdtemp(join(tmpdir(), "fogcast-push-upgrade-"));
  const file = join(folder, "cam.sdp");
  const senders: number[] = [];
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (_socket, _bytes, port) => void (senders.at(-1) !== port && senders.push(port)) },
  });
  const camera = await startLiveCamera();
  const yaml = `streams:
  cam: { source: "${camera.url}", alwaysOn: true }
api: { listen: 127.0.0.1:0 }
rtspServer: { listen: [] }
push:
  auto:
    ts: { stream: cam, target: "tsudp://127.0.0.1:${socket.port}" }
    sdp: { stream: cam, target: "sdp://127.0.0.1:5600?file=${file}" }
`;
  const fogcast = await startGuarded(yaml, "--leave", "6");
  const session = () => existsSync(file) ? /^o=.*$/m.exec(readFileSync(file, "utf8"))?.[0] : undefined;
  try {
    const before = await until(
      20_000,
      "both pushes",
      () => Promise.resolve(senders.length > 0 ? session() : undefined),
    );
    const { code, text } = await fogcast.run("upgrade");
    await until(20_000, "TS of the new server", () => Promise.resolve(senders.length > 1 || undefined));
    const after = await until(20_000, "the new session", () => {
      const now = session();
      return Promise.resolve(now === before ? undefined : now);
    });
    return { code, text, senders, sessions: [before, after] };
  } finally {
    await fogcast.stop();
    camera.close();
    socket.close();
    await rm(folder, { recursive: true, force: true });
  }
}
