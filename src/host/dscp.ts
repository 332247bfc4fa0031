import { bun, nodeModule } from "./runtime.ts";

/** What setsockopt(2) takes: level and name of the class of service, RFC 2474 and RFC 3542, 6.5. */
const IPPROTO_IP = 0;
const IP_TOS = 1;
const IPPROTO_IPV6 = 41;
const IPV6_TCLASS = 67;
/** The system's C library, by its names under glibc and musl. */
const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

/**
 * Marks what a UDP socket sends with a differentiated services code point, 0 to 63. No runtime offers that: the socket's
 * descriptor is found by its port, and the C library is called. Answers what kept it from being done; undefined: done.
 */
export async function setDscp(
  socket: { readonly address: string; readonly port: number },
  dscp: number,
): Promise<string | undefined> {
  if (bun === undefined) return "this runtime calls no C library";
  const ipv6 = socket.address.includes(":");
  const fd = descriptorOf(socket.port, ipv6);
  if (fd === undefined) return "its socket was not found";
  const { dlopen, ptr } = await import("bun:ffi");
  const value = new Int32Array([dscp << 2]);
  for (const name of LIBRARIES) {
    let library;
    try {
      library = dlopen(name, {
        setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
      });
    } catch (failure) {
      if (failure instanceof Error) continue;
      throw failure;
    }
    const [level, option] = ipv6 ? [IPPROTO_IPV6, IPV6_TCLASS] : [IPPROTO_IP, IP_TOS];
    const answer = library.symbols.setsockopt(fd, level, option, ptr(value), value.byteLength);
    library.close();
    return answer === 0 ? undefined : "the system refused it";
  }
  return "there is no C library to call";
}

/** The descriptor of this process's UDP socket with that port; undefined where there is none, or no Linux. */
function descriptorOf(port: number, ipv6: boolean): number | undefined {
  const { existsSync, readdirSync, readFileSync, readlinkSync } = nodeModule("node:fs");
  const table = `/proc/self/net/${ipv6 ? "udp6" : "udp"}`;
  if (!existsSync(table)) return undefined;
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = readFileSync(table, "utf8").split("\n").map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hex}`) === true).map((fields) => `socket:[${fields[9]}]`);
  for (const name of readdirSync("/proc/self/fd")) {
    const link = `/proc/self/fd/${name}`;
    // the descriptor of this very listing is gone by now
    if (existsSync(`/proc/self/fdinfo/${name}`) && isOneOf(link, inodes, readlinkSync)) return Number(name);
  }
  return undefined;
}

function isOneOf(link: string, targets: readonly string[], readlink: (path: string) => string): boolean {
  try {
    return targets.includes(readlink(link));
  } catch (failure) {
    // closed meanwhile
    if (failure instanceof Error && "code" in failure && failure.code === "ENOENT") return false;
    throw failure;
  }
}
