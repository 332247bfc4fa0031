import { bun, nodeModule } from "./runtime.ts";

/** The system's C library, by its names under glibc and musl. */
const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

type Call = (fd: number, level: number, option: number, value: Int32Array) => boolean;

let call: Call | undefined;

/** A UDP socket by its local port. */
export interface BoundSocket {
  readonly address: string;
  readonly port: number;
}

/**
 * A way to set options of a UDP socket that no runtime offers: the socket's descriptor is found by its port, and the C
 * library is called. Answers what sets an option (level and name of setsockopt(2)) and says whether the system took it; it
 * is not to be called once the socket is closed. Where there is no such way, why.
 */
export async function socketOptions(
  socket: BoundSocket,
): Promise<((level: number, option: number, value: number) => boolean) | string> {
  if (bun === undefined) return "this runtime calls no C library";
  const fd = descriptorOf(socket.port, socket.address.includes(":"));
  if (fd === undefined) return "its socket was not found";
  const set = call ??= await openLibrary();
  if (set === undefined) return "there is no C library to call";
  return (level, option, value) => set(fd, level, option, new Int32Array([value]));
}

async function openLibrary(): Promise<Call | undefined> {
  const { dlopen, ptr } = await import("bun:ffi");
  for (const name of LIBRARIES) {
    try {
      const { symbols } = dlopen(name, {
        setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
      });
      return (fd, level, option, value) =>
        symbols.setsockopt(fd, level, option, ptr(value), value.byteLength) === 0;
    } catch (failure) {
      if (!(failure instanceof Error)) throw failure;
    }
  }
  return undefined;
}

/** The descriptor of this process's UDP socket with that port; undefined where there is none, or no Linux. */
function descriptorOf(port: number, ipv6: boolean): number | undefined {
  const { existsSync, readdirSync, readFileSync, readlinkSync } = nodeModule("node:fs");
  const table = `/proc/self/net/${ipv6 ? "udp6" : "udp"}`;
  if (!existsSync(table)) return undefined;
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = readFileSync(table, "utf8").split("\n").map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hex}`) === true).map((fields) => `socket:[${fields[9]}]`);
  // a socket that was just made has one of the highest numbers
  for (const fd of readdirSync("/proc/self/fd").map(Number).sort((a, b) => b - a)) {
    if (isOneOf(`/proc/self/fd/${fd}`, inodes, readlinkSync)) return fd;
  }
  return undefined;
}

function isOneOf(link: string, targets: readonly string[], readlink: (path: string) => string): boolean {
  try {
    return targets.includes(readlink(link));
  } catch (failure) {
    // closed meanwhile, as that of this very listing is
    if (failure instanceof Error && "code" in failure && failure.code === "ENOENT") return false;
    throw failure;
  }
}
