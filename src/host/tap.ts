import { nodeModule } from "./runtime.ts";
import type { TcpHandlers } from "./tcp_connection.ts";
import type { OnDatagram } from "./udp_socket.ts";

/** What one file takes; what comes after is not written. */
export const TAP_FILE_MAX = 64 * 1024 * 1024;
/** Files that one thread opens. */
const TAP_FILES_MAX = 1000;

let prefix: string | undefined;
let files = 0;

/**
 * Writes what every socket of this thread receives from now on to files in `folder`, so that a fault in the field
 * becomes a test by copying a file. TCP gives the bytes as they came; UDP gives each datagram behind its length as a
 * big-endian 32-bit number. Names begin with `name`. Throws when the folder cannot be made.
 */
export function startTap(folder: string, name: string): void {
  nodeModule("node:fs").mkdirSync(folder, { recursive: true });
  prefix = `${folder}/${name.replaceAll(/[^\w.+-]/g, "_")}`;
}

/** Handlers that also write what comes; the same handlers where there is no tap. */
export function tapTcp(handlers: TcpHandlers, peer: string): TcpHandlers {
  const file = openTap("tcp", peer);
  if (file === undefined) return handlers;
  return {
    data(bytes) {
      file.write(bytes);
      handlers.data(bytes);
    },
    drain: () => handlers.drain?.(),
    close(why) {
      file.close();
      handlers.close(why);
    },
  };
}

/** The same for datagrams. */
export function tapUdp(onDatagram: OnDatagram): OnDatagram {
  const file = openTap("udp", "socket");
  if (file === undefined) return onDatagram;
  const length = new Uint8Array(4);
  const view = new DataView(length.buffer);
  return (bytes, port, address) => {
    view.setUint32(0, bytes.length);
    file.write(length, bytes);
    onDatagram(bytes, port, address);
  };
}

class TapFile {
  readonly #descriptor: number;
  #left = TAP_FILE_MAX;

  constructor(path: string) {
    this.#descriptor = nodeModule("node:fs").openSync(path, "w");
  }

  write(...pieces: readonly Uint8Array[]): void {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (bytes > this.#left) this.#left = 0;
    if (this.#left === 0) return;
    this.#left -= bytes;
    for (const piece of pieces) nodeModule("node:fs").writeSync(this.#descriptor, piece);
  }

  close(): void {
    this.#left = 0;
    nodeModule("node:fs").closeSync(this.#descriptor);
  }
}

function openTap(kind: string, peer: string): TapFile | undefined {
  if (prefix === undefined || files >= TAP_FILES_MAX) return undefined;
  return new TapFile(`${prefix}-${kind}-${peer.replaceAll(/[^\w.-]/g, "_")}-${files++}.bin`);
}
