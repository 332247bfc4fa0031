import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";

/** A pipeline that ends before `udpsink`, and the format it announces. */
export const GST = "/usr/bin/gst-launch-1.0";
export const haveGst = existsSync(GST);

/** Packets that a GStreamer pipeline sends to a port of ours within `millis`, each with its arrival. */
export async function gstPackets(
  pipeline: string,
  millis: number,
): Promise<{ bytes: Uint8Array; at: number }[]> {
  const packets: { bytes: Uint8Array; at: number }[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (bytes) => packets.push({ bytes: new Uint8Array(bytes), at: performance.now() }));
  await new Promise<void>((done) => socket.bind(0, "127.0.0.1", done));
  const port = socket.address().port;
  const child: ChildProcess = spawn(
    GST,
    ["-q", ...pipeline.split(/\s+/), "!", "udpsink", "host=127.0.0.1", `port=${port}`, "sync=true"],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  await Promise.race([ended, new Promise((done) => setTimeout(done, millis))]);
  child.kill("SIGINT");
  await ended;
  socket.close();
  return packets;
}
