import type { ApiAccount } from "../../config/sections/api.ts";
import { isAccountName } from "../../config/sections/api.ts";
import { ApiFailure } from "./api_failure.ts";
import type { ApiState } from "./api_state.ts";
import { AttemptLimiter } from "./attempt_limiter.ts";

/** How long a challenge is good for; the one before counts too. Milliseconds. */
const CHALLENGE_MILLIS = 600_000;
/** Passwords that were right are remembered so long, as hashes: checking one takes 50 ms. Milliseconds. */
const REMEMBER_MILLIS = 300_000;
const REMEMBERED_MAX = 1000;
/** Longest password. */
export const PASSWORD_MAX = 1000;

/** Who may come in, by name and password, MD5 login or token. */
export class Accounts {
  readonly #api: ApiState;
  readonly #key: string;
  readonly #limiter = new AttemptLimiter();
  readonly #right = new Map<string, { readonly account: string; readonly until: number }>();
  #checking: Promise<unknown> = Promise.resolve();

  constructor(api: ApiState) {
    this.#api = api;
    this.#key = String.fromCharCode(...api.ports.secrets.randomBytes(32));
  }

  get all(): Readonly<Record<string, ApiAccount>> {
    return this.#api.ports.keeper.current.api.accounts;
  }

  get isEmpty(): boolean {
    return Object.keys(this.all).length === 0;
  }

  /**
   * What the MD5 login of an address must mix in. The same for ten minutes, so that a client can use an answer for
   * several requests, as the reference product's clients do.
   */
  challenge(address: string, slotsAgo = 0): string {
    const slot = Math.floor(this.#api.ports.clock.mono() / CHALLENGE_MILLIS) - slotsAgo;
    return this.#api.ports.secrets.hmacSha256Hex(this.#key, `${slot} ${address}`).slice(0, 32);
  }

  /** MD5 login: `password` is `md5(md5(secret) + challenge)`. The account's name, or undefined. Throws 429. */
  legacyLogin(address: string, username: string, password: string): string | undefined {
    this.#checkRate(address);
    const secret = this.#find(username)?.md5;
    const { md5Hex } = this.#api.ports.secrets;
    for (const slotsAgo of [0, 1]) {
      const wanted = md5Hex((secret ?? this.#key) + this.challenge(address, slotsAgo));
      if (this.#equal(password.toLowerCase(), wanted) && secret !== undefined) return username;
    }
    this.#failed(address, username);
    return undefined;
  }

  /** `Authorization: Bearer TOKEN`. */
  tokenLogin(address: string, token: string): string | undefined {
    this.#checkRate(address);
    const wanted = `sha256$${this.#api.ports.secrets.sha256Hex(token)}`;
    let found: string | undefined;
    for (const [name, account] of Object.entries(this.all)) {
      if (account.token !== undefined && this.#equal(account.token, wanted)) found = name;
    }
    if (found === undefined) this.#failed(address, "a token");
    return found;
  }

  /** `Authorization: Basic`. Passwords are checked one at a time: each takes 16 MiB. */
  async passwordLogin(address: string, username: string, password: string): Promise<string | undefined> {
    const stored = this.#find(username)?.password;
    const { clock, secrets } = this.#api.ports;
    const remembered = secrets.hmacSha256Hex(this.#key, JSON.stringify([username, password, stored]));
    const known = this.#right.get(remembered);
    if (known !== undefined && known.until > clock.mono()) return known.account;
    this.#checkRate(address);
    const check = this.#checking.then(() =>
      stored !== undefined && password.length <= PASSWORD_MAX && secrets.isPassword(password, stored)
    );
    this.#checking = check.catch(() => false);
    if (!await check) {
      this.#failed(address, username);
      return undefined;
    }
    if (this.#right.size >= REMEMBERED_MAX) this.#right.clear();
    this.#right.set(remembered, { account: username, until: clock.mono() + REMEMBER_MILLIS });
    return username;
  }

  /** Makes the first account. Kept for the MD5 login too: who asks for it this way knows no other. */
  async makeFirst(username: string, password: string): Promise<void> {
    if (!isAccountName(username)) throw new ApiFailure(400, "expected a name of a-z, 0-9, _, ., @ and -");
    if (password === "" || password.length > PASSWORD_MAX) {
      throw new ApiFailure(400, `expected a password of 1 to ${PASSWORD_MAX} characters`);
    }
    const { secrets, log } = this.#api.ports;
    const account = { password: await secrets.hashPassword(password), md5: secrets.md5Hex(password) };
    await this.#api.change([{ path: ["api", "accounts", username], value: account }]);
    log.info(`account ${username} made through the API`);
  }

  #find(username: string): ApiAccount | undefined {
    return Object.hasOwn(this.all, username) ? this.all[username] : undefined;
  }

  #checkRate(address: string): void {
    if (!this.#limiter.mayTry(address, this.#api.ports.clock.mono())) {
      throw new ApiFailure(429, "too many wrong passwords: try again later");
    }
  }

  #failed(address: string, who: string): void {
    this.#limiter.failed(address, this.#api.ports.clock.mono());
    this.#api.ports.log.warn(`login of ${JSON.stringify(who.slice(0, 100))} from ${address} failed`);
  }

  #equal(a: string, b: string): boolean {
    const encoder = new TextEncoder();
    return this.#api.ports.secrets.equalSecrets(encoder.encode(a), encoder.encode(b));
  }
}
