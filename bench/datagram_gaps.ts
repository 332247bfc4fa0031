/** What comes out at the other end of a virtual cable. */
import { readFileSync } from "node:fs";
import type { NetworkNamespace } from "../tests/peers/network_namespace.ts";
import { percentile } from "./measurement.ts";

/** Datagrams this close follow one another without a pause, seconds. */
const TOGETHER = 0.0003;

export interface Counters {
  readonly bytes: number;
  readonly packets: number;
}

/** What left by the cable so far, Ethernet headers included. */
export function counters({ device }: NetworkNamespace): Counters {
  const of = (name: string) => Number(readFileSync(`/sys/class/net/${device}/statistics/${name}`, "utf8"));
  return { bytes: of("tx_bytes"), packets: of("tx_packets") };
}

/** How evenly datagrams leave. */
export interface Gaps {
  readonly packets: number;
  /** How far the time between two of them is from what the rate asks for. */
  readonly gapErrorP50Millis: number;
  readonly gapErrorP99Millis: number;
  readonly gapErrorMaxMillis: number;
  /** Most of them without a pause. */
  readonly largestBurst: number;
}

/** Captures all UDP datagrams that come over there, for so long. `bitsPerSecond` of their payload. */
export async function watchGaps(
  network: NetworkNamespace,
  millis: number,
  bitsPerSecond: number,
): Promise<Gaps> {
  const command = [
    "tcpdump",
    "-i",
    "any",
    "-n",
    "-q",
    "-tt",
    "-B",
    "16384",
    "udp",
    "and",
    "dst",
    "port",
    "5004",
  ];
  const capture = Bun.spawn([...network.prefix, ...command], { stdout: "pipe", stderr: "ignore" });
  const text = new Response(capture.stdout).text();
  await Bun.sleep(millis);
  capture.kill("SIGTERM");
  const rows = (await text).split("\n").flatMap((line) => {
    const [at, length] = [/^(\d+\.\d+) /.exec(line)?.[1], /length (\d+)/.exec(line)?.[1]];
    return at === undefined || length === undefined ? [] : [{ at: Number(at), bytes: Number(length) }];
  });
  const errors: number[] = [];
  let burst = 1, largestBurst = 1;
  for (let n = 1; n < rows.length; n++) {
    const [before, row] = [rows[n - 1], rows[n]];
    if (before === undefined || row === undefined) continue;
    const gap = row.at - before.at;
    if (bitsPerSecond > 0) errors.push(Math.abs(gap - (before.bytes * 8) / bitsPerSecond) * 1000);
    burst = gap < TOGETHER ? burst + 1 : 1;
    largestBurst = Math.max(largestBurst, burst);
  }
  return {
    packets: rows.length,
    gapErrorP50Millis: percentile(errors, 0.5),
    gapErrorP99Millis: percentile(errors, 0.99),
    gapErrorMaxMillis: Math.max(...errors),
    largestBurst,
  };
}
