import { VARIABLE_MAX } from "../config/sections/variables.ts";
import { systemClock } from "../host/clock.ts";
import { httpGet } from "../host/http_get.ts";
import { startProgram } from "../host/program.ts";
import { splitCommand } from "../ingest/ts/split_command.ts";

/**
 * What a variable's target answers, its first bytes: the body behind an `http://` or `https://` URL, or else the output of
 * a command. Rejects where it fails or takes longer than `waitMillis`.
 */
export function readVariable(target: string, waitMillis: number): Promise<Uint8Array> {
  return /^https?:\/\//i.test(target) ? readUrl(target, waitMillis) : readCommand(target, waitMillis);
}

async function readUrl(url: string, waitMillis: number): Promise<Uint8Array> {
  const end = new AbortController();
  let late = false;
  const cancel = systemClock.after(waitMillis, () => {
    late = true;
    end.abort();
  });
  try {
    const { status, body } = await httpGet(url, { tlsVerify: true, signal: end.signal });
    if (status !== 200) throw new Error(`the server answers ${status}`);
    return await firstBytes(body);
  } catch (failure) {
    throw late ? tooLate(waitMillis) : failure;
  } finally {
    cancel();
    end.abort();
  }
}

async function readCommand(command: string, waitMillis: number): Promise<Uint8Array> {
  const words = splitCommand(command);
  if (typeof words === "string") throw new Error(words);
  let said = "";
  const program = await startProgram({
    command: words,
    input: "nothing",
    errorLine: (line) => said ||= line,
  });
  let late = false;
  const cancel = systemClock.after(waitMillis, () => {
    late = true;
    void program.stop();
  });
  try {
    const answer = await firstBytes(program.output);
    // what it says beyond that is not waited for
    if (answer.length < VARIABLE_MAX) {
      const { code } = await program.ended;
      if (!late && code !== 0) throw new Error(`its program ended with code ${code ?? "?"}: ${said}`);
    }
    if (late) throw tooLate(waitMillis);
    return answer;
  } catch (failure) {
    throw late ? tooLate(waitMillis) : failure;
  } finally {
    cancel();
    await program.stop();
  }
}

function tooLate(waitMillis: number): Error {
  return new Error(`no answer within ${waitMillis / 1000} s`);
}

async function firstBytes(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const bytes = new Uint8Array(VARIABLE_MAX);
  let length = 0;
  for await (const chunk of source) {
    const part = chunk.subarray(0, VARIABLE_MAX - length);
    bytes.set(part, length);
    length += part.length;
    if (length === VARIABLE_MAX) break;
  }
  return bytes.subarray(0, length);
}
