import { expect, test } from "bun:test";
import { isPerhapsTaken, listeningSockets, portHolder } from "../../src/host/port_holder.ts";
import { listenTcp } from "../../src/host/tcp.ts";

const TABLE =
  `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1
   2: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
`;

test("listeningSockets() finds who listens on a port, not who is connected to it", () => {
  expect(listeningSockets(TABLE, 8080)).toEqual(["socket:[4711]"]);
  expect(listeningSockets(TABLE, 8081)).toEqual(["socket:[4713]"]);
  expect(listeningSockets(TABLE, 0xc350)).toEqual([]);
  expect(listeningSockets("", 8080)).toEqual([]);
});

for (const host of ["127.0.0.1", "::1"]) {
  test(`a port on ${host} is taken while somebody listens, by whom is known`, async () => {
    const listener = await listenTcp({ host, port: 0 }, (connection) => {
      connection.destroy();
      return { data: () => {}, close: () => {} };
    });
    const { port } = listener;
    expect(isPerhapsTaken(port)).toBe(true);
    expect(portHolder(port)).toContain(`(process ${process.pid})`);
    await listener.close();
    expect(isPerhapsTaken(port)).toBe(false);
  });
}
