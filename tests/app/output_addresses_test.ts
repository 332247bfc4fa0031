import { expect, test } from "bun:test";
import { outputAddresses } from "../../src/app/output_addresses.ts";
import { OUTPUT_DESCRIPTORS } from "../../src/egress/descriptors.ts";

const OUTPUTS = [
  { name: "hls", urls: ["/hls/NAME/index.m3u8", "/cmaf/NAME/index.m3u8"] },
  { name: "mp4 socket", urls: ["ws /NAME.mp4"] },
  { name: "rtsp", urls: ["rtsp://HOST:5554/NAME"] },
];

test("outputAddresses() takes the ports that are listened on", () => {
  expect(outputAddresses(OUTPUTS, "http://localhost:8090", 8554)).toEqual({
    hls: "http://HOST:8090/hls/$/index.m3u8",
    "mp4 socket": "ws://HOST:8090/$.mp4",
    rtsp: "rtsp://HOST:8554/$",
  });
});

test("outputAddresses() of a server with HTTPS on its usual port and without RTSP", () => {
  expect(outputAddresses(OUTPUTS, "https://box.example", undefined)).toEqual({
    hls: "https://HOST/hls/$/index.m3u8",
    "mp4 socket": "wss://HOST/$.mp4",
  });
});

test("outputAddresses() gives an address of every output", () => {
  const addresses = outputAddresses(OUTPUT_DESCRIPTORS, "http://localhost:8080", 5554);
  expect(Object.keys(addresses)).toEqual(OUTPUT_DESCRIPTORS.map((o) => o.name));
  for (const address of Object.values(addresses)) {
    expect(address).toMatch(/^(https?|wss?|rtsp):\/\/HOST:\d+\/.*\$/);
  }
});
