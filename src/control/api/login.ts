import type { Accounts } from "./accounts.ts";
import { ApiFailure } from "./api_failure.ts";
import { isObject } from "./params.ts";

/** What `authorize` answers, in the reference product's words. */
export interface LoginAnswer {
  readonly status: "OK" | "CHALL" | "NOACC" | "ACC_MADE";
  readonly local: boolean;
  readonly challenge?: string;
  readonly error?: string;
}

export interface Login {
  readonly answer: LoginAnswer;
  /** Undefined: not logged in. */
  readonly account: string | undefined;
}

/**
 * The reference product's login. A local caller is in at once; others answer the challenge. The first account is made by
 * `new_username` and `new_password`, from this machine only.
 */
export async function login(
  accounts: Accounts,
  about: { readonly remote: string; readonly local: boolean; readonly account: string | undefined },
  authorize: unknown,
): Promise<Login> {
  const { remote, local } = about;
  const given = isObject(authorize) ? authorize : {};
  const { username, password, new_username: name, new_password: secret } = given;
  if (local && accounts.isEmpty && typeof name === "string" && typeof secret === "string") {
    try {
      await accounts.makeFirst(name, secret);
    } catch (failure) {
      if (!(failure instanceof ApiFailure)) throw failure;
      return { answer: { status: "NOACC", local, error: failure.message }, account: undefined };
    }
    return { answer: { status: "ACC_MADE", local }, account: name };
  }
  if (local) return { answer: { status: "OK", local }, account: about.account ?? "" };
  if (about.account !== undefined) return { answer: { status: "OK", local }, account: about.account };
  if (accounts.isEmpty) return { answer: { status: "NOACC", local }, account: undefined };
  const challenge = accounts.challenge(remote);
  if (typeof username !== "string" || typeof password !== "string" || password === "") {
    return { answer: { status: "CHALL", local, challenge }, account: undefined };
  }
  const account = accounts.legacyLogin(remote, username, password);
  return account === undefined
    ? { answer: { status: "CHALL", local, challenge }, account: undefined }
    : { answer: { status: "OK", local }, account };
}

/**
 * Reads the header `Authorization`: `json {"username":…,"password":…}` as the reference product has it, `Bearer TOKEN`,
 * `Basic`. The account's name; undefined without the header, null where what it says is wrong.
 */
export async function headerLogin(
  accounts: Accounts,
  remote: string,
  header: string | null,
): Promise<string | null | undefined> {
  if (header === null) return undefined;
  const space = header.indexOf(" ");
  const scheme = (space < 0 ? header : header.slice(0, space)).toLowerCase();
  const rest = space < 0 ? "" : header.slice(space + 1).trim();
  switch (scheme) {
    case "bearer":
      return accounts.tokenLogin(remote, rest) ?? null;
    case "basic": {
      const pair = decodeBase64(rest);
      const colon = pair.indexOf(":");
      if (colon < 0) return null;
      return await accounts.passwordLogin(remote, pair.slice(0, colon), pair.slice(colon + 1)) ?? null;
    }
    case "json": {
      const given = parseHeader(rest);
      if (!isObject(given)) return null;
      const { username, password } = given;
      if (typeof username !== "string" || typeof password !== "string") return null;
      return accounts.legacyLogin(remote, username, password) ?? null;
    }
    default:
      return null;
  }
}

/** Empty for what is no base64 of UTF-8. */
function decodeBase64(text: string): string {
  try {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return "";
  }
}

function parseHeader(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
