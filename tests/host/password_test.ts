import { expect, test } from "bun:test";
import { hashPassword, isPassword } from "../../src/host/password.ts";

test("a password is known again, another is not", async () => {
  const stored = await hashPassword("correct horse");
  expect(stored).toMatch(/^scrypt\$16384\$8\$1\$[0-9a-f]{32}\$[0-9a-f]{64}$/);
  expect(await isPassword("correct horse", stored)).toBe(true);
  expect(await isPassword("correct horsf", stored)).toBe(false);
});

test("the same password has another hash each time", async () => {
  expect(await hashPassword("x")).not.toBe(await hashPassword("x"));
});

test("RFC 7914, 12: the vector with N = 1024, r = 8, p = 16 is beyond the limits, the one with N = 16384 is read", async () => {
  const salt = Buffer.from("SodiumChloride").toString("hex");
  const hash = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2" +
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887";
  expect(await isPassword("pleaseletmein", `scrypt$16384$8$1$${salt}$${hash}`)).toBe(true);
  expect(await isPassword("password", "scrypt$1024$8$16$4e61436c$fdbabe1c9d347200")).toBe(false);
});

for (
  const bad of [
    "",
    "scrypt",
    "md5$x",
    "scrypt$16384$8$1$00$",
    "scrypt$99999999$8$1$00$00",
    "scrypt$x$y$z$00$00",
  ]
) {
  test(`${JSON.stringify(bad)} lets nobody in`, async () => expect(await isPassword("", bad)).toBe(false));
}
