import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configStore } from "../../src/app/config_store.ts";
import { FileConfigKeeper } from "../../src/control/config/file_config_keeper.ts";
import { FILE, RTSP } from "../config/memory_files.ts";
import { keptLog } from "../control/config/memory_store.ts";

const TEXT = "# mine\nstreams:\n  a: { source: rtsp://c/1 } # one\n";
const EDIT = [{ path: ["streams", "a", "idle"], value: "1s" }];
const EDITED = TEXT.replace("c/1 }", "c/1, idle: 1s }");

async function keeperOf(path: string) {
  const request = { path, sources: [RTSP, FILE], environment: {} };
  const { keeper } = await FileConfigKeeper.open({ store: configStore, request, log: keptLog() });
  if (keeper === undefined) throw new Error("expected a configuration");
  return keeper;
}

function run(...command: string[]): boolean {
  return Bun.spawnSync(command, { stdout: "ignore", stderr: "ignore" }).exitCode === 0;
}

describe("the configuration on a disk", () => {
  let folder: string;
  const mounts: string[] = [];
  const make = async (name: string, text = TEXT) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };
  /** A file system of its own; undefined where this user may mount none. */
  const mount = async (name: string, options: string) => {
    const path = join(folder, name);
    await mkdir(path);
    if (!run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)) return undefined;
    mounts.push(path);
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fogcast-store-"));
  });
  afterAll(async () => {
    for (const path of mounts) run("umount", "-l", path);
    await rm(folder, { recursive: true, force: true });
  });

  test("a change keeps the file's mode and owner, and leaves nothing beside it", async () => {
    const path = await make("kept.yaml");
    await chmod(path, 0o660);
    if (process.getuid?.() === 0) await chown(path, 1234, 2345);
    const before = await stat(path);
    const answer = await (await keeperOf(path)).change(EDIT);
    expect(answer).toMatchObject({ ok: true, written: [path] });
    expect(await readFile(path, "utf8")).toBe(EDITED);
    const after = await stat(path);
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    expect((await readdir(folder)).filter((name) => name.includes("tmp"))).toEqual([]);
  });

  test("a link stays a link: the file that it leads to is written", async () => {
    const target = await make("target.yaml");
    const link = join(folder, "link.yaml");
    await symlink(target, link);
    expect(await (await keeperOf(link)).change(EDIT)).toMatchObject({ ok: true });
    expect(await readFile(target, "utf8")).toBe(EDITED);
    await writeFile(target, TEXT);
    expect(await readFile(link, "utf8")).toBe(TEXT);
  });

  test("a file that nobody may write is read-only, for root too", async () => {
    const path = await make("fixed.yaml");
    await chmod(path, 0o444);
    const answer = await (await keeperOf(path)).change(EDIT);
    expect(answer).toMatchObject({ ok: false, reason: `${path} is read-only (mode 0444)` });
    expect(await readFile(path, "utf8")).toBe(TEXT);
  });

  test("a folder that nobody may write makes its files read-only", async () => {
    const inner = join(folder, "closed");
    await mkdir(inner);
    await writeFile(join(inner, "fogcast.yaml"), TEXT);
    await chmod(inner, 0o555);
    const answer = await (await keeperOf(inner)).change(EDIT);
    expect(answer).toMatchObject({ ok: false, reason: `the folder ${inner} is read-only (mode 0555)` });
    await chmod(inner, 0o755);
  });

  test("a read-only mount is read-only", async () => {
    const path = await mount("mounted", "size=64k");
    if (path === undefined) return console.warn("not run: no permission to mount");
    await writeFile(join(path, "fogcast.yaml"), TEXT);
    const keeper = await keeperOf(path);
    run("mount", "-o", "remount,ro", path);
    const reason = `${join(path, "fogcast.yaml")} is read-only (read-only file system)`;
    expect(await keeper.change(EDIT)).toMatchObject({ ok: false, reason });
  });

  test("a full disk: the old file stays, and nothing else is left", async () => {
    const path = await mount("full", "size=16k");
    if (path === undefined) return console.warn("not run: no permission to mount");
    const file = join(path, "fogcast.yaml");
    const text = TEXT + "# filler\n".repeat(1200);
    await writeFile(file, text);
    const keeper = await keeperOf(path);
    const answer = await keeper.change(EDIT);
    expect(answer.ok).toBe(false);
    expect(answer.ok ? "" : answer.reason).toMatch(/^nothing was changed: Cannot write .*ENOSPC/);
    expect(await readFile(file, "utf8")).toBe(text);
    expect(await readdir(path)).toEqual(["fogcast.yaml"]);
    expect(keeper.current.streams.get("a")?.idleMillis).toBe(30_000);
  });

  test("a folder that vanished refuses changes, and what runs goes on", async () => {
    const inner = join(folder, "gone");
    await mkdir(inner);
    await writeFile(join(inner, "streams.yaml"), "a: { source: rtsp://c/1 }\n");
    const keeper = await keeperOf(inner);
    await rm(inner, { recursive: true });
    expect(await keeper.change(EDIT)).toMatchObject({
      ok: false,
      reason: "the files on the disk are faulty: mend them first",
    });
    expect(keeper.current.streams.size).toBe(1);
  });

  test("replace() writes nothing when the file is not what it was", async () => {
    const path = await make("race.yaml", "new");
    expect(await configStore.replace(path, "old", "mine")).toBe(false);
    expect(await configStore.replace(path, undefined, "mine")).toBe(false);
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await configStore.replace(join(folder, "none.yaml"), "old", "mine")).toBe(false);
    expect(await configStore.replace(join(folder, "made.yaml"), undefined, "mine")).toBe(true);
    expect((await stat(join(folder, "made.yaml"))).mode & 0o777).toBe(0o640);
  });

  test("a lock that a dead process left is taken after a while, one of a living process is respected", async () => {
    const path = await make("locked.yaml", "old");
    const lock = join(folder, ".locked.yaml.lock");
    await writeFile(lock, "");
    const replaced = configStore.replace(path, "old", "new");
    await Bun.sleep(50);
    expect(await readFile(path, "utf8")).toBe("old");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    expect(await replaced).toBe(true);
    expect(await readFile(path, "utf8")).toBe("new");
  });

  test("many savers at once on one file lose nothing", async () => {
    const path = await make("many.yaml", "streams:\n");
    const keepers = await Promise.all([0, 1, 2].map(() => keeperOf(path)));
    const answers = await Promise.all(
      keepers.flatMap((keeper, k) =>
        [0, 1].map((n) => keeper.change([{ path: ["streams", `s${k}${n}`], value: { source: "/x" } }]))
      ),
    );
    expect(answers.map((answer) => answer.ok ? "saved" : answer.reason)).toEqual(Array(6).fill("saved"));
    const names = (await readFile(path, "utf8")).match(/s\d\d(?=:)/g)?.sort();
    expect(names).toEqual(["s00", "s01", "s10", "s11", "s20", "s21"]);
    expect((await readdir(folder)).filter((name) => name.endsWith(".lock"))).toEqual([]);
  });
});
