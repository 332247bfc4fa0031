import { expect, test } from "bun:test";
import { type Command, parseArgs } from "../../src/app/args.ts";
import { load } from "../config/memory_files.ts";

const cases: readonly { args: string; command: Command }[] = [
  {
    args: "serve --config fogcast.yaml",
    command: {
      name: "serve",
      config: "fogcast.yaml",
      overrides: [],
      tap: undefined,
      guardian: true,
      state: undefined,
      leaveSeconds: 30,
    },
  },
  {
    args:
      "serve --config=a=b --port 81 --log-level debug --log-format json --tap /tmp/tap --no-guardian --state /s --leave 5",
    command: {
      name: "serve",
      config: "a=b",
      overrides: [
        { path: ["http", "listen"], value: ":81", from: "--port" },
        { path: ["log", "level"], value: "debug", from: "--log-level" },
        { path: ["log", "format"], value: "json", from: "--log-format" },
      ],
      tap: "/tmp/tap",
      guardian: false,
      state: "/s",
      leaveSeconds: 5,
    },
  },
  {
    args: "demo --port=0",
    command: {
      name: "demo",
      overrides: [{ path: ["http", "listen"], value: ":0", from: "--port" }],
      tap: undefined,
      guardian: true,
      state: undefined,
      leaveSeconds: 30,
    },
  },
  { args: "check --config /etc/fogcast", command: { name: "check", config: "/etc/fogcast" } },
  { args: "config show --config -", command: { name: "config show", config: "-", overrides: [] } },
  {
    args: "config split --config f.yaml --to d",
    command: { name: "config split", config: "f.yaml", to: "d" },
  },
  {
    args: "discover",
    command: {
      name: "discover",
      config: undefined,
      interfaces: [],
      user: "",
      seconds: 3,
      all: false,
      yes: false,
      json: false,
    },
  },
  {
    args: "discover --config f --interface eth0,10.0.0.1 --user admin --seconds 0.5 --all --yes --json",
    command: {
      name: "discover",
      config: "f",
      interfaces: ["eth0", "10.0.0.1"],
      user: "admin",
      seconds: 0.5,
      all: true,
      yes: true,
      json: true,
    },
  },
  { args: "config schema", command: { name: "config schema" } },
  {
    args: "account add joe --config f --legacy-login",
    command: { name: "account add", config: "f", account: "joe", legacyLogin: true, token: false },
  },
  {
    args: "account add joe --config f --token",
    command: { name: "account add", config: "f", account: "joe", legacyLogin: false, token: true },
  },
  { args: "crashes", command: { name: "crashes", state: undefined, which: undefined } },
  { args: "crashes last --state /s", command: { name: "crashes", state: "/s", which: "last" } },
  { args: "upgrade", command: { name: "upgrade", state: undefined, path: undefined, pid: undefined } },
  { args: "upgrade /new --pid 12", command: { name: "upgrade", state: undefined, path: "/new", pid: 12 } },
  { args: "install --print", command: { name: "install", print: true, config: "/etc/fogcast" } },
  {
    args: "healthcheck --url http://h/x",
    command: { name: "healthcheck", url: "http://h/x", config: undefined },
  },
  {
    args: "healthcheck --config /etc/fogcast",
    command: { name: "healthcheck", url: undefined, config: "/etc/fogcast" },
  },
  { args: "--version", command: { name: "version" } },
  { args: "-V", command: { name: "version" } },
  { args: "version", command: { name: "version" } },
];

for (const c of cases) {
  test(`parseArgs() reads ${c.args}`, () => expect(parseArgs(c.args.split(" "))).toEqual(c.command));
}

const mistakes: readonly [args: string[], message: string, hint: string][] = [
  [[], "no command given", "fogcast --help"],
  [["--port", "1"], "expected a command before --port", "fogcast --help"],
  [["sevre"], "unknown command sevre, did you mean serve?", "fogcast --help"],
  [["xyzzy"], "unknown command xyzzy", "fogcast --help"],
  [["config"], "expected config show or config schema or config split", "fogcast --help"],
  [
    ["config", "shwo"],
    "unknown command config shwo: expected config show or config schema or config split",
    "fogcast --help",
  ],
  [["serve"], "fogcast serve needs --config PATH", "fogcast serve --help"],
  [["serve", "--config"], "--config needs a value: --config PATH", "fogcast serve --help"],
  [["serve", "--config", "--port"], "--config needs a value", "fogcast serve --help"],
  [["serve", "--config="], "--config needs a value", "fogcast serve --help"],
  [["serve", "--confg", "x"], "unknown option --confg, did you mean --config?", "fogcast serve --help"],
  [["serve", "--config", "x", "more"], "unknown argument more", "fogcast serve --help"],
  [["serve", "--config", "x", "--config", "y"], "--config is given twice", "fogcast serve --help"],
  [["demo", "--no-guardian=yes"], "--no-guardian takes no value", "fogcast demo --help"],
  [
    ["demo", "--port", "65536"],
    '--port: expected a port from 0 to 65535, got "65536"',
    "fogcast demo --help",
  ],
  [["demo", "--port", "-1"], '--port: expected a port from 0 to 65535, got "-1"', "fogcast demo --help"],
  [
    ["demo", "--log-level", "loud"],
    "--log-level: expected debug, info, warn or error",
    "fogcast demo --help",
  ],
  [["demo", "--config", "x"], "unknown option --config", "fogcast demo --help"],
  [["check", "--config", "x", "--port", "1"], "unknown option --port", "fogcast check --help"],
];

for (const [args, message, hint] of mistakes) {
  test(`parseArgs() refuses: fogcast ${args.join(" ")}`, () => {
    const command = parseArgs(args);
    expect(command.name).toBe("usage");
    if (command.name !== "usage") return;
    expect(command.message.split("\n")[0]).toContain(message);
    expect(command.message).toContain(hint);
  });
}

for (const args of [["--help"], ["-h"], ["help"]]) {
  test(`parseArgs() lists every command for ${args.join(" ")}`, () => {
    const command = parseArgs(args);
    expect(command.name).toBe("help");
    if (command.name !== "help") return;
    for (const word of ["serve", "demo", "check", "config show", "--version", "Exit codes"]) {
      expect(command.text).toContain(word);
    }
  });
}

for (const args of [["serve", "--help"], ["serve", "--config", "x", "-h"], ["help", "serve"]]) {
  test(`parseArgs() lists the options of serve for ${args.join(" ")}`, () => {
    const command = parseArgs(args);
    expect(command.name === "help" ? command.text : "").toContain("--no-guardian");
    expect(command.name === "help" ? command.text : "").toContain(
      "Usage: fogcast serve --config PATH [OPTIONS]",
    );
  });
}

test("help fits a terminal of 100 columns", () => {
  for (const args of [["--help"], ["help", "serve"], ["help", "config", "show"]]) {
    const command = parseArgs(args);
    for (const line of (command.name === "help" ? command.text : "").split("\n")) {
      expect(line.length).toBeLessThanOrEqual(100);
    }
  }
});

test("overrides of the command line are understood by the configuration, and win over it", async () => {
  const command = parseArgs("serve --config c.yaml --port 81 --log-level warn --log-format json".split(" "));
  if (command.name !== "serve") throw new Error("expected serve");
  const content = { "c.yaml": "http: { port: 1 }\nlog: { level: debug }\n" };
  const environment = { FOGCAST_HTTP__PORT: "2", FOGCAST_LOG__FORMAT: "text" };
  const loaded = await load(content, "c.yaml", { overrides: command.overrides, environment });
  expect(loaded.errors).toEqual([]);
  expect(loaded.config?.http.listen).toEqual([{ hostname: "", port: 81 }]);
  expect(loaded.config?.log).toMatchObject({ level: "warn", format: "json" });
});
