import { describe, expect, test } from "bun:test";
import {
  baseUrl,
  controlUrl,
  parseRtspUrl,
  printRtspUrl,
  type RtspUrl,
  URL_MAX,
} from "../../../../src/wire/protocol/rtsp/url.ts";

describe("parseRtspUrl()", () => {
  const cases: [string, string, [boolean, string, string, string, number, string]][] = [
    ["a plain URL", "rtsp://cam/a", [false, "", "", "cam", 554, "/a"]],
    ["TLS", "RTSPS://cam", [true, "", "", "cam", 322, ""]],
    ["port, query and credentials", "rtsp://u:p@1.2.3.4:8554/a?b=c&d", [
      false,
      "u",
      "p",
      "1.2.3.4",
      8554,
      "/a?b=c&d",
    ]],
    ["percent escapes", "rtsp://a%40b:p%40ss%20w0rd%25@cam/", [false, "a@b", "p@ss w0rd%", "cam", 554, "/"]],
    ["an at sign and colons in the password", "rtsp://u:p@s:s@cam/", [false, "u", "p@s:s", "cam", 554, "/"]],
    ["a lone percent sign", "rtsp://u:100%@cam/", [false, "u", "100%", "cam", 554, "/"]],
    ["a user without password", "rtsp://u@cam/", [false, "u", "", "cam", 554, "/"]],
    ["IPv6 in brackets", "rtsp://u:p@[fe80::1]:555/x", [false, "u", "p", "fe80::1", 555, "/x"]],
    ["IPv6 without brackets", "rtsp://::ffff:192.168.1.123/x", [
      false,
      "",
      "",
      "::ffff:192.168.1.123",
      554,
      "/x",
    ]],
    ["a query without path", "rtsp://cam?x=1", [false, "", "", "cam", 554, "?x=1"]],
    ["an at sign in the path", "rtsp://cam/user@home", [false, "", "", "cam", 554, "/user@home"]],
    ["an empty port", "rtsp://cam:/x", [false, "", "", "cam", 554, "/x"]],
  ];
  for (const [name, text, [secure, user, password, host, port, path]] of cases) {
    test(`reads ${name}`, () => {
      expect(parseRtspUrl(text)).toEqual({ secure, user, password, host, port, path });
    });
  }

  for (
    const text of [
      "",
      "http://cam/",
      "rtsp://",
      "rtsp:///a",
      "rtsp://cam:0/",
      "rtsp://cam:65536/",
      "rtsp://a b/",
    ]
  ) {
    test(`refuses ${JSON.stringify(text)}`, () => expect(parseRtspUrl(text)).toBeUndefined());
  }
  test("refuses a URL over the limit", () => {
    expect(parseRtspUrl(`rtsp://cam/${"x".repeat(URL_MAX)}`)).toBeUndefined();
  });
});

test("printRtspUrl() leaves credentials and usual ports out", () => {
  const print = (text: string) => printRtspUrl(parseRtspUrl(text) as RtspUrl);
  expect(print("rtsp://u:p@cam:554/a?b")).toBe("rtsp://cam/a?b");
  expect(print("rtsps://u:p@cam:443/a")).toBe("rtsps://cam:443/a");
  expect(print("rtsp://[::1]:8554/a")).toBe("rtsp://[::1]:8554/a");
});

const ASKED = parseRtspUrl("rtsp://u:p@10.0.0.9:8554/live?x=1") as RtspUrl;
const HOST = "rtsp://10.0.0.9:8554";

describe("baseUrl()", () => {
  const cases: [string, string | undefined, string][] = [
    ["nothing", undefined, `${HOST}/live?x=1`],
    ["an empty one", " ", `${HOST}/live?x=1`],
    ["a usual one", "rtsp://10.0.0.9:8554/live/", `${HOST}/live/`],
    ["another host", "rtsp://192.168.1.10/stream0/", `${HOST}/stream0/`],
    ["no scheme (Anjvision)", "192.168.1.10:554/stream0/", `${HOST}/stream0/`],
    ["no scheme and no path", "192.168.253.220:1935/", `${HOST}/`],
    ["a double scheme", "rtsp://rtsp://192.168.1.10/stream0/", `${HOST}/stream0/`],
    ["IPv6 without brackets", "rtsp://::ffff:192.168.1.123/stream0/", `${HOST}/stream0/`],
    ["a path", "/stream0/", `${HOST}/stream0/`],
    [
      "a query and a slash (Dahua)",
      "rtsp://h:554/cam/realmonitor?channel=1&subtype=1/",
      `${HOST}/cam/realmonitor?channel=1&subtype=1/`,
    ],
    ["a host alone", "rtsp://h", `${HOST}/live?x=1`],
  ];
  for (const [name, given, want] of cases) {
    test(`takes ${name}`, () => expect(baseUrl(ASKED, given)).toBe(want));
  }
});

describe("controlUrl()", () => {
  const cases: [string, string, string, string][] = [
    ["relative", `${HOST}/a/`, "trackID=1", `${HOST}/a/trackID=1`],
    ["relative to a base without slash", `${HOST}/a`, "trackID=1", `${HOST}/a/trackID=1`],
    ["with a leading slash", `${HOST}/a/`, "/trackID=1", `${HOST}/a/trackID=1`],
    ["with a leading slash, base without", `${HOST}/a`, "/trackID=1", `${HOST}/a/trackID=1`],
    ["*", `${HOST}/a/`, "*", `${HOST}/a/`],
    ["none", `${HOST}/a/`, "", `${HOST}/a/`],
    ["a query only", `${HOST}/a/`, "?ctype=video", `${HOST}/a/?ctype=video`],
    [
      "behind a query (GW)",
      `${HOST}/H264?channel=1&proto=Onvif`,
      "video",
      `${HOST}/H264?channel=1&proto=Onvif/video`,
    ],
    [
      "behind a query and a slash (Dahua)",
      `${HOST}/r?channel=1/`,
      "trackID=0",
      `${HOST}/r?channel=1/trackID=0`,
    ],
    ["absolute", `${HOST}/a/`, "rtsp://10.0.0.9:8554/a/trackID=1?q=1", `${HOST}/a/trackID=1?q=1`],
    [
      "absolute with another host and no port",
      `${HOST}/a/`,
      "rtsp://192.168.5.237/media/video",
      `${HOST}/media/video`,
    ],
    ["absolute with a double scheme", `${HOST}/a/`, "rtsp://rtsp://cam/a/1", `${HOST}/a/1`],
    [
      "absolute with a path that looks like a query",
      `${HOST}/a/`,
      "rtsp://172.16.2.20/sid=96&overlay=on",
      `${HOST}/sid=96&overlay=on`,
    ],
  ];
  for (const [name, base, control, want] of cases) {
    test(`joins a control that is ${name}`, () => expect(controlUrl(ASKED, base, control)).toBe(want));
  }
});
