import { makeLog } from "../base/log.ts";
import { isAccountName } from "../config/sections/api.ts";
import { FileConfigKeeper } from "../control/config/file_config_keeper.ts";
import { systemClock } from "../host/clock.ts";
import { md5Hex, randomBytes, sha256Hex } from "../host/hash.ts";
import { hashPassword } from "../host/password.ts";
import { printErrorLine, printLine } from "../host/process.ts";
import { readSecret } from "../host/read_secret.ts";
import { EXIT_USAGE, loadRequest, printProblems } from "./config_commands.ts";
import { configStore } from "./config_store.ts";

export interface AccountFlags {
  readonly config: string;
  readonly account: string;
  /** Keep what the MD5 login needs. */
  readonly legacyLogin: boolean;
  /** Make a bearer token, in place of a password. */
  readonly token: boolean;
}

/** Bytes of a token. */
const TOKEN_BYTES = 24;

/**
 * `fogcast account add NAME`: the password is the first line of the standard input. Writes hashes only, to the file that
 * accounts belong to; a running server takes it up by itself. Answers the exit code.
 */
export async function addAccount({ config, account, legacyLogin, token }: AccountFlags): Promise<number> {
  const fail = (what: string, code = EXIT_USAGE) => {
    printErrorLine(`fogcast: ${what}`);
    return code;
  };
  if (!isAccountName(account)) return fail("expected a name of at most 100 of a-z, 0-9, _, ., @ and -");
  const log = makeLog(
    () => {},
    { stream: "", part: "account", least: "error" },
    () => systemClock.wall(),
  );
  const { keeper, loaded } = await FileConfigKeeper.open({
    store: configStore,
    request: loadRequest(config, []),
    log,
  });
  printProblems(loaded);
  if (keeper === undefined) return EXIT_USAGE;
  const isNew = !Object.hasOwn(keeper.current.api.accounts, account);
  const secret = token
    ? Array.from(randomBytes(TOKEN_BYTES), (b) => b.toString(16).padStart(2, "0")).join("")
    : await readSecret(`Password of ${account}: `).catch(() => "");
  if (secret === "") return fail("no password was given");
  const keys = token
    ? { token: `sha256$${sha256Hex(secret)}` }
    : { password: await hashPassword(secret), ...(legacyLogin ? { md5: md5Hex(secret) } : {}) };
  const path = ["api", "accounts", account];
  const edits = isNew
    ? [{ path, value: keys }]
    : Object.entries(keys).map(([key, value]) => ({ path: [...path, key], value }));
  const saved = await keeper.change(edits);
  if (!saved.ok) return fail(saved.reason, 1);
  const files = saved.written.join(", ");
  if (token) printLine(secret);
  printErrorLine(`account ${account} ${isNew ? "added" : "changed"} in ${files}`);
  return 0;
}
