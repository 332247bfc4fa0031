import { expect, test } from "bun:test";
import { referenceJson } from "../../../src/control/telemetry/metrics/reference_json.ts";
import { metricsSnapshot } from "./metrics_snapshot.ts";

const SERVER = {
  streams: ["cam", "spare"],
  bandwidth: 80_000_000,
  outputs: { hls: "http://HOST:8080/hls/$/index.m3u8" },
};

test("referenceJson() has the fields that the reference's load balancer reads", () => {
  const snapshot = metricsSnapshot();
  const { name } = snapshot.streams[1]!;
  expect(referenceJson(snapshot, SERVER)).toEqual({
    cpu: 256,
    shm_total: 4 * 1024 ** 2,
    shm_used: 4,
    mem_total: 4 * 1024 ** 2,
    mem_used: 1024 ** 2,
    logs: 42,
    curr: [3, 1, 0, 0, 4],
    tot: [0, 0, 0, 0],
    st: [8, 7],
    bw: [1e15, 1e6],
    pkts: [0, 0, 0],
    bwlimit: 10_000_000,
    obw: [0, 0],
    streams: {
      cam: {
        tot: [12, 1, 0],
        bw: [1e15, 1e6],
        curr: [3, 1, 0, 0],
        pkts: [500, snapshot.streams[0]!.input.packetsLost + 3, 0],
      },
      [name]: { tot: [12, 0, 0], bw: [1e15, 1e6], curr: [0, 0, 0, 0], pkts: [500, 3, 0] },
    },
    output_counts: { HLS: 2, DASH: 1 },
    conf_streams: ["cam", "spare"],
    outputs: SERVER.outputs,
  });
});

test("referenceJson() without perStream has no stream's numbers", () => {
  const short = referenceJson(metricsSnapshot(), SERVER, false);
  expect(short).not.toHaveProperty("streams");
  expect(short).toMatchObject({ curr: [3, 1, 0, 0, 4], conf_streams: ["cam", "spare"] });
});
