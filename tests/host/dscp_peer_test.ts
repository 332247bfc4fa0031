import { expect, test } from "bun:test";
import { setDscp } from "../../src/host/dscp.ts";
import { bindUdp } from "../../src/host/udp.ts";

test("tshark sees the code point of IPv4 and IPv6 datagrams, and none before it is set", async () => {
  const pairs = await Promise.all(
    ["127.0.0.1", "::1"].map(async (address) => ({
      address,
      receiver: await bindUdp({ address }, () => {}),
      sender: await bindUdp({ address }, () => {}),
    })),
  );
  const filter = pairs.map(({ receiver }) => `udp port ${receiver.port}`).join(" or ");
  const fields = ["-T", "fields", "-E", "separator=,", "-e", "ip.dsfield.dscp", "-e", "ipv6.tclass.dscp"];
  const tshark = Bun.spawn(["tshark", "-i", "lo", "-n", "-l", "-f", filter, ...fields], {
    stdout: "pipe",
    stderr: "ignore",
  });
  const seen = new Set<string>();
  const reading = (async () => {
    let text = "";
    for await (const chunk of tshark.stdout) {
      text += new TextDecoder().decode(chunk);
      for (const line of text.split("\n").slice(0, -1)) seen.add(line.trim());
    }
  })();
  const sendUntil = async (...marks: string[]) => {
    const end = performance.now() + 20_000;
    while (!marks.every((m) => seen.has(m)) && performance.now() < end) {
      for (const { address, receiver, sender } of pairs) {
        sender.send(new Uint8Array(8), receiver.port, address);
      }
      await Bun.sleep(50);
    }
    expect([...seen]).toEqual(expect.arrayContaining(marks));
  };
  try {
    await sendUntil("0,", ",0");
    expect([...seen].sort()).toEqual([",0", "0,"]);
    for (const { sender } of pairs) expect(await setDscp(sender, 46)).toBeUndefined();
    await sendUntil("46,", ",46");
  } finally {
    tshark.kill();
    await reading;
    for (const { receiver, sender } of pairs) {
      sender.close();
      receiver.close();
    }
  }
}, 60_000);
