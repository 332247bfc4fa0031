import { maskUrl } from "../../base/mask_url.ts";
import type { Scope } from "../../base/scope.ts";
import { startProgram } from "../../host/program.ts";
import type { FrameSink } from "../frame_sink.ts";
import { openHttpBody } from "../http_body.ts";
import { type IngestServices, optionValue, Refused, type Source, type SourceOptions } from "../source.ts";
import { parseTsAddress } from "./address.ts";
import { TS_DESCRIPTOR } from "./descriptor.ts";
import { type ByteStreamOptions, runBytes } from "./from_bytes.ts";
import { runUdp } from "./from_udp.ts";
import { TsIntake } from "./intake.ts";
import { emptinessOf } from "./trouble.ts";

/** MPEG transport streams, from wherever they come. */
export const tsSource: Source = { descriptor: TS_DESCRIPTOR, run };

async function run(
  scope: Scope,
  options: SourceOptions,
  sink: FrameSink,
  services: IngestServices,
): Promise<void> {
  const address = parseTsAddress(options.url);
  if (typeof address === "string") throw new Refused(`expected ${address}`);
  const value = (name: string) => optionValue(TS_DESCRIPTOR, options, name);
  const { clock, tally, log } = services;
  const program = Number(value("program"));
  const intake = new TsIntake({ program, clock, sink, tally, log });
  const bytes = { program, silenceMillis: Number(value("timeout")) };
  switch (address.kind) {
    case "udp":
      return await runUdp(
        scope,
        address,
        {
          ...bytes,
          reorderMillis: Number(value("reorderMillis")),
          parity: value("fec") === true,
          interface: String(value("interface")),
        },
        intake,
        services,
      );
    case "http":
      return await runHttp(scope, address.url, value("tlsVerify") === true, bytes, intake, services);
    case "program":
      return await runProgram(scope, address.command, "nothing", bytes, intake, services);
    // a program of its own reads what may never come: nothing here waits for it where it cannot be called back
    case "stdin":
      return await runProgram(scope, ["cat"], "ours", bytes, intake, services);
    case "pipe":
      return await runProgram(scope, ["cat", address.path], "nothing", bytes, intake, services);
  }
}

async function runHttp(
  scope: Scope,
  url: string,
  tlsVerify: boolean,
  o: ByteStreamOptions,
  intake: TsIntake,
  services: IngestServices,
): Promise<void> {
  const abort = new AbortController();
  const stop = () => abort.abort();
  scope.signal.addEventListener("abort", stop, { once: true });
  try {
    const { body, unlimited } = await openHttpBody(url, tlsVerify, abort, services.clock);
    unlimited();
    const bytes = await runBytes(scope, body, o, intake, services);
    refuseEmptiness(scope, bytes, intake, o);
  } catch (e) {
    if (!scope.closed) throw e;
  } finally {
    scope.signal.removeEventListener("abort", stop);
    abort.abort();
  }
}

/** A stream that ended without one frame is not one that simply ended. */
function refuseEmptiness(scope: Scope, bytes: number, intake: TsIntake, o: ByteStreamOptions): void {
  const why = scope.closed ? undefined : emptinessOf(intake, bytes, o.program);
  if (why !== undefined) throw why;
}

async function runProgram(
  scope: Scope,
  command: readonly string[],
  input: "nothing" | "ours",
  o: ByteStreamOptions,
  intake: TsIntake,
  services: IngestServices,
): Promise<void> {
  const name = command[0] ?? "";
  let said = "";
  const program = await startProgram({
    command,
    input,
    errorLine(line) {
      if (line.trim() !== "") said = maskUrl(line.trim());
      services.log.debug(`${name}: ${maskUrl(line)}`);
    },
  }).catch((e: unknown) => {
    throw new Error(`cannot start ${name}: ${e instanceof Error ? e.message : String(e)}`);
  });
  try {
    const bytes = await runBytes(scope, program.output, o, intake, services);
    if (scope.closed) return;
    const { code, signal } = await program.ended;
    if (code === 0) return refuseEmptiness(scope, bytes, intake, o);
    const how = signal === undefined ? `exit code ${code}` : signal;
    throw new Error(`${name} ended with ${how}${said === "" ? "" : `: ${said}`}`);
  } finally {
    await program.stop();
  }
}
