import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

test("runFile() ends a file that hangs, and what it started", async () => {
  const folder = mkdtempSync("tests/setup/hangs_");
  try {
    const text = 'import { test } from "bun:test";\n' +
      'test("hangs", () => { Bun.spawnSync(["sleep", "77.125"]); }, 60000);\n';
    writeFileSync(`${folder}/a_test.ts`, text);
    const result = await runFile(`${folder}/a_test.ts`, 1, {});
    expect(result).toMatchObject({ passed: 0, failed: 1 });
    expect(result.output).toContain("took longer than 1 s and was ended");
    expect(Bun.spawnSync(["pgrep", "-f", "sleep 77.125"]).stdout.toString()).toBe("");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
