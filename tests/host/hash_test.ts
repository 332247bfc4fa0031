import { expect, test } from "bun:test";
import { equalSecrets, hmacSha256Hex, md5Hex, randomBytes, sha256Hex } from "../../src/host/hash.ts";

test("md5Hex() gives the vectors of RFC 1321, A.5", () => {
  expect(md5Hex("")).toBe("d41d8cd98f00b204e9800998ecf8427e");
  expect(md5Hex("message digest")).toBe("f96b697d7cb7938d525a2f31aaf161d0");
});

test("sha256Hex() gives the vector of FIPS 180-4, for text, bytes and shared memory", () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(sha256Hex("abc")).toBe(abc);
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  shared.set([0x61, 0x62, 0x63]);
  expect(sha256Hex(shared)).toBe(abc);
});

test("hmacSha256Hex() gives the second vector of RFC 4231", () => {
  expect(hmacSha256Hex("Jefe", "what do ya want for nothing?")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test("randomBytes() differs from call to call; equalSecrets() compares", () => {
  const a = randomBytes(16);
  const b = randomBytes(16);
  expect(a.length).toBe(16);
  expect(equalSecrets(a, b)).toBe(false);
  expect(equalSecrets(a, a.slice())).toBe(true);
  expect(equalSecrets(a, a.subarray(1))).toBe(false);
});
