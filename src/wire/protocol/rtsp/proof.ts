// RFC 7616 (Digest) and RFC 7617 (Basic), the side that checks.
import { type DigestHashes, digestResponse } from "./auth.ts";
import { parseChallenges } from "./challenge.ts";
import type { HeaderField } from "./message.ts";

/** What a request shows to prove who asks. Plain data: it may be checked by another thread. */
export type Proof =
  | { readonly kind: "none" }
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  | {
    readonly kind: "digest";
    readonly user: string;
    readonly realm: string;
    readonly nonce: string;
    readonly algorithm: string;
    readonly method: string;
    readonly uri: string;
    readonly response: string;
    /** Empty where the answer is in the form of RFC 2069. */
    readonly qop: string;
    readonly nonceCount: number;
    readonly clientNonce: string;
  };

/**
 * Reads the Authorization fields of a request. A Digest answer to another nonce or realm than those given proves
 * nothing. The `uri` of an answer need not be that of the request line: Bosch sends a relative one, VLC the base with a
 * slash, HappyTime none.
 */
export function readProof(
  fields: readonly string[],
  method: string,
  given: { readonly realm: string; readonly nonce: string },
): Proof {
  const basic = /^\s*basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(fields[0] ?? "");
  if (basic !== null) return readBasic(basic[1] as string);
  const [answer] = parseChallenges(fields);
  if (answer === undefined || answer.scheme !== "digest") return { kind: "none" };
  const of = (key: string) => answer.parameters.get(key) ?? "";
  if (of("nonce") !== given.nonce) return { kind: "none" };
  return {
    kind: "digest",
    user: of("username"),
    realm: given.realm,
    nonce: given.nonce,
    algorithm: of("algorithm"),
    method,
    uri: of("uri"),
    response: of("response").toLowerCase(),
    qop: of("qop"),
    nonceCount: Number.parseInt(of("nc") || "1", 16),
    clientNonce: of("cnonce"),
  };
}

function readBasic(text: string): Proof {
  let binary: string;
  try {
    binary = atob(text);
  } catch (e) {
    if (e instanceof DOMException) return { kind: "none" };
    throw e;
  }
  const decoded = new TextDecoder().decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)));
  const colon = decoded.indexOf(":");
  if (colon < 0) return { kind: "none" };
  return { kind: "password", user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** Whether the proof is of this password, and of this user unless none is given. */
export function proves(
  proof: Proof,
  who: { readonly user?: string; readonly password: string },
  hashes: DigestHashes,
): boolean {
  if (proof.kind === "none") return false;
  if (who.user !== undefined && proof.user !== who.user) return false;
  // Hashes are compared, so that the time it takes tells nothing of the password.
  if (proof.kind === "password") return hashes.sha256(proof.password) === hashes.sha256(who.password);
  const parameters = new Map([
    ["realm", proof.realm],
    ["nonce", proof.nonce],
    ["algorithm", proof.algorithm],
    ["qop", proof.qop],
  ]);
  const want = digestResponse(
    { scheme: "digest", parameters },
    { user: proof.user, password: who.password },
    { method: proof.method, uri: proof.uri, nonceCount: proof.nonceCount, clientNonce: proof.clientNonce },
    hashes,
  );
  return proof.response === want;
}

/** Fields of a 401, each challenge in a field of its own, the strongest first; `basic`: Basic is taken too. */
export function challengeFields(realm: string, nonce: string, basic: boolean): HeaderField[] {
  const digests = ["SHA-256", "MD5"].map((algorithm): HeaderField => [
    "WWW-Authenticate",
    `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}`,
  ]);
  return basic ? [...digests, ["WWW-Authenticate", `Basic realm="${realm}"`]] : digests;
}
