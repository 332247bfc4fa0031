import { runProgram } from "./run_program.ts";

/**
 * Runs GStreamer's `rtspsrc` with this in its pipeline until a sink with `num-buffers` has had them. Answers 0 then, else
 * what it said. Its exit code does not tell: at the end `rtspsrc` may break off its own PAUSE, and calls that an error.
 */
export async function gstRtspPlay(ms: number, ...pipeline: string[]): Promise<0 | string> {
  const { out, said } = await runProgram(ms, "gst-launch-1.0", "rtspsrc", ...pipeline);
  return out.includes("Got EOS from element") ? 0 : out + said;
}
