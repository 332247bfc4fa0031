import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { answered } from "../../peers/answered.ts";
import { until } from "../../peers/fogcast.ts";
import { lastWords } from "../../peers/last_words.ts";
import { freePort, type GuardedFogcast, startGuarded } from "./guarded.ts";
import { type LiveCamera, startLiveCamera } from "./live_camera.ts";

const PATIENCE = 20_000;

describe("what is commanded by hand, and an upgrade", () => {
  let camera: LiveCamera;
  let fogcast: GuardedFogcast;
  /** Takes what is sent, and wants none of it. */
  let sink: Bun.udp.Socket<"buffer">;
  const api = `http://127.0.0.1:${freePort()}`;

  beforeAll(async () => {
    sink = await Bun.udpSocket({ hostname: "127.0.0.1" });
    camera = await startLiveCamera();
    fogcast = await startGuarded(
      `streams:
  cam: { source: "${camera.url}", alwaysOn: true, tags: [north, day] }
  yard: { source: "${camera.url}" }
rtspServer: { listen: [] }
api: { listen: "${api.slice(7)}" }
push:
  auto: { kept: { stream: "#kept", target: "${to(2)}" } }
`,
      "--leave",
      "2",
    );
    await until(PATIENCE, "the camera", async () => {
      const { active_streams } = await command({ active_streams: ["status"] });
      return JSON.stringify(active_streams).includes("[4]") || undefined;
    });
  }, 40_000);
  afterAll(async () => {
    await fogcast?.stop();
    camera?.close();
    sink?.close();
  });

  /** A target, different for each number from 1 to 7. */
  const to = (pkts: number) => `tsudp://127.0.0.1:${sink.port}?pkts=${pkts}`;

  async function command(commands: unknown): Promise<Record<string, unknown>> {
    const answer = await answered(`${api}/api2`, 200, {
      method: "POST",
      body: JSON.stringify(commands),
      headers: { connection: "close" },
    });
    return await answer.json() as Record<string, unknown>;
  }
  /** Stream and target of what is sent by itself. */
  const pushes = async () => {
    const { push_list } = await command({ push_list: true });
    return (push_list as unknown[][]).map((push) => `${push[1]} ${push[2]}`);
  };

  test(
    "tags given by hand stay, of streams that run and of those that do not, and so does what follows them",
    async () => {
      const kept = `cam ${to(2)}`;
      await command({ tag_stream: { cam: "kept" }, untag_stream: { cam: "day" } });
      await until(PATIENCE, "the push of the tag", async () => (await pushes()).includes(kept) || undefined);
      const asked = { stream_tags: ["cam", "yard"] };
      const before = (await command({ tag_stream: { yard: ["late", "kept"] }, ...asked }))["stream_tags"];
      expect(before).toEqual({ cam: ["north", "kept"], yard: ["late", "kept"] });
      const upgraded = await fogcast.run("upgrade");
      expect(upgraded, lastWords()).toEqual({
        code: 0,
        text: expect.stringMatching(/^version \S+ serves\n$/),
      });
      // the API is the new server's once the old one has left it
      await fogcast.printed(/(API on [^]*){2}/, PATIENCE);
      expect((await command(asked))["stream_tags"], lastWords()).toEqual(before);
      expect(await pushes(), lastWords()).toEqual([kept]);
      await command({ untag_stream: { cam: "kept" } });
      await until(PATIENCE, "the end of the push", async () => (await pushes()).length === 0 || undefined);
    },
    60_000,
  );

  test("what is commanded meanwhile is there after it, or was refused with the reason", async () => {
    const taken = { tags: [] as string[], pushes: [] as string[] };
    const refusals = new Set<string>();
    /** Gives a stream a tag, and sends now and then. */
    const ask = async (n: number) => {
      const stream = `cam+${n}`, target = n % 3 === 0 && n < 21 ? to(n / 3 + 1) : undefined;
      const answers = await command({
        tag_stream: { [stream]: "late" },
        ...(target === undefined ? {} : { push_start: ["cam", target] }),
      });
      for (const name of ["tag_stream", "push_start"]) {
        const { error } = (answers[name] ?? {}) as { error?: string };
        if (error !== undefined) refusals.add(error);
      }
      if (answers["tag_stream"] === undefined) taken.tags.push(stream);
      if (answers["push_list"] !== undefined) taken.pushes.push(`cam ${target}`);
    };
    let asked = 0, unheard = 0, over = false;
    const asking = (async () => {
      for (; !over; await Bun.sleep(30)) await ask(asked++).catch(() => unheard++);
    })();
    const upgraded = await fogcast.run("upgrade")
      .then(async (done) => (await fogcast.printed(/(API on [^]*){3}/, PATIENCE), done))
      .finally(() => over = true);
    await asking;
    expect(upgraded, lastWords()).toMatchObject({ code: 0 });
    const { tags, pushes: sent } = taken;
    console.log(`  asked ${asked} times: ${tags.length} tags, ${sent.length} pushes, ${unheard} not heard`);
    const { stream_tags } = await command({ stream_tags: tags });
    expect(stream_tags, lastWords()).toEqual(
      Object.fromEntries(tags.map((stream) => [stream, ["north", "day", "late"]])),
    );
    const running = await pushes();
    expect(sent.filter((push) => !running.includes(push)), lastWords()).toEqual([]);
    refusals.delete("another server is taking over: try again in a few seconds");
    expect([...refusals]).toEqual([]);
  }, 60_000);
});
