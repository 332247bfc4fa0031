import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { check } from "../../src/app/config_commands.ts";
import { install } from "../../src/app/install.ts";

let folder = "";
let quiet: { mockRestore(): void }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fogcast-install-"));
  quiet = [process.stdout, process.stderr].map((out) => spyOn(out, "write").mockImplementation(() => true));
});

afterEach(async () => {
  for (const spy of quiet) spy.mockRestore();
  await rm(folder, { recursive: true });
});

const run = (config: string) => install({ print: false, config, unit: join(folder, "fogcast.service") });
const execStart = async () =>
  /^ExecStart=.* --config (.*)$/m.exec(await readFile(join(folder, "fogcast.service"), "utf8"))?.[1];

test("install() writes a unit and an example that the service can start from", async () => {
  const config = join(folder, "etc");
  expect(await run(config)).toBe(0);
  expect(await execStart()).toBe(config);
  expect(await check(config)).toBe(0);
});

test("install() writes the example into a folder that is there and holds no configuration", async () => {
  const config = join(folder, "etc");
  await mkdir(config);
  await writeFile(join(config, "README"), "mine");
  expect(await run(config)).toBe(0);
  expect((await readdir(config)).sort()).toEqual(["README", "fogcast.yaml"]);
});

for (const name of ["streams.yaml", "fogcast.json", "streams.d"]) {
  test(`install() leaves a folder with ${name} as it is`, async () => {
    const config = join(folder, "etc");
    await mkdir(config);
    await (name.endsWith(".d") ? mkdir(join(config, name)) : writeFile(join(config, name), "{}"));
    expect(await run(config)).toBe(0);
    expect(await readdir(config)).toEqual([name]);
  });
}

test("install() takes a file too, and keeps the one that is there", async () => {
  const config = join(folder, "fogcast.yaml");
  expect(await run(config)).toBe(0);
  expect(await execStart()).toBe(config);
  expect(await check(config)).toBe(0);
  await writeFile(config, "streams: {}\n");
  expect(await run(config)).toBe(0);
  expect(await readFile(config, "utf8")).toBe("streams: {}\n");
});

test("install() gives the service a path that does not depend on where it was called", async () => {
  const config = join(folder, "etc");
  expect(await run(relative(process.cwd(), config))).toBe(0);
  expect(await execStart()).toStartWith("/");
  expect(await check(await execStart() ?? "")).toBe(0);
});

test("install() writes no unit for a configuration that it cannot write", async () => {
  await writeFile(join(folder, "file"), "");
  expect(await run(join(folder, "file", "etc"))).toBe(1);
  expect(await readdir(folder)).toEqual(["file"]);
});
