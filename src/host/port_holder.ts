import { nodeModule } from "./runtime.ts";

/** The state of a listening socket in /proc/net/tcp. */
const LISTENING = "0A";
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];

/**
 * Which program listens on a TCP port, such as `nginx (process 4711)`; undefined where that cannot be known: another
 * user's, another container's, or no Linux. Looks through /proc, some milliseconds.
 */
export function portHolder(port: number): string | undefined {
  const sockets = new Set(
    TABLES.flatMap((path) => listeningSockets(read(path), port)),
  );
  if (sockets.size === 0) return undefined;
  for (const pid of names("/proc").filter((name) => /^\d+$/.test(name))) {
    const folder = `/proc/${pid}/fd`;
    if (!names(folder).some((fd) => sockets.has(link(`${folder}/${fd}`)))) continue;
    const name = read(`/proc/${pid}/comm`).trim();
    return `${name === "" ? "a program" : name} (process ${pid})`;
  }
  return undefined;
}

/** Whether somebody may listen on a TCP port, on whichever address; true also where the system does not tell. */
export function isPerhapsTaken(port: number): boolean {
  const [ipv4 = "", ipv6 = ""] = TABLES.map(read);
  return ipv4 === "" || listeningSockets(ipv4 + ipv6, port).length > 0;
}

/** Names of the sockets, as links to them read, that listen on a port by a table such as /proc/net/tcp. */
export function listeningSockets(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").slice(1).flatMap((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTENING && local.endsWith(`:${wanted}`) && inode !== undefined
      ? [`socket:[${inode}]`]
      : [];
  });
}

/** What may not be read, or has gone meanwhile, is empty. */
function attempt<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch (failure) {
    if (failure instanceof Error) return otherwise;
    throw failure;
  }
}

const read = (path: string) => attempt(() => nodeModule("node:fs").readFileSync(path, "latin1"), "");
const names = (path: string) => attempt(() => nodeModule("node:fs").readdirSync(path), []);
const link = (path: string) => attempt(() => nodeModule("node:fs").readlinkSync(path), "");
