import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { until } from "../../peers/fogcast.ts";
import { ApiBox, datagram } from "./api_box.ts";

const PATIENCE = 20_000;

describe("tags and variables of the compiled binary", () => {
  let box: ApiBox;
  let camera: ClipCamera;

  beforeAll(async () => {
    camera = await startClipCamera();
    box = await ApiBox.make({
      "fogcast.yaml": `# a box
http: { listen: "127.0.0.1:0" }
api: { listen: "127.0.0.1:0" }
streams:
  door: { source: "${camera.url("door")}", alwaysOn: true, tags: [north] }
  yard: { source: "${camera.url("yard")}" }
`,
    });
    await box.start();
  }, 40_000);
  afterAll(async () => {
    await box?.close();
    camera?.close();
  });

  const row = async (): Promise<unknown> =>
    (await box.command({ active_streams: ["status", "tags"] }))["active_streams"];

  test(
    "a stream that runs has the tags of its configuration, and its viewers can be told apart by tags",
    async () => {
      await until(PATIENCE, "door", async () => JSON.stringify(await row()).includes("[4,") || undefined);
      expect(await row()).toEqual({ door: [4, ["north"]] });
      expect(await box.command({ stream_tags: ["door", "yard"] })).toMatchObject({
        stream_tags: { door: ["north"], yard: null },
      });
      const viewers = (await box.server?.printed(/serves 2 streams at (\S+)/))?.replace(/.* at /, "") ?? "";
      const watch = async (who: string) => {
        const answer = await fetch(`${viewers}hls/door/index.m3u8?session=${who}`);
        await answer.text();
        return answer.status;
      };
      expect([await watch("ann"), await watch("bob")]).toEqual([200, 200]);
      const ids = await until(PATIENCE, "two sessions", async () => {
        const { clients } = await box.command({ clients: { fields: ["sessid"], protocols: ["HLS"] } });
        const { data } = clients as { data: readonly (readonly [string])[] };
        return data.length === 2 ? data.map(([id]) => id) : undefined;
      });
      await box.command({ tag_sessid: { [ids[0] ?? ""]: "paid" } });
      const tagged = await fetch(`${box.url}/v1/sessions/${ids[0]}`);
      expect(await tagged.json()).toMatchObject({ tags: ["paid"] });
      await box.command({ stop_tag: "paid" });
      const answers = await until(PATIENCE, "one who is refused", async () => {
        const statuses = [await watch("ann"), await watch("bob")];
        return statuses.includes(403) ? statuses : undefined;
      });
      expect(answers.sort()).toEqual([200, 403]);
    },
    90_000,
  );

  test("a push of a tag follows it, to where a variable says", async () => {
    const room = { name: "room", target: "sh -c 'echo hall'", interval: 600 };
    expect(await box.command({ variable_add: room })).toMatchObject({
      variable_list: { room: { target: room.target, interval: 600 } },
    });
    await until(PATIENCE, "the variable", async () => {
      const { variable_list } = await box.command({ variable_list: true });
      return (variable_list as { room: { value: string } }).room.value === "hall" || undefined;
    });
    const target = `${box.folder}/$room-$stream.sdp?interface=127.0.0.1`;
    await box.command({ push_auto_add: { kept: { stream: "#kept", target } } });
    const said = await datagram(
      box.port,
      JSON.stringify({ tag_stream: { door: ["kept"] }, stream_tags: "door" }),
    );
    expect(JSON.parse(said ?? "{}")).toMatchObject({ stream_tags: { door: ["north", "kept"] } });
    const file = join(box.folder, "hall-door.sdp");
    await until(PATIENCE, "the session's description", () => Promise.resolve(existsSync(file) || undefined));
    expect(readFileSync(file, "utf8")).toContain("m=video");
    const pushes = async () => (await box.command({ push_list: true }))["push_list"] as unknown[][];
    expect((await pushes()).map((push) => push[1])).toEqual(["door"]);
    const gone = await fetch(`${box.url}/v1/streams/door/tags/kept`, { method: "DELETE" });
    expect(gone.status).toBe(204);
    await until(PATIENCE, "the end of the push", async () => (await pushes()).length === 0 || undefined);
    expect(await row()).toEqual({ door: [4, ["north"]] });
    expect(await box.file("fogcast.yaml")).toContain("# a box\n");
    await box.command({ variable_remove: "room" });
    expect(await box.file("fogcast.yaml")).not.toContain("hall");
  }, 90_000);
});
