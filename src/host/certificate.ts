import { createPrivateKey, X509Certificate } from "node:crypto";

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** Names of its subjectAltName: `cam.example`, `*.example`. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  /** Unix milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * Looks at a certificate (PEM, the first of a chain) and its key. Throws, in words, when either is none, the key is that of
 * another one, or it needs a password.
 */
export function readCertificate(cert: string, key: string): CertificateFacts {
  const leaf = attempt("this is no certificate in PEM form", () => new X509Certificate(cert));
  const secret = attempt(
    "this is no private key in PEM form without a password",
    () => createPrivateKey(key),
  );
  if (!leaf.checkPrivateKey(secret)) throw new Error("the key is that of another certificate");
  const found = (kind: string) =>
    [...(leaf.subjectAltName ?? "").matchAll(new RegExp(`${kind}:([^,\\s"]+)`, "g"))].map((m) =>
      m[1] as string
    );
  const names = found("DNS");
  const common = /^CN=([\w.*-]+)$/m.exec(leaf.subject)?.[1];
  return {
    names: names.length > 0 || common === undefined ? names : [common],
    addresses: found("IP Address"),
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
  };
}

function attempt<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (failure) {
    throw new Error(what, { cause: failure });
  }
}
