import { expect, test } from "bun:test";
import { bindUdp } from "../../src/host/udp.ts";
import { segmentSends } from "../../src/host/udp_segments.ts";

for (const address of ["127.0.0.1", "::1"]) {
  test(`what is sent at once leaves as datagrams of one size until that is ended: ${address}`, async () => {
    const sizes: number[] = [];
    let heard = () => {};
    const receiver = await bindUdp({ address }, (bytes) => {
      sizes.push(bytes.length);
      heard();
    });
    const sender = await bindUdp({ address }, () => {});
    const sendAndHear = async (count: number, ...packets: number[]) => {
      sizes.length = 0;
      const all = new Promise<void>((resolve) => heard = () => void (sizes.length >= count && resolve()));
      expect(sender.sendMany(packets.map((size) => new Uint8Array(size)), receiver.port, address))
        .toBe(packets.length);
      await all;
      return [...sizes];
    };
    try {
      const end = await segmentSends(sender, 1316);
      expect(end).toBeDefined();
      expect(await sendAndHear(6, 3 * 1316 + 100, 50, 1316)).toEqual([1316, 1316, 1316, 100, 50, 1316]);
      end?.();
      expect(await sendAndHear(1, 3 * 1316)).toEqual([3 * 1316]);
    } finally {
      sender.close();
      receiver.close();
    }
  });
}

test("a socket that is not there is not changed", async () => {
  const socket = await bindUdp({ address: "127.0.0.1" }, () => {});
  const { address, port } = socket;
  socket.close();
  expect(await segmentSends({ address, port }, 1316)).toBeUndefined();
});
