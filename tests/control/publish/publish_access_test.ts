import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { judgePlayer, refusePublisher } from "../../../src/control/publish/publish_access.ts";
import type { PublishQuestion } from "../../../src/control/publish/publish_messages.ts";
import { parsePublishSource } from "../../../src/media/publish_source.ts";
import type { Proof } from "../../../src/wire/protocol/rtsp/proof.ts";

const hash = (name: string) => (text: string) => createHash(name).update(text).digest("hex");
const ports = {
  hashes: { md5: hash("md5"), sha256: hash("sha256") },
  resolve: (host: string) => Promise.resolve(host === "studio" ? ["198.51.100.7", "2001:db8::7"] : []),
};
const basic: Proof = { kind: "password", user: "anybody", password: "hush" };

/** By the reference: `push://[host][@password]`; the right password skips the check of the host. */
const cases: readonly [
  source: string,
  remote: string,
  password: string,
  proof: Proof | undefined,
  answer: number,
][] = [
  ["push://", "203.0.113.9", "", undefined, 200],
  ["push://192.0.2.1", "192.0.2.1", "", undefined, 200],
  ["push://192.0.2.1", "192.0.2.2", "", undefined, 403],
  ["push://192.0.2.0/24", "192.0.2.200", "", undefined, 200],
  ["push://192.0.2.0/24", "::ffff:192.0.2.200", "", undefined, 200],
  ["push://192.0.2.0/24", "192.0.3.1", "", undefined, 403],
  ["push://[2001:db8::]/32", "2001:db8::5", "", undefined, 403],
  ["push://2001:db8::/32", "2001:db8::5", "", undefined, 200],
  ["push://studio", "198.51.100.7", "", undefined, 200],
  ["push://studio", "2001:db8::7", "", undefined, 200],
  ["push://studio", "198.51.100.8", "", undefined, 403],
  ["push://nowhere", "198.51.100.8", "", undefined, 403],
  ["push://@hush", "203.0.113.9", "hush", undefined, 200],
  ["push://@hush", "203.0.113.9", "", basic, 200],
  ["push://@hush", "203.0.113.9", "no", undefined, 401],
  ["push://@hush", "203.0.113.9", "", undefined, 401],
  ["push://@p@s/s", "203.0.113.9", "p@s/s", undefined, 200],
  ["push://192.0.2.1@hush", "203.0.113.9", "hush", undefined, 200],
  ["push://192.0.2.1@hush", "192.0.2.1", "", undefined, 200],
  ["push://192.0.2.1@hush", "203.0.113.9", "", undefined, 401],
  ["push://192.0.2.1@hush", "192.0.2.1", "", { ...basic, password: "no" } as Proof, 401],
];

for (const [source, remote, password, proof, answer] of cases) {
  const how = proof === undefined ? `with ${password === "" ? "no password" : password}` : "with a proof";
  test(`${source} from ${remote} ${how}: ${answer}`, async () => {
    const question: PublishQuestion = {
      stream: "live",
      remote,
      url: "",
      protocol: "RTSP",
      userAgent: "",
      password,
      proof: proof ?? { kind: "none" },
    };
    const rule = parsePublishSource(source);
    if (rule === undefined) throw new Error("no rule");
    expect((await refusePublisher(rule, question, ports))?.status ?? 200).toBe(answer);
  });
}

test("other sources are none that is published into", () => {
  for (const source of ["rtsp://h/a", "pushy://h", "tsudp://:1"]) {
    expect(parsePublishSource(source)).toBeUndefined();
  }
});

test("a player shows the stream's own password with any user name", () => {
  const { hashes } = ports;
  expect(judgePlayer(undefined, { kind: "none" }, hashes)).toBe("open");
  expect(judgePlayer("hush", { kind: "none" }, hashes)).toBe("wrong");
  expect(judgePlayer("hush", basic, hashes)).toBe("right");
  expect(judgePlayer("hush", { ...basic, password: "no" } as Proof, hashes)).toBe("wrong");
});
