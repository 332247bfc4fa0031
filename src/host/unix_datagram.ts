import { bun } from "./runtime.ts";

const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
const AF_UNIX = 1;
/** SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK. */
const DATAGRAM = 2 | 0o2000000 | 0o4000;
/** MSG_DONTWAIT | MSG_NOSIGNAL. */
const SEND_FLAGS = 0x40 | 0x4000;
/** sockaddr_un: two bytes of family and 108 of path, with its zero. */
const PATH_MAX = 107;

/** A socket that sends datagrams to one place in the file system, such as `/dev/log`, or to an abstract name. */
export interface UnixDatagram {
  /** Never waits. False when it was not taken: nobody listens, or the queue is full. */
  send(bytes: Uint8Array): boolean;
  close(): void;
}

/**
 * Opens a datagram socket of the Unix family over libc, since no runtime has them. The path is looked up with every
 * datagram, so the listener may come and go; one that begins with `@` is an abstract name. Rejects where libc cannot be had (under Deno), or the path is too long.
 */
export async function openUnixDatagram(path: string): Promise<UnixDatagram> {
  if (bun === undefined) throw new Error("Unix datagrams are not possible under this runtime");
  const name = new TextEncoder().encode(path);
  if (name.length === 0 || name.length > PATH_MAX) {
    throw new Error(`Cannot send to ${path}: ${name.length} bytes of path, at most ${PATH_MAX} expected`);
  }
  const abstract = path.startsWith("@");
  const address = new Uint8Array(2 + name.length + (abstract ? 0 : 1));
  address[0] = AF_UNIX;
  address.set(name, 2);
  if (abstract) address[2] = 0;
  // Loaded only here: the compiler behind it costs 3 MB.
  const { ptr } = await import("bun:ffi");
  const libc = await openLibc();
  const socket = libc.socket(AF_UNIX, DATAGRAM, 0);
  if (socket < 0) throw new Error("Cannot open a Unix datagram socket");
  let open = true;
  return {
    send(bytes) {
      if (!open || bytes.length === 0) return false;
      return Number(
        libc.sendto(socket, ptr(bytes), bytes.length, SEND_FLAGS, ptr(address), address.length),
      ) ===
        bytes.length;
    },
    close() {
      if (open) libc.close(socket);
      open = false;
    },
  };
}

async function openLibc() {
  const { dlopen } = await import("bun:ffi");
  let why: unknown;
  for (const library of LIBRARIES) {
    try {
      return dlopen(library, {
        socket: { args: ["i32", "i32", "i32"], returns: "i32" },
        sendto: { args: ["i32", "ptr", "usize", "i32", "ptr", "u32"], returns: "i64" },
        close: { args: ["i32"], returns: "i32" },
      }).symbols;
    } catch (failure) {
      why = failure;
    }
  }
  throw new Error(`Cannot load libc: ${why instanceof Error ? why.message : String(why)}`);
}
