// RFC 7616 (Digest), RFC 2069 (Digest without qop), RFC 7617 (Basic).
import type { Challenge } from "./challenge.ts";

/** Hash of a text's UTF-8 bytes in lower-case hexadecimal. */
export type HexHash = (text: string) => string;

/** The hashes that Digest needs; `host/` has them. */
export interface DigestHashes {
  readonly md5: HexHash;
  readonly sha256: HexHash;
}

/** What an answer to a challenge is made of. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The request that an answer is for. */
export interface AuthorizedRequest {
  readonly method: string;
  /** As it stands in the request line. */
  readonly uri: string;
  /** How often the nonce has been used, this time included, from 1. */
  readonly nonceCount: number;
  /** Random hexadecimal digits of the client. */
  readonly clientNonce: string;
}

/** How strong a challenge is; 0 where it cannot be answered. */
export function strengthOf(challenge: Challenge): number {
  if (challenge.scheme === "basic") return 1;
  if (challenge.scheme !== "digest" || (challenge.parameters.get("nonce") ?? "") === "") return 0;
  const qop = challenge.parameters.get("qop");
  if (qop !== undefined && qop !== "" && !offersAuth(qop)) return 0;
  const algorithm = algorithmOf(challenge);
  if (algorithm === "MD5" || algorithm === "MD5-SESS") return 2;
  return algorithm === "SHA-256" || algorithm === "SHA-256-SESS" ? 3 : 0;
}

/** The challenges that can be answered, the strongest first. */
export function rankChallenges(challenges: readonly Challenge[]): Challenge[] {
  return challenges.filter((c) => strengthOf(c) > 0).sort((a, b) => strengthOf(b) - strengthOf(a));
}

/** Whether the server says that only the nonce was too old. Cameras write it quoted, unquoted, in any case. */
export function isStale(challenge: Challenge): boolean {
  return challenge.parameters.get("stale")?.toLowerCase() === "true";
}

function algorithmOf(challenge: Challenge): string {
  const text = (challenge.parameters.get("algorithm") ?? "MD5").toUpperCase();
  return text === "" ? "MD5" : text.replace(/^SHA256/, "SHA-256");
}

function offersAuth(qop: string): boolean {
  return qop.split(",").some((word) => word.trim().toLowerCase() === "auth");
}

/** The value of the Authorization field that answers a challenge, which `strengthOf` must have found above 0. */
export function authorize(
  challenge: Challenge,
  who: Credentials,
  request: AuthorizedRequest,
  hashes: DigestHashes,
): string {
  if (challenge.scheme === "basic") return `Basic ${base64(`${who.user}:${who.password}`)}`;
  const realm = challenge.parameters.get("realm") ?? "";
  const nonce = challenge.parameters.get("nonce") ?? "";
  const count = request.nonceCount.toString(16).padStart(8, "0");
  const response = digestResponse(challenge, who, request, hashes);
  let text = `Digest username="${quote(who.user)}", realm="${quote(realm)}", nonce="${quote(nonce)}", ` +
    `uri="${quote(request.uri)}", response="${response}"`;
  const algorithm = challenge.parameters.get("algorithm");
  if (algorithm !== undefined && algorithm !== "") text += `, algorithm=${algorithm}`;
  const opaque = challenge.parameters.get("opaque");
  if (opaque !== undefined) text += `, opaque="${quote(opaque)}"`;
  if (challenge.parameters.get("qop")) text += `, qop=auth, nc=${count}, cnonce="${request.clientNonce}"`;
  else if (algorithmOf(challenge).endsWith("-SESS")) text += `, cnonce="${request.clientNonce}"`;
  return text;
}

/** The `response` of a Digest answer; servers compare with it. */
export function digestResponse(
  challenge: Challenge,
  who: Credentials,
  request: AuthorizedRequest,
  hashes: DigestHashes,
): string {
  const algorithm = algorithmOf(challenge);
  const hash = algorithm.startsWith("SHA-256") ? hashes.sha256 : hashes.md5;
  const realm = challenge.parameters.get("realm") ?? "";
  const nonce = challenge.parameters.get("nonce") ?? "";
  let secret = hash(`${who.user}:${realm}:${who.password}`);
  if (algorithm.endsWith("-SESS")) secret = hash(`${secret}:${nonce}:${request.clientNonce}`);
  const what = hash(`${request.method}:${request.uri}`);
  if (!challenge.parameters.get("qop")) return hash(`${secret}:${nonce}:${what}`);
  const count = request.nonceCount.toString(16).padStart(8, "0");
  return hash(`${secret}:${nonce}:${count}:${request.clientNonce}:auth:${what}`);
}

function quote(text: string): string {
  return text.replace(/[\\"]/g, "\\$&");
}

function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
