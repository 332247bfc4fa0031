import type { ServerProcess } from "./server_process.ts";

/** How long the old server may take to say what runs in it, milliseconds. */
const ANSWER_MILLIS = 2000;
/** How long the new server may take until its sources send; those that do not by then connect anew after the swap. */
export const PREPARE_MILLIS = 20_000;
/** How long the old server may take to bring every stream to the end of a segment and hand it over. */
export const HAND_OVER_MILLIS = 30_000;
/** How long the new server may take to open its ports. */
export const LISTEN_MILLIS = 15_000;

/** The upgrade did not happen: the old server goes on, the new one is gone. */
export class UpgradeRefused extends Error {}
/** It failed half way: the old server has given its streams away. */
export class UpgradeBroken extends Error {}

export interface UpgradePorts {
  readonly old: ServerProcess;
  /** Starts the new server beside the old one. */
  launch(streams: readonly string[]): { readonly server: ServerProcess; readonly socket: string };
  /** Where files with streams go. */
  readonly folder: string;
  /** How long viewers of the old server may take to finish. */
  readonly leaveMillis: number;
  say(line: string): void;
}

/**
 * Swaps servers without dropping anyone. The new one connects to the sources of the streams that run, and keeps what
 * they send; the old one ends each stream with a segment and hands it over, and the new one goes on with the frame
 * that follows. Then the new one opens the ports, and the old one leaves. Answers the new server.
 *
 * Throws {@link UpgradeRefused} when nothing has changed, {@link UpgradeBroken} when the old server is of no use any more.
 */
export async function upgrade(ports: UpgradePorts): Promise<ServerProcess> {
  const { old, say } = ports;
  const asked = old.next("running", ANSWER_MILLIS);
  old.send({ type: "running" });
  const streams = (await asked)?.streams;
  if (streams === undefined) throw new UpgradeRefused("the running server does not answer");
  const { server, socket } = ports.launch(streams);
  const prepared = await server.next("prepared", PREPARE_MILLIS);
  if (prepared === undefined) {
    const why = server.alive
      ? `it is not ready after ${PREPARE_MILLIS / 1000} s`
      : `it ended: ${server.endedBy}`;
    server.signal("SIGKILL");
    throw new UpgradeRefused(`the new server was given up: ${why}`);
  }
  if (prepared.missing.length > 0) {
    say(`sources not online in the new server: ${prepared.missing.join(", ")}`);
  }
  if (!old.alive) {
    server.signal("SIGKILL");
    throw new UpgradeRefused("the old server died meanwhile");
  }
  const handed = old.next("handed over", HAND_OVER_MILLIS);
  old.send({ type: "hand over", socket, folder: ports.folder });
  const complete = await handed !== undefined;
  if (!server.alive) throw new UpgradeBroken("the new server died while it took over");
  if (!complete) say("the old server did not hand over everything");
  const listening = server.next("listening", LISTEN_MILLIS);
  server.send({ type: "listen" });
  if (await listening === undefined) {
    server.signal("SIGKILL");
    throw new UpgradeBroken("the new server cannot serve");
  }
  old.send({ type: "leave", millis: ports.leaveMillis });
  return server;
}
