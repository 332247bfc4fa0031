import type { ListenAddress } from "../listen_address.ts";
import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { folderOf, resolvePath } from "../paths.ts";
import { type JsonSchema, optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";
import { listenSchema, parseListen } from "./listen.ts";

/** The API: where it listens, and who may use it. */
export interface ApiConfig {
  /** Empty: nowhere. Until there is an account, only this machine's own addresses count. */
  readonly listen: readonly ListenAddress[];
  /** Commands in datagrams from this machine, on the port of the first address. */
  readonly udp: boolean;
  /** Folders that may be listed; absolute, or relative to the working directory. */
  readonly browse: readonly string[];
  /** What the management page keeps, as JSON. */
  readonly uiSettings: string;
  readonly accounts: Readonly<Record<string, ApiAccount>>;
}

export interface ApiAccount {
  /** `scrypt$N$r$p$salt$hash`; undefined: this account has tokens only. */
  readonly password: string | undefined;
  /** MD5 of the password, for clients that know the reference product's login only. */
  readonly md5: string | undefined;
  /** `sha256$hash` of a bearer token. */
  readonly token: string | undefined;
}

/** Port of the reference product's API. */
export const API_PORT = 4242;
/** Accounts in one configuration. */
export const ACCOUNTS_MAX = 1000;

const UDP = {
  name: "udp",
  type: { kind: "boolean" },
  default: true,
  help: "Take commands in datagrams from programs on this machine",
} as const satisfies OptionDescriptor;
const UI_SETTINGS = {
  name: "uiSettings",
  type: { kind: "text", maxLength: 65_536 },
  default: "",
  help: "What the management page keeps, as JSON",
} as const satisfies OptionDescriptor;
const PASSWORD = {
  name: "password",
  type: { kind: "secret", maxLength: 500 },
  default: undefined,
  help: "Hash of the password, made by fogcast account add",
} as const satisfies OptionDescriptor;
const MD5 = {
  name: "md5",
  type: { kind: "secret", maxLength: 32 },
  default: undefined,
  help: "MD5 of the password, for clients that know the MD5 login only",
} as const satisfies OptionDescriptor;
const TOKEN = {
  name: "token",
  type: { kind: "secret", maxLength: 200 },
  default: undefined,
  help: "Hash of a bearer token, made by fogcast account add --token",
} as const satisfies OptionDescriptor;

const OPTIONS = [UDP, UI_SETTINGS] as const;
const ACCOUNT_OPTIONS = [PASSWORD, MD5, TOKEN] as const;
const LISTEN_HELP =
  `Addresses of the API, :${API_PORT} unless given; this machine only until there is an account`;

export const API_SECTION: Section<ApiConfig> = {
  name: "api",
  help: "API: HTTP, WebSocket and UDP",
  options: OPTIONS,
  parse(node: ConfigNode): ApiConfig {
    node.allow([...OPTIONS.map((o) => o.name), "listen", "browse", "accounts"]);
    return {
      listen: parseListen(node.field("listen"), API_PORT),
      udp: node.option(UDP),
      browse: parseFolders(node.field("browse")),
      uiSettings: node.option(UI_SETTINGS),
      accounts: parseAccounts(node.field("accounts")),
    };
  },
  schema: () =>
    optionsSchema(API_SECTION.help, OPTIONS, {
      listen: listenSchema(LISTEN_HELP),
      browse: foldersSchema(),
      accounts: accountsSchema(),
    }),
};

function parseFolders(node: ConfigNode): string[] {
  const folders: string[] = [];
  for (const item of node.items()) {
    if (item.tree?.kind !== "scalar" || item.tree.text === "") item.fail("the path of a folder");
    else folders.push(resolvePath(folderOf(item.file), item.tree.text));
  }
  if (node.present) node.decide(JSON.stringify(folders));
  return folders;
}

function parseAccounts(node: ConfigNode): Record<string, ApiAccount> {
  const accounts: Record<string, ApiAccount> = {};
  const fields = node.fields();
  if (fields.length > ACCOUNTS_MAX) node.refuse(`more than ${ACCOUNTS_MAX} accounts`);
  for (const [name, account] of fields.slice(0, ACCOUNTS_MAX)) {
    if (!isAccountName(name)) {
      account.refuse(
        `expected a name of at most 100 of a-z, 0-9, _, ., @ and -, got ${JSON.stringify(name)}`,
      );
      continue;
    }
    account.allow(ACCOUNT_OPTIONS.map((o) => o.name));
    accounts[name] = {
      password: hash(
        account,
        PASSWORD,
        /^scrypt\$\d{4,7}\$\d{1,2}\$\d{1,2}\$[0-9a-f]{16,128}\$[0-9a-f]{32,256}$/,
      ),
      md5: hash(account, MD5, /^[0-9a-f]{32}$/),
      token: hash(account, TOKEN, /^sha256\$[0-9a-f]{64}$/),
    };
  }
  return accounts;
}

/** True for what may be an account's name. */
export function isAccountName(name: string): boolean {
  return /^[A-Za-z0-9_.@-]{1,100}$/.test(name) && !/^(__proto__|constructor|prototype)$/.test(name);
}

function hash(
  account: ConfigNode,
  option: (typeof ACCOUNT_OPTIONS)[number],
  pattern: RegExp,
): string | undefined {
  const value = account.option(option);
  if (value === undefined || pattern.test(value)) return value;
  account.field(option.name).refuse(`expected what fogcast account add writes`);
  return undefined;
}

function foldersSchema(): JsonSchema {
  const path: JsonSchema = { type: "string", maxLength: 4096 };
  return {
    anyOf: [path, { type: "array", items: path }],
    description: "Folders that the API may list, relative to the configuration file",
  };
}

function accountsSchema(): JsonSchema {
  return {
    type: ["object", "null"],
    description: "Who may use the API, by name",
    propertyNames: { pattern: "^[A-Za-z0-9_.@-]{1,100}$" },
    additionalProperties: optionsSchema("One account", ACCOUNT_OPTIONS),
  };
}
