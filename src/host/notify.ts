import { bun } from "./runtime.ts";
import process from "node:process";

const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;

/** Says something to the service manager, such as `READY=1`; see sd_notify(3). Never throws. */
export type Notify = (state: string) => void;

/**
 * Opens the way to the service manager that started this process; undefined when none did. Over libc's own datagram
 * socket, since no runtime has unix datagrams; over the program `systemd-notify` where that cannot be had.
 */
export async function openNotify(path = process.env["NOTIFY_SOCKET"]): Promise<Notify | undefined> {
  if (path === undefined || path === "" || bun === undefined) return undefined;
  const runtime = bun;
  // Loaded only here: the compiler behind it costs 3 MB.
  const { dlopen, ptr } = await import("bun:ffi");
  for (const library of LIBRARIES) {
    const symbols = load(dlopen, library);
    if (symbols === undefined) continue;
    const address = unixAddress(path);
    const socket = symbols.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (socket < 0) break;
    return (state) => {
      const bytes = new TextEncoder().encode(state);
      symbols.sendto(socket, ptr(bytes), bytes.length, 0, ptr(address), address.length);
    };
  }
  return (state) => void runtime.spawn({ cmd: ["systemd-notify", `--pid=${process.pid}`, state] });
}

function load(dlopen: typeof import("bun:ffi").dlopen, library: string) {
  try {
    return dlopen(library, {
      socket: { args: ["i32", "i32", "i32"], returns: "i32" },
      sendto: { args: ["i32", "ptr", "usize", "i32", "ptr", "u32"], returns: "i64" },
    }).symbols;
  } catch (failure) {
    if (failure instanceof Error) return undefined;
    throw failure;
  }
}

/** sockaddr_un; a path that begins with `@` is an abstract one. */
function unixAddress(path: string): Uint8Array {
  const name = new TextEncoder().encode(path);
  const abstract = path.startsWith("@");
  const address = new Uint8Array(2 + name.length + (abstract ? 0 : 1));
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  if (abstract) address[2] = 0;
  return address;
}
