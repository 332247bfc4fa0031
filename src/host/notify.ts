import { bun } from "./runtime.ts";
import { openUnixDatagram } from "./unix_datagram.ts";
import process from "node:process";

/** Says something to the service manager, such as `READY=1`; see sd_notify(3). Never throws. */
export type Notify = (state: string) => void;

/**
 * Opens the way to the service manager that started this process; undefined when none did. Over the program
 * `systemd-notify` where a datagram socket cannot be had.
 */
export async function openNotify(path = process.env["NOTIFY_SOCKET"]): Promise<Notify | undefined> {
  if (path === undefined || path === "" || bun === undefined) return undefined;
  const runtime = bun;
  try {
    const socket = await openUnixDatagram(path);
    return (state) => void socket.send(new TextEncoder().encode(state));
  } catch {
    return (state) => {
      try {
        runtime.spawn({ cmd: ["systemd-notify", `--pid=${process.pid}`, state] });
      } catch {
        return; // neither libc nor systemd's program: the service manager learns nothing
      }
    };
  }
}
