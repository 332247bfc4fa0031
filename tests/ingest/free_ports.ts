import { bindUdp } from "../../src/host/udp.ts";

let next = 22_000 + (process.pid * 16) % 9_600;

/** The first of `count` ports that follow one another and are free, even; outside of the system's own range. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = next;
    next = first + 16 < 31_600 ? first + 16 : 22_000;
    const sockets = [];
    try {
      for (let i = 0; i < count; i++) sockets.push(await bindUdp({ port: first + i }, () => {}));
      return first;
    } catch (e) {
      if (!(e instanceof Error)) throw e; // taken: the next ones
    } finally {
      for (const socket of sockets) socket.close();
    }
  }
  throw new Error("no free ports");
}
