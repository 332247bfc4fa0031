import { expect, test } from "bun:test";
import { parseCommand } from "../../../../src/egress/http/mp4_socket/commands.ts";

const CASES: readonly { readonly name: string; readonly text: string; readonly command: object }[] = [
  { name: "play", text: '{"type":"play"}', command: { type: "play", seek: undefined } },
  {
    name: "play with a place",
    text: '{"type":"play","seek_time":"2500"}',
    command: { type: "play", seek: { kind: "time", millis: 2500 } },
  },
  {
    name: "seek to the live edge",
    text: '{"type":"seek","seek_time":"live","ff_to":7}',
    command: { type: "seek", seek: { kind: "live" }, forwardTo: 7 },
  },
  {
    name: "seek to Unix time",
    text: '{"type":"seek","unix":-5000}',
    command: { type: "seek", seek: { kind: "unix", millis: -5000 }, forwardTo: undefined },
  },
  { name: "speed", text: '{"type":"set_speed","play_rate":"auto"}', command: { type: "speed", rate: 0 } },
  { name: "too fast", text: '{"type":"set_speed","play_rate":1e9}', command: { type: "speed", rate: 64 } },
  {
    name: "no number as speed",
    text: '{"type":"set_speed","play_rate":null}',
    command: {
      type: "bad",
      about: "set_speed",
      why: "play_rate: expected a number above 0, or auto",
    },
  },
  {
    name: "tracks: a number, none, the default, and what is no selector",
    text: '{"type":"tracks","video":2,"audio":null,"meta":"auto","subtitle":{},"seek_time":1}',
    command: {
      type: "tracks",
      wish: { video: "2", audio: null, meta: null },
      seek: { kind: "time", millis: 1 },
    },
  },
  {
    name: "codecs in the reference's names",
    text: '{"type":"request_codec_data","supported_codecs":["H264","HEVC","opus","XYZ",7]}',
    command: { type: "codecs", codecs: new Set(["h264", "h265", "opus"]) },
  },
  {
    name: "codecs as combinations, and RFC 6381 strings",
    text: '{"type":"request_codec_data","supported_combinations":[[["avc1.42E01E","hvc1.1"],["mp4a.40.2"]]]}',
    command: { type: "codecs", codecs: new Set(["h264", "h265", "aac"]) },
  },
  {
    name: "FLAC, which G.711 and L16 go out as",
    text: '{"type":"request_codec_data","supported_codecs":["FLAC"]}',
    command: { type: "codecs", codecs: new Set(["flac", "alaw", "ulaw", "l16"]) },
  },
  {
    name: "no codecs",
    text: '{"type":"request_codec_data"}',
    command: { type: "codecs", codecs: undefined },
  },
];

for (const { name, text, command } of CASES) {
  test(`parseCommand() reads ${name}`, () => expect(parseCommand(text)).toEqual(command as never));
}

test("parseCommand() stands whatever is sent", () => {
  const deep = `{"type":"request_codec_data","supported_codecs":${"[".repeat(5000)}${"]".repeat(5000)}}`;
  for (const text of [deep, "\u0000", '{"type":{}}', '{"__proto__":1,"type":"play"}', "1e999"]) {
    expect(typeof parseCommand(text).type).toBe("string");
  }
});
