import { expect, test } from "bun:test";
import { maskUrl } from "../../src/base/mask_url.ts";
import { cpuMillis } from "../cpu_millis.ts";

const cases: readonly [name: string, text: string, masked: string][] = [
  ["a URL without credentials", "rtsp://camera:554/a@b?x=1", "rtsp://camera:554/a@b?x=1"],
  ["user and password", "rtsp://joe:hush@camera/1", "rtsp://***@camera/1"],
  ["a user alone", "rtsp://joe@camera/1", "rtsp://***@camera/1"],
  ["an @ in the password", "rtsp://joe:hu@sh@camera/1", "rtsp://***@camera/1"],
  ["a slash in the password", "rtsp://joe:hu/sh@camera/1", "rtsp://***@camera/1"],
  ["a question mark in the password", "rtsp://joe:hu?sh@camera/1", "rtsp://***@camera/1"],
  ["an IPv6 host", "rtsp://[::1]:554/@home", "rtsp://[::1]:554/@home"],
  [
    "a token in the query",
    "http://h/a?token=abc&x=1&Password=d#f",
    "http://h/a?token=***&x=1&Password=***#f",
  ],
  [
    "an SRT passphrase",
    "srt://h:1?mode=caller&passphrase=0123456789",
    "srt://h:1?mode=caller&passphrase=***",
  ],
  [
    "a password in the path (XMEye cameras)",
    "rtsp://h:554/user=admin_password=hush_channel=1",
    "rtsp://h:554/user=admin_password=***",
  ],
  ["a parameter that only ends like one", "http://h/?monkey=1", "http://h/?monkey=1"],
  [
    "two URLs in a sentence",
    "from rtsp://a:b@c/ to 'rtmp://d:e@f/g'",
    "from rtsp://***@c/ to 'rtmp://***@f/g'",
  ],
  ["the sender of a group", "tsudp://10.0.0.5@232.1.1.1:5000/eth0", "tsudp://10.0.0.5@232.1.1.1:5000/eth0"],
  ["a login in the place of a sender", "tsudp://joe:1@232.1.1.1:5000", "tsudp://***@232.1.1.1:5000"],
  ["an address as a login", "srtp://10.0.0.5@host", "srtp://***@host"],
  ["who may publish", "push://10.0.0.0/24@hush", "push://10.0.0.0/24@***"],
  ["a password to publish, with everything in it", "push://@a@b/c?d", "push://@***"],
  ["text without a URL", "joe:hush@camera, see ://nothing", "joe:hush@camera, see ://nothing"],
  ["nothing", "", ""],
];

for (const [name, text, masked] of cases) {
  test(`maskUrl() of ${name}`, () => expect(maskUrl(text)).toBe(masked));
}

test("maskUrl() masks once, however often it is applied", () => {
  for (const [, text] of cases) expect(maskUrl(maskUrl(text))).toBe(maskUrl(text));
});

test("maskUrl() takes time in proportion to the text", async () => {
  const took = await cpuMillis(() => {
    maskUrl("a.".repeat(200_000));
    maskUrl("a://b:".repeat(100_000));
    maskUrl("x?token=&".repeat(100_000));
    maskUrl(`rtsp://${":".repeat(300_000)}`);
  });
  expect(took).toBeLessThan(1000);
});
