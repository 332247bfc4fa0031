import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY } from "../../peers/fogcast.ts";
import { type OnvifCamera, startOnvifCamera } from "../../peers/onvif_camera.ts";
import { runProgram } from "../../peers/run_program.ts";

const folder = mkdtempSync(join(tmpdir(), "fogcast-discover-"));
let camera: OnvifCamera;

beforeAll(async () => {
  camera = await startOnvifCamera({
    name: `Porch ${process.pid}`,
    user: "admin",
    password: "s3cret",
    auth: "token",
  });
});
afterAll(() => {
  camera.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Other tests' cameras may answer on loopback too. */
function discover(password: string, ...args: string[]) {
  const command = ["env", `FOGCAST_CAMERA_PASSWORD=${password}`, BINARY, "discover"];
  return runProgram(20_000, ...command, "--interface", "lo", "--seconds", "1.5", ...args);
}

test("a wrong password, and none, are told of with what to do", async () => {
  const [none, wrong] = await Promise.all([discover(""), discover("wrong", "--user", "admin")]);
  const porch = new RegExp(`Porch ${process.pid}  [^\\n]*\\n  `);
  expect(none.out).toMatch(new RegExp(`${porch.source}wants a login`));
  expect(none.said).toContain("a login: --user NAME");
  expect(wrong.out).toMatch(new RegExp(`${porch.source}refuses the login`));
  expect(wrong.said).toContain("another login than admin's");
}, 30_000);

test(
  "a configuration that is not there is made, for its owner's eyes, and checks; a second run adds nothing",
  async () => {
    const config = join(folder, "fogcast.yaml");
    const shown = await discover("s3cret", "--user", "admin", "--config", config);
    expect(shown.said).toContain("--yes adds them");
    expect(() => statSync(config)).toThrow();
    const added = await discover("s3cret", "--user", "admin", "--config", config, "--yes");
    expect([added.code, added.said]).toEqual([0, expect.stringContaining(`porch-${process.pid}`)]);
    expect(`${added.out}${added.said}`).not.toContain("s3cret");
    expect(readFileSync(config, "utf8")).toContain(`porch-${process.pid}:\n    source: rtsp://admin:s3cret@`);
    expect(statSync(config).mode & 0o007).toBe(0);
    expect((await runProgram(10_000, BINARY, "check", "--config", config)).code).toBe(0);
    const before = readFileSync(config, "utf8").match(/porch/g)!.length;
    const again = await discover("s3cret", "--user", "admin", "--config", config, "--yes");
    expect(again.code).toBe(0);
    expect(readFileSync(config, "utf8").match(/porch/g)).toHaveLength(before);
  },
  60_000,
);

test("a folder for the configuration that is not there is said, and nothing is made", async () => {
  const config = join(folder, "none", "fogcast.yaml");
  const { code, said } = await discover("s3cret", "--user", "admin", "--config", config, "--yes");
  expect([code, said]).toEqual([1, expect.stringContaining("ENOENT")]);
}, 30_000);
