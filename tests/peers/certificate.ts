import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate of one's own. */
export interface Certificate {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the public key, base64, by which Chromium is told to trust it. */
  readonly keyHash: string;
  remove(): void;
}

function openssl(input: Uint8Array | undefined, ...args: string[]): Uint8Array {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["openssl", ...args], {
    ...(input === undefined ? {} : { stdin: input }),
  });
  if (exitCode !== 0) throw new Error(`openssl ${args[0]}: ${stderr.toString().trim()}`);
  return stdout;
}

/**
 * Makes one with openssl, for localhost and 127.0.0.1 or for other `names`; valid for ten days, as browsers ask of
 * certificates that they are told to trust for QUIC.
 */
export function makeCertificate(...names: readonly string[]): Certificate {
  const subject = names[0] ?? "localhost";
  const all = names.length === 0 ? "DNS:localhost,IP:127.0.0.1" : names.map((name) => `DNS:${name}`).join();
  const folder = mkdtempSync(join(tmpdir(), "fogcast-tls-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  openssl(
    undefined,
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 10 -subj".split(
      " ",
    ),
    `/CN=${subject}`,
    "-addext",
    `subjectAltName=${all}`,
    "-keyout",
    key,
    "-out",
    cert,
  );
  const publicKey = openssl(undefined, "x509", "-in", cert, "-pubkey", "-noout");
  const der = openssl(publicKey, "pkey", "-pubin", "-outform", "der");
  const keyHash = new Bun.CryptoHasher("sha256").update(der).digest("base64");
  return { cert, key, keyHash, remove: () => rmSync(folder, { recursive: true }) };
}
