import { describe, expect, test } from "bun:test";
import {
  parsePublic,
  parseSession,
  printRtpInfo,
} from "../../../../src/wire/protocol/rtsp/session_fields.ts";
import {
  parseTransports,
  printTransport,
  type RtspTransport,
} from "../../../../src/wire/protocol/rtsp/transport.ts";

const NOTHING: RtspTransport = {
  profile: "RTP/AVP",
  tcp: false,
  multicast: false,
  interleaved: undefined,
  clientPort: undefined,
  serverPort: undefined,
  port: undefined,
  destination: undefined,
  source: undefined,
  ttl: undefined,
  ssrc: undefined,
  mode: undefined,
};

const TRANSPORTS: readonly [name: string, text: string, value: Partial<RtspTransport>][] = [
  ["interleaved", "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1234ABCD", {
    tcp: true,
    interleaved: [0, 1],
    ssrc: 0x1234abcd,
  }],
  ["UDP with both pairs", "RTP/AVP;unicast;client_port=4588-4589;server_port=6256-6257", {
    clientPort: [4588, 4589],
    serverPort: [6256, 6257],
  }],
  ["UDP spelled out", "rtp/avp/UDP;unicast;client_port=4588-4589", { clientPort: [4588, 4589] }],
  ["a blank before the ssrc (Hikvision)", "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc= d6d6627", {
    tcp: true,
    interleaved: [2, 3],
    ssrc: 0xd6d6627,
  }],
  ["ssrc first (Luckfox)", "RTP/AVP/TCP;ssrc=0000ffff;unicast;interleaved=0-1", {
    tcp: true,
    interleaved: [0, 1],
    ssrc: 0xffff,
  }],
  [
    "no /TCP, one channel (Escam Q6)",
    "RTP/AVP;unicast;destination=127.0.0.1;source=127.0.0.1;interleaved=0",
    {
      interleaved: [0, 1],
      destination: "127.0.0.1",
      source: "127.0.0.1",
    },
  ],
  [
    "server ports that are no neighbours, empty source",
    "RTP/AVP;unicast;client_port=1000-1001;server_port=47487-52573;source=",
    {
      clientPort: [1000, 1001],
      serverPort: [47487, 52573],
    },
  ],
  ["a single server port", "RTP/AVP;unicast;client_port=1000-1001;server_port=5000", {
    clientPort: [1000, 1001],
    serverPort: [5000, 5001],
  }],
  ["server port 0 is none", "RTP/AVP;unicast;client_port=1000-1001;server_port=0-0", {
    clientPort: [1000, 1001],
  }],
  ["multicast (VLC)", "RTP/AVP;multicast;destination=239.1.1.1;port=5004-5005;ttl=16", {
    multicast: true,
    destination: "239.1.1.1",
    port: [5004, 5005],
    ttl: 16,
  }],
  ["a quoted mode, an unknown word", 'RTP/AVP/TCP;unicast;append;interleaved=0-1;mode="PLAY"', {
    tcp: true,
    interleaved: [0, 1],
    mode: "play",
  }],
  ["an ssrc that is none", "RTP/AVP;unicast;client_port=2-3;ssrc=xyz", { clientPort: [2, 3] }],
];

describe("parseTransports()", () => {
  for (const [name, text, value] of TRANSPORTS) {
    test(`reads ${name}`, () => expect(parseTransports(text)).toEqual([{ ...NOTHING, ...value }]));
  }

  test("reads alternatives in their order, and skips what is none", () => {
    const all = parseTransports("RTP/AVP;unicast;client_port=10-11, ,RTP/SAVP/TCP;interleaved=0-1");
    expect(all.map((t) => [t.profile, t.tcp])).toEqual([["RTP/AVP", false], ["RTP/SAVP", true]]);
    expect(parseTransports("")).toEqual([]);
    expect(parseTransports("unicast")).toEqual([]);
  });

  test("refuses ports and channels that cannot be", () => {
    const [t] = parseTransports(
      "RTP/AVP;client_port=70000-70001;interleaved=256-257;port=-1;server_port=a-b",
    );
    expect(t).toEqual(NOTHING);
  });
});

describe("printTransport()", () => {
  for (const [name, , value] of TRANSPORTS) {
    test(`writes ${name}`, () => {
      expect(parseTransports(printTransport({ ...NOTHING, ...value }))).toEqual([{ ...NOTHING, ...value }]);
    });
  }

  test("writes no mode unless asked", () => {
    expect(printTransport({ tcp: true, interleaved: [0, 1] })).toBe("RTP/AVP/TCP;unicast;interleaved=0-1");
  });
});

describe("parseSession()", () => {
  test("reads id and timeout with blanks anywhere (Longse)", () => {
    expect(parseSession("      abc123 ;timeout=10")).toEqual({ id: "abc123", timeoutSeconds: 10 });
    expect(parseSession("1;foo=2; Timeout = 65 ")).toEqual({ id: "1", timeoutSeconds: 65 });
  });
  test("leaves an absent or senseless timeout out", () => {
    expect(parseSession("l0TtlUFSR")).toEqual({ id: "l0TtlUFSR", timeoutSeconds: undefined });
    expect(parseSession("1;timeout=0")).toEqual({ id: "1", timeoutSeconds: undefined });
    expect(parseSession("  ;timeout=5")).toBeUndefined();
    expect(parseSession("")).toBeUndefined();
  });
});

test("printRtpInfo() writes each stream with its number and timestamp", () => {
  const text = printRtpInfo([
    { url: "rtsp://h/a", sequence: 1, timestamp: 2 },
    { url: "rtsp://h/a/b", sequence: 65535, timestamp: 4294967295 },
  ]);
  expect(text).toBe("url=rtsp://h/a;seq=1;rtptime=2,url=rtsp://h/a/b;seq=65535;rtptime=4294967295");
});

test("parsePublic() reads several fields in any case", () => {
  expect([...parsePublic(["OPTIONS, describe", "PLAY,"])]).toEqual(["OPTIONS", "DESCRIBE", "PLAY"]);
});
