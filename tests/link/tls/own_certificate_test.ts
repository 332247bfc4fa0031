import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCertificate } from "../../../src/host/certificate.ts";
import { OWN_DAYS, ownCertificate, RENEW_DAYS } from "../../../src/link/tls/own_certificate.ts";
import { runProgram } from "../../peers/run_program.ts";

const DAY = 86_400_000;
const now = Date.now();
const wanted = {
  commonName: "fogcast on box",
  names: ["box.local", "localhost", "127.0.0.1", "2001:db8::7"],
};

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-own-"));
  try {
    await run(join(folder, "tls"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const openssl = (...args: string[]) => runProgram(5000, "openssl", ...args);

test("openssl takes it for each of its names, strictly, and for no other", () =>
  inFolder(async (folder) => {
    const { cert, key, made, unkept } = await ownCertificate(folder, wanted, now);
    expect([made, unkept]).toEqual([true, undefined]);
    const file = `${folder}/own.pem`;
    expect([readFileSync(file, "utf8"), readFileSync(`${folder}/own.key`, "utf8")]).toEqual([cert, key]);
    expect(statSync(`${folder}/own.key`).mode & 0o777).toBe(0o600);
    const verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", file];
    for (const name of ["-verify_hostname box.local", "-verify_ip 127.0.0.1", "-verify_ip 2001:db8::7"]) {
      expect((await openssl(...verify, ...name.split(" "), file)).out).toBe(`${file}: OK\n`);
    }
    expect((await openssl(...verify, "-verify_hostname", "other.local", file)).said).toContain(
      "hostname mismatch",
    );
    const text = (await openssl("x509", "-in", file, "-noout", "-text")).out;
    for (const part of ["Version: 3 (0x2)", "CA:TRUE, pathlen:0", "NIST CURVE: P-256", "ecdsa-with-SHA256"]) {
      expect(text).toContain(part);
    }
  }));

test("it stays while it is good, and keeps its key and its names when it is made anew", () =>
  inFolder(async (folder) => {
    const first = await ownCertificate(folder, wanted, now);
    const again = await ownCertificate(folder, { ...wanted, names: wanted.names.slice(1) }, now + 30 * DAY);
    expect([again.made, again.cert]).toEqual([false, first.cert]);
    // an IPv6 address comes and goes
    expect((await ownCertificate(folder, { ...wanted, names: ["2001:db8::8"] }, now)).made).toBe(false);
    for (
      const [names, at] of [
        [["192.0.2.9"], now],
        [[], now + (OWN_DAYS - RENEW_DAYS + 1) * DAY],
      ] as const
    ) {
      const next = await ownCertificate(folder, { ...wanted, names }, at);
      expect([next.made, next.key]).toEqual([true, first.key]);
      const { addresses, notAfter } = readCertificate(next.cert, next.key);
      expect(next.names).toEqual(expect.arrayContaining(["box.local", "localhost"]));
      expect(addresses).toEqual(expect.arrayContaining(["127.0.0.1", ...names]));
      expect(Math.round((notAfter - at) / DAY)).toBe(OWN_DAYS);
    }
  }));

test("files that cannot be used make way for new ones, and a folder that cannot be written to is told", () =>
  inFolder(async (folder) => {
    const first = await ownCertificate(folder, wanted, now);
    writeFileSync(`${folder}/own.key`, "nonsense");
    const second = await ownCertificate(folder, wanted, now);
    expect([second.made, second.key === first.key]).toEqual([true, false]);
    chmodSync(`${folder}/own.key`, 0o600);
    const nowhere = await ownCertificate(`${folder}/own.key/below`, wanted, now);
    expect(nowhere.made).toBe(true);
    expect(nowhere.unkept).toBeDefined();
  }));

test("readCertificate() says what is wrong", async () => {
  await inFolder(async (folder) => {
    const { cert, key } = await ownCertificate(folder, wanted, now);
    const { key: other } = await ownCertificate(`${folder}2`, wanted, now);
    for (
      const [c, k, why] of [
        ["", key, "this is no certificate in PEM form"],
        [key, key, "this is no certificate in PEM form"],
        [cert, cert, "this is no private key in PEM form without a password"],
        [cert, other, "the key is that of another certificate"],
      ] as const
    ) {
      expect(() => readCertificate(c, k)).toThrow(why);
    }
    rmSync(`${folder}2`, { recursive: true });
  });
});
