import { encodeCertificate, encodeToBeSigned } from "../../wire/protocol/x509/certificate.ts";
import { pem } from "../../wire/protocol/x509/der.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
/** Clocks of viewers may be slow. */
const EARLIER_MILLIS = 86_400_000;

/** A key in PEM form (PKCS #8), new. */
export async function makeKey(): Promise<string> {
  const pair = await crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  return pem("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
}

/**
 * A certificate (PEM) for names and addresses, signed with its own key: ECDSA with P-256, X.509 version 3. Valid from a
 * day before `now` for `days`. Throws when `key` is no P-256 key in PEM form.
 */
export async function makeSelfSigned(
  key: string,
  about: { readonly commonName: string; readonly names: readonly string[] },
  now: number,
  days: number,
): Promise<string> {
  const secret = await crypto.subtle.importKey("pkcs8", bytesOf(key), CURVE, true, ["sign"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", secret);
  const open = { kty, crv, x, y } as JsonWebKey;
  const verifying = await crypto.subtle.importKey("jwk", open, CURVE, true, ["verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", verifying));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey));
  const serial = crypto.getRandomValues(new Uint8Array(16));
  serial[0] = (serial[0] as number) % 127 + 1;
  const toBeSigned = encodeToBeSigned({
    ...about,
    serial,
    notBefore: now - EARLIER_MILLIS,
    notAfter: now + days * 86_400_000,
    publicKey,
    keyIdentifier: hash.subarray(0, 20),
  });
  const signature = new Uint8Array(await crypto.subtle.sign(SIGNING, secret, toBeSigned));
  return pem("CERTIFICATE", encodeCertificate(toBeSigned, signature));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const body = /-----BEGIN PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text)?.[1];
  if (body === undefined) throw new Error("Expected a private key in PEM form");
  return Uint8Array.from(atob(body.replace(/\s+/g, "")), (c) => c.charCodeAt(0));
}
