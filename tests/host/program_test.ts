import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { type ProgramOptions, startProgram } from "../../src/host/program.ts";
import { eventually } from "../eventually.ts";

const start = (script: string, o: Partial<ProgramOptions> = {}) =>
  startProgram({ command: ["sh", "-c", script], input: "nothing", errorLine: () => {}, ...o });

async function textOf(output: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const bytes of output) text += new TextDecoder().decode(bytes);
  return text;
}

/** Processes of a group that have not ended, by /proc. */
function runningIn(group: number): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const [state, , pgrp] = readFileSync(`/proc/${name}/stat`, "latin1").split(") ")[1]!.split(" ");
      return Number(pgrp) === group && state !== "Z";
    } catch (e) {
      if (!(e instanceof Error)) throw e;
      return false; // it has ended meanwhile
    }
  });
}

test("startProgram() gives the output, the lines of the error output, and how it ended", async () => {
  const lines: string[] = [];
  const errorLine = (line: string) => void lines.push(line);
  const program = await start("printf 'a\\nb' ; echo one >&2; printf 'two' >&2; exit 3", { errorLine });
  expect(await textOf(program.output)).toBe("a\nb");
  expect(await program.ended).toEqual({ code: 3, signal: undefined });
  expect(lines).toEqual(["one", "two"]);
  await program.stop();
});

test("startProgram() cuts endless lines, and reads nothing from us", async () => {
  const lines: string[] = [];
  const program = await start("cat; head -c 20000 /dev/zero | tr '\\0' x >&2; echo >&2", {
    errorLine: (line) => void lines.push(line),
  });
  expect(await textOf(program.output)).toBe("");
  await program.ended;
  expect(lines.every((line) => line.length <= 4096 && /^x*$/.test(line))).toBe(true);
});

test("stop() ends what the program started too, at once or after two seconds", async () => {
  const program = await start("echo $$; sleep 60 & sleep 60 | cat");
  const iterator = program.output[Symbol.asyncIterator]();
  const group = Number(new TextDecoder().decode((await iterator.next()).value));
  expect(group).toBe(program.pid);
  await program.stop();
  expect((await program.ended).signal).toBe("SIGTERM");
  await eventually(() => runningIn(group).length === 0, () => runningIn(group));
});

test("a program whose output nobody reads waits", async () => {
  const program = await start("while :; do echo 0123456789012345678901234567890123456789; done");
  const iterator = program.output[Symbol.asyncIterator]();
  await iterator.next();
  // what it has written stays the same once the pipe is full
  const written = () => /^wchar: (\d+)/m.exec(readFileSync(`/proc/${program.pid}/io`, "latin1"))?.[1];
  let last: string | undefined;
  let same = 0;
  await eventually(async () => {
    await Bun.sleep(20);
    same = written() === last ? same + 1 : 0;
    last = written();
    return same > 10;
  }, () => last);
  expect(Number(last)).toBeLessThan(10e6);
  await program.stop();
});

test("startProgram() rejects what cannot be started", async () => {
  const command = ["/nowhere/program"];
  const started = startProgram({ command, input: "nothing", errorLine: () => {} });
  expect(await started.catch((e: Error) => e.message)).toContain("ENOENT");
});
