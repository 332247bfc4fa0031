import {
  authorize,
  type Credentials,
  type DigestHashes,
  isStale,
  rankChallenges,
} from "../../wire/protocol/rtsp/auth.ts";
import { type Challenge, parseChallenges } from "../../wire/protocol/rtsp/challenge.ts";

/** What one request has tried so far. */
export interface AuthAttempt {
  used: Challenge | undefined;
  readonly refused: Set<string>;
  tries: number;
}

/** Most answers to challenges for one request: a stale nonce, then each kind of challenge once. */
const TRIES_MAX = 4;

/**
 * Answers challenges on one connection: the strongest first, a weaker one where the camera refuses that (a Hikvision
 * set to Basic offers Digest all the same).
 */
export class Authorizer {
  readonly #who: Credentials;
  readonly #hashes: DigestHashes;
  readonly #random: () => number;
  readonly #basic: boolean;
  #challenge: Challenge | undefined;
  #count = 0;

  /** `basic` false: never send the password itself (to a host that the user did not name). */
  constructor(who: Credentials, hashes: DigestHashes, random: () => number, basic: boolean) {
    this.#who = who;
    this.#hashes = hashes;
    this.#random = random;
    this.#basic = basic;
  }

  begin(): AuthAttempt {
    return { used: undefined, refused: new Set(), tries: 0 };
  }

  /** The Authorization field for the next try of a request; undefined while nothing asked for one. */
  field(attempt: AuthAttempt, method: string, uri: string): string | undefined {
    const challenge = this.#challenge;
    attempt.used = challenge;
    if (challenge === undefined) return undefined;
    this.#count++;
    let clientNonce = "";
    while (clientNonce.length < 16) clientNonce += Math.floor(this.#random() * 16).toString(16);
    return authorize(
      challenge,
      this.#who,
      { method, uri, nonceCount: this.#count, clientNonce },
      this.#hashes,
    );
  }

  /** Takes the WWW-Authenticate fields of a 401; false when there is nothing left to try. */
  challenged(attempt: AuthAttempt, fields: readonly string[]): boolean {
    if (this.#who.user === "" && this.#who.password === "") return false;
    if (++attempt.tries > TRIES_MAX) return false;
    const offered = rankChallenges(parseChallenges(fields)).filter((c) =>
      this.#basic || c.scheme !== "basic"
    );
    const used = attempt.used;
    if (used !== undefined) {
      const again = offered.find((c) => kind(c) === kind(used));
      // a nonce that has run out says nothing about the password; the first answer to a new nonce does
      const fresh = again !== undefined && again.scheme === "digest" &&
        (isStale(again) || (this.#count > 1 && nonce(again) !== nonce(used)));
      if (!fresh || attempt.refused.has(`stale ${kind(used)}`)) attempt.refused.add(kind(used));
      else attempt.refused.add(`stale ${kind(used)}`);
    }
    const next = offered.find((c) => !attempt.refused.has(kind(c)));
    if (next === undefined) return false;
    this.#challenge = next;
    this.#count = 0;
    return true;
  }
}

function nonce(challenge: Challenge): string {
  return challenge.parameters.get("nonce") ?? "";
}

function kind(challenge: Challenge): string {
  return `${challenge.scheme} ${challenge.parameters.get("algorithm")?.toUpperCase() ?? ""}`;
}
