import { bun, nodeModule } from "./runtime.ts";

/** MD5 as lower-case hex; text is taken as UTF-8. For RTSP and HTTP digest authentication, never for secrecy. */
export function md5Hex(input: string | Uint8Array): string {
  return hashHex("md5", input);
}

/** SHA-1. For logins of ONVIF devices, never for secrecy. */
export function sha1(input: Uint8Array): Uint8Array {
  return new Uint8Array(nodeModule("node:crypto").createHash("sha1").update(input).digest());
}

/** SHA-256 as lower-case hex; text is taken as UTF-8. */
export function sha256Hex(input: string | Uint8Array): string {
  return hashHex("sha256", input);
}

/** HMAC with SHA-256, as lower-case hex. */
export function hmacSha256Hex(key: string | Uint8Array, input: string | Uint8Array): string {
  return nodeModule("node:crypto").createHmac("sha256", key).update(input).digest("hex");
}

/** `count` bytes from the system's cryptographic generator; at most 65 536. */
export function randomBytes(count: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** A number in [0, 1) for jitter and identifiers, not for secrets. */
export function random(): number {
  return Math.random();
}

/** Compares two secrets in a time that tells nothing but their lengths. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && nodeModule("node:crypto").timingSafeEqual(a, b);
}

/** Bun's own hashes, as every thread that meets a digest challenge needs one; see {@link nodeModule}. */
function hashHex(algorithm: "md5" | "sha256", input: string | Uint8Array): string {
  return bun === undefined
    ? nodeModule("node:crypto").createHash(algorithm).update(input).digest("hex")
    : new bun.CryptoHasher(algorithm).update(input).digest("hex");
}
