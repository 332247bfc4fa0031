import { type DigestHashes, digestResponse } from "../../wire/protocol/rtsp/auth.ts";
import { parseChallenges } from "../../wire/protocol/rtsp/challenge.ts";
import type { HeaderField, RtspRequest } from "../../wire/protocol/rtsp/message.ts";

/** Who may play. */
export interface ServerCredentials {
  readonly user: string;
  readonly password: string;
  readonly realm: string;
}

/**
 * Checks Digest answers (MD5 and SHA-256, RFC 7616) to one nonce, which lives as long as its connection. The `uri` of an
 * answer need not be that of the request line: Bosch sends a relative one, VLC the base with a slash, HappyTime none.
 */
export class ServerAuth {
  readonly #who: ServerCredentials;
  readonly #hashes: DigestHashes;
  readonly #nonce: string;

  constructor(who: ServerCredentials, hashes: DigestHashes, nonce: string) {
    this.#who = who;
    this.#hashes = hashes;
    this.#nonce = nonce;
  }

  /** Fields of the 401: the strongest first, each in a field of its own. */
  challenges(): HeaderField[] {
    return ["SHA-256", "MD5"].map((algorithm) => [
      "WWW-Authenticate",
      `Digest realm="${this.#who.realm}", nonce="${this.#nonce}", algorithm=${algorithm}`,
    ]);
  }

  allows(request: RtspRequest): boolean {
    const [answer] = parseChallenges(request.headers.all("authorization"));
    if (answer === undefined || answer.scheme !== "digest") return false;
    const given = (key: string) => answer.parameters.get(key) ?? "";
    if (given("username") !== this.#who.user || given("nonce") !== this.#nonce) return false;
    const parameters = new Map([
      ["realm", this.#who.realm],
      ["nonce", this.#nonce],
      ["algorithm", given("algorithm")],
    ]);
    const want = digestResponse(
      { scheme: "digest", parameters },
      this.#who,
      { method: request.method, uri: given("uri"), nonceCount: 1, clientNonce: "" },
      this.#hashes,
    );
    return given("response").toLowerCase() === want;
  }
}
