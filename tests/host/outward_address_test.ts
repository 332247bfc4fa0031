import { expect, test } from "bun:test";
import { listInterfaces } from "../../src/host/interfaces.ts";
import { outwardAddress } from "../../src/host/outward_address.ts";

test("outwardAddress() is the address that datagrams leave by", async () => {
  expect(await outwardAddress("127.0.0.1")).toBe("127.0.0.1");
});

test("outwardAddress() is always an address of this machine, whether there is a way or not", async () => {
  const own = listInterfaces().filter((at) => at.family === 4).map((at) => at.address);
  for (const address of ["239.1.2.3", "232.1.2.3", "192.0.2.1", "255.255.255.255"]) {
    expect(own).toContain(await outwardAddress(address));
  }
});
