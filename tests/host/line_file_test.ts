import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLineFile } from "../../src/host/line_file.ts";
import { eventually } from "../eventually.ts";

const folder = await mkdtemp(join(tmpdir(), "fogcast-lines-"));
afterAll(() => rm(folder, { recursive: true }));
const read = (path: string) => Bun.file(path).text();

test("lines are appended, and the folder is made", async () => {
  const path = join(folder, "a/b/log");
  for (const line of ["one\n", "two\n"]) {
    const file = openLineFile({ path, maxBytes: 1000, keep: 2 }, () => {});
    file.write(line);
    await file.close();
  }
  expect(await read(path)).toBe("one\ntwo\n");
});

test("a full file is moved on; so many are kept, and no line is lost between them", async () => {
  const path = join(folder, "full");
  const file = openLineFile({ path, maxBytes: 10, keep: 2 }, () => {});
  for (let n = 0; n < 8; n++) file.write(`l${n}.\n`);
  await file.close();
  expect(await read(path)).toBe("l6.\nl7.\n");
  expect(await read(`${path}.1`)).toBe("l4.\nl5.\n");
  expect(await read(`${path}.2`)).toBe("l2.\nl3.\n");
  expect((await readdir(folder)).filter((name) => name.startsWith("full")).length).toBe(3);
});

test("with nothing to keep a full file begins anew", async () => {
  const path = join(folder, "none");
  const file = openLineFile({ path, maxBytes: 10, keep: 0 }, () => {});
  for (let n = 0; n < 5; n++) file.write(`l${n}.\n`);
  await file.close();
  expect(await read(path)).toBe("l4.\n");
});

test("a file that others moved away is made anew", async () => {
  const path = join(folder, "moved");
  const file = openLineFile({ path, maxBytes: 1000, keep: 2 }, () => {});
  file.write("one\n");
  await eventually(async () => await Bun.file(path).exists() && await read(path) === "one\n");
  await rename(path, `${path}.old`);
  file.write("two\n");
  await file.close();
  expect(await read(path)).toBe("two\n");
  expect(await read(`${path}.old`)).toBe("one\n");
});

test("a file that cannot be written is said once, and its lines are counted", async () => {
  const said: string[] = [];
  const file = openLineFile({ path: "/proc/nothing/here", maxBytes: 10, keep: 1 }, (why) => said.push(why));
  file.write("one\n");
  await eventually(() => said.length > 0);
  file.write("two\n");
  await file.close();
  expect(said.length).toBe(1);
  expect(said[0]).toContain("cannot write /proc/nothing/here");
  expect(file.dropped).toBe(2);
});

test("lines beyond what may wait are dropped", async () => {
  const file = openLineFile({ path: join(folder, "slow"), maxBytes: 1e9, keep: 1 }, () => {});
  const line = `${"x".repeat(1023)}\n`;
  for (let n = 0; n < 1100; n++) file.write(line);
  expect(file.dropped).toBe(1100 - 1024);
  await file.close();
});
