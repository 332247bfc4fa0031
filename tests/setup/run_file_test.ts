import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { eventually } from "../eventually.ts";
import { readCounts, runFile, worthReading } from "./run_file.ts";

const cases = [
  { name: "all passed", output: "\n 3 pass\n 0 fail\n 5 expect() calls\n", exit: 0, counts: [3, 0, 0] },
  { name: "one failed", output: "\n 3 pass\n 1 fail\n", exit: 1, counts: [3, 1, 0] },
  { name: "skips and todos", output: "\n 3 pass\n 2 skip\n 1 todo\n 0 fail\n", exit: 0, counts: [3, 0, 3] },
  { name: "an error between tests", output: "\n 3 pass\n 0 fail\n 1 error\n", exit: 1, counts: [3, 1, 0] },
  { name: "a crash without a summary", output: "Segmentation fault", exit: 139, counts: [0, 1, 0] },
  { name: "a bad exit after good tests", output: "\n 3 pass\n 0 fail\n", exit: 7, counts: [3, 1, 0] },
  { name: "no test at all", output: "\n 0 pass\n 0 fail\n", exit: 0, counts: [0, 1, 0] },
  {
    name: "a test that prints such lines",
    output: "\n 9 fail\n 3 pass\n 0 fail\n",
    exit: 0,
    counts: [3, 0, 0],
  },
];
for (const c of cases) {
  test(`readCounts() reads ${c.name}`, () => {
    const { passed, failed, skipped } = readCounts(c.output, c.exit);
    expect([passed, failed, skipped]).toEqual(c.counts);
  });
}

test("worthReading() drops passes and the middle of what is long", () => {
  expect(worthReading("a\n(pass) b [1ms]\n(fail) c")).toBe("a\n(fail) c");
  const lines = worthReading(Array.from({ length: 100 }, (_, i) => `${i}`).join("\n"), 8).split("\n");
  expect(lines).toEqual(["0", "1", "2", "3", "4", "5", "… 92 lines left out …", "98", "99"]);
});

/** Processes whose command line has that text. */
function running(text: string): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ").includes(text);
    } catch (failure) {
      if (failure instanceof Error && "code" in failure) return false; // it has ended meanwhile
      throw failure;
    }
  });
}

test("runFile() ends a file that hangs, and what it started, in a session of its own too", async () => {
  const folder = mkdtempSync("tests/setup/hangs_");
  // numbers of its own: other checkouts may be tested at the same time
  const sleeps = [`sleep 77.${process.pid}1`, `sleep 77.${process.pid}2`] as const;
  const there = () => sleeps.filter((sleep) => running(sleep).length > 0);
  try {
    const text = 'import { test } from "bun:test";\n' +
      `test("hangs", async () => {
        Bun.spawn("setsid ${sleeps[0]}".split(" "));
        await Bun.spawn("${sleeps[1]}".split(" ")).exited;
      });\n`;
    writeFileSync(`${folder}/a_test.ts`, text);
    const ended = runFile(`${folder}/a_test.ts`, 6, {});
    await eventually(() => there().length === 2, there);
    const result = await ended;
    expect(result).toMatchObject({ passed: 0, failed: 1 });
    expect(result.output).toContain("took longer than 6 s and was ended");
    await eventually(() => there().length === 0, there);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
