import type { Context, Hono } from "hono";
import type { Clock } from "../../../base/clock.ts";
import type { MonoMillis, StreamMicros } from "../../../base/units.ts";
import type { TrackView } from "../../../buffer/track_view.ts";
import { CODECS } from "../../../media/codec.ts";
import { isBadSelection, parseSelection, selectTracks } from "../../../media/select/selection.ts";
import { parseStreamName } from "../../../media/stream_name.ts";
import type { SelectableTrack } from "../../../media/select/selectable_track.ts";
import { fragmentSize, writeFragment } from "../../../wire/container/mp4/fragment.ts";
import { encodeInit } from "../../../wire/container/mp4/init.ts";
import { mp4Carries } from "../../../wire/container/mp4/sample_entry.ts";
import { isRefusal } from "../../door.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import type { LiveStreams } from "../../live/live_streams.ts";
import { answerBytes, bodyHeaders, hasAlready, refuse, refuseForNow } from "../answers.ts";
import type { HttpBindings } from "../bindings.ts";
import { refuseStream, refuseVisitor } from "../turned_away.ts";
import type { Visitors } from "../visitors.ts";
import { newestFrame, newestTag, type StillFrame } from "./newest_frame.ts";

/** How long a stream that begins is waited for. */
const READY_MILLIS = 10_000;
/** Stills that are kept: the same bytes for all who ask. */
const KEPT_MAX = 64;

export interface StillServices {
  readonly live: LiveStreams;
  readonly visitors: Visitors;
  readonly clock: Clock;
}

/** A form of still: which tracks it takes, and what it makes of a frame. */
interface StillForm {
  readonly protocol: string;
  readonly type: string;
  takes(track: SelectableTrack): boolean;
  make(frame: StillFrame): Uint8Array<ArrayBuffer>;
}

interface Still {
  readonly tag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly micros: StreamMicros;
}

const JPEG: StillForm = {
  protocol: "JPG",
  type: "image/jpeg",
  takes: ({ track }) => track.codec === "jpeg",
  make: ({ data }) => data,
};

const ONE_FRAME_MP4: StillForm = {
  protocol: "STILL",
  type: "video/mp4",
  takes: ({ track }) => track.kind === "video" && track.codec !== "jpeg" && mp4Carries(track.codec),
  make: encodeOneFrame,
};

type At = Context<HttpBindings>;

/** `/NAME.jpg` and `/NAME.jpeg`: the newest picture of an MJPEG track; `/NAME.still.mp4`: the newest key frame. */
export function addStillRoutes(app: Hono<HttpBindings>, services: StillServices): void {
  const stills = new Stills(services);
  app.get(
    "/:file{[^/]+\\.jpe?g}",
    (c) => stills.answer(c, c.req.param("file").replace(/\.jpe?g$/, ""), JPEG),
  );
  app.get("/:file{[^/]+\\.still\\.mp4}", (c) => {
    return stills.answer(c, c.req.param("file").slice(0, -".still.mp4".length), ONE_FRAME_MP4);
  });
}

class Stills {
  readonly #services: StillServices;
  readonly #kept = new Map<string, Still>();

  constructor(services: StillServices) {
    this.#services = services;
  }

  async answer(c: At, file: string, form: StillForm): Promise<Response> {
    const { live, visitors, clock } = this.#services;
    const name = parseStreamName(file);
    if (name === undefined) return refuse(404, "There is no such stream");
    const selection = parseSelection((key) => c.req.query(key));
    if (isBadSelection(selection)) return refuse(400, selection.error);
    const { remote } = c.env;
    const stream = await live.open(name, { remote, url: c.req.url, protocol: form.protocol });
    if (isRefusal(stream)) return refuseStream(stream);
    if (!await stream.ready(clock.mono() + READY_MILLIS as MonoMillis)) {
      return refuseForNow(stream.offline);
    }
    const tracks = stream.selectable();
    const [chosen] = selectTracks(tracks, selection, { playable: form.takes, kinds: ["video"] });
    const view = stream.current().find((t) => t.id === chosen?.id);
    if (view === undefined) {
      return refuse(406, `No ${form.type} can be made of this stream: it has ${listOf(tracks)}`);
    }
    const visitor = visitors.visit(name, form.protocol, c.req.raw, remote);
    if (visitor === undefined) return refuseVisitor(visitors);
    return visitor.count(this.#answerFrame(c.req.raw, stream, view, form));
  }

  #answerFrame(request: Request, stream: LiveStream, view: TrackView, form: StillForm): Response {
    const tag = newestTag(view);
    const still = tag === undefined ? undefined : this.#still(stream.name, view, form, tag);
    if (still === undefined) return refuseForNow("There is no picture yet", 1);
    const etag = `"${still.tag}"`;
    const headers = bodyHeaders(form.type, "max-age=1", { etag, ...lastModified(stream, still.micros) });
    if (hasAlready(request, etag)) return new Response(null, { status: 304, headers });
    return answerBytes(request, still.bytes, headers);
  }

  #still(name: string, view: TrackView, form: StillForm, tag: string): Still | undefined {
    const key = `${form.protocol} ${name} ${view.id}`;
    const kept = this.#kept.get(key);
    if (kept?.tag === tag) return kept;
    const frame = newestFrame(view);
    if (frame === undefined) return undefined;
    const made = { tag: frame.tag, bytes: form.make(frame), micros: frame.micros };
    this.#kept.delete(key);
    this.#kept.set(key, made);
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX) break;
      this.#kept.delete(old);
    }
    return made;
  }
}

function listOf(tracks: readonly SelectableTrack[]): string {
  return tracks.map(({ track }) => CODECS[track.codec].label).join(", ") || "no track";
}

/** When a frame was taken, as far as the stream knows. */
function lastModified({ stream }: LiveStream, micros: StreamMicros): Record<string, string> {
  const wall = stream.wallAt(micros);
  return wall === undefined ? {} : { "last-modified": new Date(wall).toUTCString() };
}

/** A movie of one picture. */
function encodeOneFrame({ track, data, duration }: StillFrame): Uint8Array<ArrayBuffer> {
  const id = 1;
  const init = encodeInit([{ id, track }]);
  const runs = [{ id, baseDts: 0, samples: [{ data, duration, ptsOffset: 0, key: true }] }];
  const out = new Uint8Array(init.length + fragmentSize(runs));
  out.set(init);
  writeFragment(out, init.length, 1, runs);
  return out;
}
