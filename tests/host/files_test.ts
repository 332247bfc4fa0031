import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  listDirectory,
  makeDirectory,
  readFile,
  readTextFile,
  removeFile,
  statFile,
  watchFile,
  writeFileAtomic,
} from "../../src/host/files.ts";
import { eventually } from "../eventually.ts";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "fogcast-files-"))));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

test("writeFileAtomic() makes and replaces, keeps the mode, leaves nothing beside it", async () => {
  await writeFileAtomic(at("a.yaml"), "one", 0o600);
  expect(statSync(at("a.yaml")).mode & 0o777).toBe(0o600);
  chmodSync(at("a.yaml"), 0o640);
  await writeFileAtomic(at("a.yaml"), new Uint8Array([0x74, 0x77, 0x6f]));
  expect(await readTextFile(at("a.yaml"))).toBe("two");
  expect(statSync(at("a.yaml")).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("writeFileAtomic() that fails leaves the old content and nothing else", async () => {
  await makeDirectory(at("in/the/way"));
  await expect(writeFileAtomic(at("in/the"), "x")).rejects.toThrow();
  await expect(writeFileAtomic(at("nowhere/x"), "x")).rejects.toThrow("ENOENT");
  expect(readdirSync(at("in"))).toEqual(["the"]);
});

test("a reader never sees half of a file that is replaced", async () => {
  const a = "a".repeat(300_000);
  const b = "b".repeat(300_000);
  await writeFileAtomic(at("big"), a);
  let done = false;
  const writing = (async () => {
    for (let i = 0; i < 15; i++) await writeFileAtomic(at("big"), i % 2 ? a : b);
    done = true;
  })();
  let reads = 0;
  while (!done) {
    const text = await readTextFile(at("big"));
    expect(text === a || text === b).toBe(true);
    reads++;
  }
  await writing;
  expect(reads).toBeGreaterThan(0);
});

test("readFile() refuses what is too long or missing; readTextFile() what is not UTF-8", async () => {
  writeFileSync(at("long"), new Uint8Array(101));
  expect((await readFile(at("long"), 101)).length).toBe(101);
  await expect(readFile(at("long"), 100)).rejects.toThrow("101 bytes, at most 100 expected");
  await expect(readFile(at("missing"))).rejects.toThrow("ENOENT");
  writeFileSync(at("latin1"), new Uint8Array([0x63, 0xe9]));
  await expect(readTextFile(at("latin1"))).rejects.toThrow();
});

test("statFile() and listDirectory() tell files from folders", async () => {
  await makeDirectory(at("list/sub"));
  await makeDirectory(at("list/sub"));
  writeFileSync(at("list/f"), "123");
  expect(await statFile(at("list/f"))).toMatchObject({ kind: "file", bytes: 3 });
  expect(await statFile(at("list/none"))).toBeUndefined();
  expect(await statFile(at("list/f/below"))).toBeUndefined();
  expect(await listDirectory(at("list"))).toEqual([
    { name: "f", kind: "file" },
    { name: "sub", kind: "directory" },
  ]);
  await removeFile(at("list/f"));
  await removeFile(at("list/f"));
  expect(await statFile(at("list/f"))).toBeUndefined();
});

test("watchFile() tells of an edit, a replacement and a removal, once each, and of no other file", async () => {
  await writeFileAtomic(at("watched"), "1");
  let calls = 0;
  const stop = watchFile(at("watched"), () => void calls++, (why) => {
    throw why;
  }, 300);
  // long enough for a call too many to come
  const settle = () => Bun.sleep(600);
  const told = async (count: number) => {
    await eventually(() => calls >= count);
    await settle();
    expect(calls).toBe(count);
  };
  await settle();
  calls = 0;
  writeFileSync(at("watched"), "2");
  writeFileSync(at("watched"), "3");
  await told(1);
  await writeFileAtomic(at("watched"), "4");
  await told(2);
  writeFileSync(at("other"), "x");
  await settle();
  expect(calls).toBe(2);
  await removeFile(at("watched"));
  await told(3);
  stop();
  writeFileSync(at("watched"), "5");
  await settle();
  expect(calls).toBe(3);
});
