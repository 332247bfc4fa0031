import { describe, expect, test } from "bun:test";
import type { SocketRequest, UpstreamEvents } from "../../../../src/egress/http/mp4_socket/bridge.ts";
import { at, CODECS, PLAY, range, socketBoxes } from "./socket_boxes.ts";

const start = socketBoxes();

describe("a stream that another server has taken over", () => {
  async function bridge(commands: readonly object[]) {
    const box = await start(9);
    const viewer = await box.join(commands);
    const said: unknown[] = [];
    let events: UpstreamEvents | undefined;
    let asked: SocketRequest | undefined;
    viewer.session.passOn((request, given) => {
      [asked, events] = [request, given];
      return { send: (text) => void said.push(JSON.parse(text)), close: () => void said.push("closed") };
    });
    return { box, ...viewer, said, asked, events: events as unknown as UpstreamEvents };
  }

  test("goes on there through the same socket: where it was, with what is sent from there", async () => {
    const { box, peer, session, say, said, asked, events } = await bridge([CODECS, PLAY]);
    expect(asked).toEqual({ address: "/cam.mp4", remote: "192.0.2.1" });
    say({ type: "hold" });
    expect(said).toEqual([]);
    peer.clear();
    events.open();
    const after = { 0: 3600 * (25 + 224), 1: expect.any(Number) };
    const here = { type: "continue", supported_codecs: ["H264", "AAC"], after };
    expect(said).toEqual([here, { type: "hold" }]);
    events.message('{"type":"codec_data","data":{}}');
    events.message(Uint8Array.of(1, 2));
    await box.run(1.2);
    expect(peer.got).toEqual(['{"type":"tracks","data":{}}', Uint8Array.of(1, 2)]);
    session.close();
    expect(said.at(-1)).toBe("closed");
    expect(box.sets.viewers).toBe(0);
  });

  test("goes on behind what it got, without a header; where that is gone, as if it began", async () => {
    const box = await start(5);
    const after = { 0: 3600 * (25 + 110), 1: 48_000 + 1024 * 200 };
    const { peer } = await box.join([{ type: "continue", supported_codecs: ["H264", "AAC"], after }]);
    await box.run(0.2);
    expect(peer.texts()).toEqual([{ type: "info", data: { msg: "Going on", tracks: [0, 1] } }]);
    expect(peer.frames()).toEqual(range(111, 129));
    expect(peer.frames(2)[0]).toBe(201);
    const { peer: other } = await box.join([{ type: "continue", after: { 0: 5, 1: 5 } }]);
    expect(other.texts().map(({ type }) => type)).toEqual(["codec_data", "info"]);
    expect(other.frames()).toEqual(range(125, 129));
  });

  test("is told of tracks, place and speed", async () => {
    const { said, events } = await bridge([
      PLAY,
      { type: "tracks", audio: "none" },
      { type: "seek", seek_time: at(25) },
      { type: "set_speed", play_rate: 2 },
    ]);
    events.open();
    expect(said).toEqual([
      { type: "tracks", audio: "none" },
      { type: "request_codec_data" },
      { type: "play", seek_time: at(25) },
      { type: "set_speed", play_rate: 2 },
    ]);
  });

  test("ends as the connection there does, and with it the socket", async () => {
    const { peer, events } = await bridge([CODECS, PLAY]);
    events.open();
    events.close(1008, "nothing is read");
    expect(peer.closed).toBe(1008);
  });

  test("follows the commands of a player there too, but not any number", async () => {
    const { box, peer, say, said, events } = await bridge([CODECS, PLAY]);
    events.open();
    said.length = 0;
    for (let second = 0; second < 3; second++) {
      for (let n = 0; n < 40; n++) say({ type: "hold" });
      await box.run(1);
    }
    expect([said.length, peer.closed]).toEqual([120, undefined]);
    for (let n = 0; n < 60; n++) say({ type: "hold" });
    expect([said.length, peer.closed]).toEqual([170, 1008]);
  });
});
