import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenTcp } from "../../../src/host/tcp.ts";
import { BINARY } from "../../peers/fogcast.ts";
import { runProgram } from "../../peers/run_program.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fogcast-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

const fogcast = (...args: string[]) => runProgram(10_000, BINARY, ...args);

/** Writes a configuration and answers its path. */
async function config(text: string): Promise<string> {
  const path = join(folder, "fogcast.yaml");
  await writeFile(path, text);
  return path;
}

const CAMERA = "rtsp://admin:hush@camera.invalid/1";
const SECRETS = ["hush", "s3cret"];

describe("check", () => {
  const wrong: { name: string; text: string; says: string }[] = [
    {
      name: "a value that is none of the choices",
      text: `streams:\n  cam1:\n    source: ${CAMERA}\n    transport: upd\n`,
      says: ':4:16: streams.cam1.transport: expected auto, tcp, udp or multicast, got "upd"',
    },
    {
      name: "a key that nobody knows",
      text: `streams:\n  cam1:\n    source: ${CAMERA}\n    transprot: tcp\n`,
      says: ":4:5: streams.cam1.transprot: unknown key",
    },
    {
      name: "a source that no input reads",
      text: "streams:\n  cam1:\n    source: gopher://admin:hush@host/\n",
      says: ":3:13: streams.cam1.source: ",
    },
    {
      name: "a duration without sense",
      text: `streams:\n  cam1:\n    source: ${CAMERA}\n    idle: soon\n`,
      says: ":4:11: streams.cam1.idle: expected ",
    },
    { name: "a port out of range", text: "http:\n  port: 70000\n", says: ":2:9: http.port: expected " },
    { name: "a section that nobody knows", text: "htpp:\n  port: 80\n", says: ":1:1: htpp: unknown key" },
    { name: "no YAML", text: "streams:\n  - {\n", says: "fogcast.yaml:" },
    {
      name: "a stream without source",
      text: "streams:\n  cam1:\n    alwaysOn: true\n",
      says: "streams.cam1",
    },
  ];
  for (const { name, text, says } of wrong) {
    test(`${name}: file, line, column, key, expected and found; exit code 2`, async () => {
      const { code, out, said } = await fogcast("check", "--config", await config(text));
      expect([code, out]).toEqual([2, ""]);
      expect(said).toContain(says.startsWith(":") ? `fogcast.yaml${says}` : says);
      expect(said).toMatch(/fogcast\.yaml:\d+:\d+: /);
      expect(said).not.toContain("hush");
      expect(said).not.toMatch(/^\s+at |\.ts:\d/m);
    });
  }

  test("every mistake of a file is said at once", async () => {
    const text = `http:\n  port: x\nstreams:\n  a:\n    source: ${CAMERA}\n    idle: x\n    part: x\n`;
    const { said } = await fogcast("check", "--config", await config(text));
    for (const key of ["http.port", "streams.a.idle", "streams.a.part"]) expect(said).toContain(`${key}: `);
  });

  test("a right one: exit code 0", async () => {
    const path = await config(`streams:\n  front-door:\n    source: ${CAMERA}\n`);
    const { code, out, said } = await fogcast("check", "--config", path);
    expect([code, out, said]).toEqual([0, `${path} is right: 1 stream\n`, ""]);
  });

  test("one that is not there: exit code 2", async () => {
    const { code, said } = await fogcast("check", "--config", join(folder, "nothing.yaml"));
    expect(code).toBe(2);
    expect(said).toContain("nothing.yaml");
    expect(said).not.toMatch(/^\s+at /m);
  });
});

describe("command line", () => {
  test("--help and --version", async () => {
    const help = await fogcast("--help");
    expect(help.code).toBe(0);
    for (const command of ["serve", "demo", "check", "config show"]) expect(help.out).toContain(command);
    const version = await fogcast("--version");
    expect([version.code, version.out]).toEqual([0, expect.stringMatching(/^fogcast \d+\.\d+\.\d+/)]);
  });

  const mistakes: readonly (readonly string[])[] = [
    [],
    ["sevre"],
    ["serve"],
    ["serve", "--confg", "x"],
    ["serve", "--config"],
    ["demo", "--port", "x"],
    ["check", "a.yaml"],
  ];
  for (const args of mistakes) {
    test(`fogcast ${args.join(" ")}: exit code 2 and a hint`, async () => {
      const { code, out, said } = await fogcast(...args);
      expect([code, out]).toEqual([2, ""]);
      expect(said).toMatch(/^fogcast: .+\n.*--help/);
    });
  }

  test("config show masks what is secret", async () => {
    const path = await config(
      `streams:\n  a:\n    source: ${CAMERA}\n  b:\n    source: rtsp://camera.invalid/?user=u&password=s3cret\n`,
    );
    const { code, out, said } = await fogcast("config", "show", "--config", path);
    expect([code, said]).toEqual([0, ""]);
    expect(out).toContain("rtsp://***@camera.invalid/1");
    expect(out).toMatch(/# .*fogcast\.yaml:3:5/);
    for (const secret of SECRETS) expect(out).not.toContain(secret);
  });

  test("config schema is JSON", async () => {
    const { code, out } = await fogcast("config", "schema");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty("properties.streams");
  });
});

test("serve with a wrong configuration: exit code 2, nothing started", async () => {
  const { code, said } = await fogcast("serve", "--config", await config("streams: 7\n"));
  expect(code).toBe(2);
  expect(said).toMatch(/fogcast\.yaml:1:10: streams: expected .*7/);
});

test("a port in use: exit code 1 and one clear line", async () => {
  const taken = await listenTcp({ host: "127.0.0.1", port: 0 }, () => ({ data() {}, close() {} }));
  try {
    const path = await config(`http:\n  listen: 127.0.0.1:${taken.port}\n`);
    const { code, out, said } = await fogcast("serve", "--config", path);
    expect(code).toBe(1);
    const text = out + said;
    expect(text).toContain(`Cannot listen on 127.0.0.1:${taken.port}: the port is in use`);
    expect(text).not.toMatch(/^\s+at |\.ts:\d|bunfs/m);
  } finally {
    taken.close();
  }
}, 20_000);
