import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { authorize, type DigestHashes } from "../../../../src/wire/protocol/rtsp/auth.ts";
import { Base64Stream } from "../../../../src/wire/protocol/rtsp/base64_stream.ts";
import { parseChallenges } from "../../../../src/wire/protocol/rtsp/challenge.ts";
import { challengeFields, proves, readProof } from "../../../../src/wire/protocol/rtsp/proof.ts";

const hashes: DigestHashes = {
  md5: (text) => createHash("md5").update(text).digest("hex"),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};
const given = { realm: "fogcast", nonce: "0123456789abcdef" };
const who = { user: "jö", password: "p:@ss" };

test("each challenge can be answered, and its answer is a proof of this password alone", () => {
  const challenges = parseChallenges(
    challengeFields(given.realm, given.nonce, true).map(([, value]) => value),
  );
  expect(challenges.map((c) => c.scheme)).toEqual(["digest", "digest", "basic"]);
  for (const challenge of challenges) {
    for (const qop of challenge.scheme === "digest" ? ["", "auth"] : [""]) {
      const asked = { ...challenge, parameters: new Map([...challenge.parameters, ["qop", qop]]) };
      const request = { method: "ANNOUNCE", uri: "rtsp://h/a", nonceCount: 3, clientNonce: "abc" };
      const proof = readProof([authorize(asked, who, request, hashes)], "ANNOUNCE", given);
      expect(proves(proof, who, hashes)).toBe(true);
      expect(proves(proof, { password: who.password }, hashes)).toBe(true);
      expect(proves(proof, { user: "joe", password: who.password }, hashes)).toBe(false);
      expect(proves(proof, { ...who, password: "P:@ss" }, hashes)).toBe(false);
      // It was posted to another thread.
      expect(proves(structuredClone(proof), who, hashes)).toBe(true);
      if (proof.kind === "digest") expect(proves({ ...proof, method: "PLAY" }, who, hashes)).toBe(false);
    }
  }
});

test("what proves nothing", () => {
  const digest = `Digest username="u", realm="fogcast", nonce="${given.nonce}", uri="/", response="00"`;
  const nothing = [
    [],
    ["Basic"],
    ["Basic !!!"],
    [`Basic ${btoa("nocolon")}`],
    ["Bearer abc"],
    [digest.replace(given.nonce, "other")],
  ];
  for (const fields of nothing) expect(readProof(fields, "PLAY", given)).toEqual({ kind: "none" });
  expect(proves({ kind: "none" }, { password: "" }, hashes)).toBe(false);
  expect(proves(readProof([digest], "PLAY", given), who, hashes)).toBe(false);
});

test("Base64Stream decodes texts one after the other, however they are cut", () => {
  const texts = ["a", "ab", "abc", "\x00\xff\x80", "OPTIONS rtsp://h/a RTSP/1.0\r\n\r\n"];
  const all = texts.map((text) => btoa(text)).join("\r\n");
  for (let size = 1; size <= all.length; size++) {
    const stream = new Base64Stream();
    let out = "";
    for (let at = 0; at < all.length; at += size) {
      const piece = Uint8Array.from(all.slice(at, at + size), (c) => c.charCodeAt(0));
      out += String.fromCharCode(...stream.push(piece) ?? [63]);
    }
    expect(out).toBe(texts.join(""));
  }
  expect(new Base64Stream().push(Uint8Array.of(0x41, 0x2d))).toBeUndefined();
});
