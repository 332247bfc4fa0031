import { expect, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeSap, SAP_PORT, sapGroup } from "../../../../src/wire/protocol/sap/sap.ts";
import { runProgram } from "../../../peers/run_program.ts";

const DESCRIPTION = "v=0\r\no=- 7 1 IN IP4 10.0.0.1\r\ns=door\r\nt=0 0\r\n";

/** A capture of datagrams to SAP's port, each in UDP in IPv4 (link type 228). */
function captureOf(datagrams: readonly Uint8Array<ArrayBuffer>[]): Uint8Array {
  const parts = [
    Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, ...new Array(8).fill(0), 0, 0, 4, 0, 228, 0, 0, 0),
  ];
  for (const datagram of datagrams) {
    const size = 28 + datagram.length;
    const head = new DataView(new ArrayBuffer(16 + 28));
    head.setUint32(8, size, true);
    head.setUint32(12, size, true);
    head.setUint16(16, 0x4500);
    head.setUint16(18, size);
    head.setUint16(24, 0x1011);
    head.setUint32(28, 0x0a000001);
    head.setUint32(32, 0xefc3ffff);
    head.setUint16(36, SAP_PORT);
    head.setUint16(38, SAP_PORT);
    head.setUint16(40, size - 20);
    parts.push(new Uint8Array(head.buffer), datagram);
  }
  return Uint8Array.from(parts.flatMap((p) => [...p]));
}

test("tshark reads announcements and deletions, from IPv4 and IPv6", async () => {
  const file = join(tmpdir(), `fogcast-sap-${process.pid}.pcap`);
  const of = (source: string, deletion: boolean) =>
    encodeSap({ source, hash: 0x1234, deletion, description: DESCRIPTION });
  await writeFile(file, captureOf([of("10.0.0.1", false), of("10.0.0.1", true), of("fe80::12", false)]));
  const names = ["sap.flags.v", "sap.flags.t", "sap.flags.a", "sap.message_identifier_hash"];
  const more = ["sap.originating_source", "sap.originating_source.ipv6", "sap.payload_type"];
  const fields = [...names, ...more, "sdp.session_name"].flatMap((name) => ["-e", name]);
  try {
    const { out } = await runProgram(
      20_000,
      "tshark",
      "-r",
      file,
      "-T",
      "fields",
      "-E",
      "separator=,",
      ...fields,
    );
    expect(out.trim().split("\n").map((row) => row.replaceAll("True", "1").replaceAll("False", "0"))).toEqual(
      [
        "1,0,0,0x1234,10.0.0.1,,application/sdp,door",
        "1,1,0,0x1234,10.0.0.1,,application/sdp,door",
        "1,0,1,0x1234,,fe80::12,application/sdp,door",
      ],
    );
  } finally {
    await rm(file);
  }
}, 30_000);

test("sapGroup() is that of the group's scope", () => {
  expect(SAP_PORT).toBe(9875);
  const groups = ["239.194.1.2", "239.255.1.2", "239.1.2.3", "232.1.2.3", "ff02::1", "FF15::7:1"];
  expect(groups.map(sapGroup)).toEqual([
    "239.195.255.255",
    "239.255.255.255",
    "239.255.255.255",
    "224.2.127.254",
    "ff02::2:7ffe",
    "ff05::2:7ffe",
  ]);
});

test("encodeSap() refuses an announcer without an address", () => {
  expect(() => encodeSap({ source: "here", hash: 1, deletion: false, description: "" }))
    .toThrow("Cannot announce from here: no address");
});
