import { expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY } from "../../peers/fogcast.ts";

const TEXT = `# The house

# viewers
http:
  listen: :0 # any

streams:
  # the door
  door: { source: "rtsp://u:\${PASSWORD:-x}@127.0.0.1:1/1" }
  yard: { source: rtsp://127.0.0.1:1/2, idle: 1m }
`;

function fogcast(...args: string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([BINARY, ...args]);
  return { code: exitCode, out: stdout.toString(), errors: stderr.toString() };
}

test("config split makes a folder that says the same, and leaves the file", async () => {
  const place = await mkdtemp(join(tmpdir(), "fogcast-split-"));
  const file = join(place, "house.yaml");
  const folder = join(place, "house");
  await writeFile(file, TEXT);
  const done = fogcast("config", "split", "--config", file, "--to", folder);
  expect(done).toEqual({
    code: 0,
    out: `${folder}/fogcast.yaml\n${folder}/http.yaml\n${folder}/streams.yaml\n`,
    errors: "",
  });
  expect(await readFile(join(folder, "fogcast.yaml"), "utf8")).toBe("# The house\n");
  expect(await readFile(join(folder, "http.yaml"), "utf8")).toBe("# viewers\nhttp:\n  listen: :0 # any\n");
  const values = (path: string) =>
    fogcast("config", "show", "--config", path).out.split("\n").map((line) => line.split(" #")[0]?.trimEnd());
  expect(values(folder)).toEqual(values(file));
  expect(await readFile(file, "utf8")).toBe(TEXT);
  expect(fogcast("check", "--config", folder)).toMatchObject({ code: 0, errors: "" });

  const again = fogcast("config", "split", "--config", file, "--to", folder);
  expect(again).toMatchObject({ code: 2, out: "" });
  expect(again.errors).toContain("is not empty: fogcast.yaml, http.yaml, streams.yaml");
  expect(fogcast("config", "split", "--config", folder, "--to", file).errors).toContain(
    "is a folder already",
  );
  await rm(place, { recursive: true });
});

test("config split writes nothing when the parts would say something else", async () => {
  const place = await mkdtemp(join(tmpdir(), "fogcast-split-"));
  const file = join(place, "house.yaml");
  const folder = join(place, "house");
  await writeFile(file, `${TEXT.replace("  listen", "  tls: { cert: a.pem, key: k.pem }\n  listen")}`);
  const moved = fogcast("config", "split", "--config", file, "--to", folder);
  expect(moved.code).toBe(2);
  expect(moved.errors).toContain("sections: http; relative paths in it would lead elsewhere");
  await writeFile(file, "hls: &x { window: 20s }\nstreams: { a: { source: rtsp://c/1, <<: *x } }\n");
  expect(fogcast("config", "split", "--config", file, "--to", folder).errors).toContain("would be faulty");
  expect(await readdir(place)).toEqual(["house.yaml"]);
  await rm(place, { recursive: true });
});
