import type { Clock } from "../../../base/clock.ts";
import { monoMillis } from "../../../base/units.ts";
import type { Tally } from "../../../base/tally.ts";
import { bodyStream } from "../../../host/body_stream.ts";
import { isBadSelection, parseSelection, type Selection } from "../../../media/select/selection.ts";
import { parseStreamName } from "../../../media/stream_name.ts";
import { isRefusal } from "../../door.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import type { LiveStreams } from "../../live/live_streams.ts";
import { bodyHeaders, refuse, refuseForNow } from "../answers.ts";
import { isCallback } from "../callback_name.ts";
import { refuseStream, refuseVisitor } from "../turned_away.ts";
import type { Visitor, Visitors } from "../visitors.ts";
import { jsonpFormat } from "./jsonp.ts";
import { notCarried } from "./not_carried.ts";
import { chooseTracks, muxedTrack, outputOf, type ProgressiveOutput } from "./outputs.ts";
import { OwnPlay, windowOf } from "./own_play.ts";
import type { Play } from "./playing.ts";
import { isOwn, parseRange, type PlayRange, resolveRange, type WantedRange } from "./range.ts";
import { SharedPlay } from "./shared_play.ts";
import type { Viewer } from "./viewer.ts";

/** How long a stream that just begins is waited for. */
const READY_MILLIS = 10_000;

export interface ProgressiveServices {
  readonly live: LiveStreams;
  readonly visitors: Visitors;
  readonly clock: Clock;
  readonly tally: Tally;
}

/** What an address asks for. */
interface Wanted {
  readonly name: string;
  readonly output: ProgressiveOutput;
  readonly selection: Selection;
  readonly range: WantedRange;
  /** Of a page that is to be called with JSON. */
  readonly callback: string | undefined;
  /** File name to keep it under; empty: as it is called here. */
  readonly download: string | undefined;
}

/** A stream as one endless file, in every container: `/NAME.mp4` and its like. */
export class Progressive {
  readonly #services: ProgressiveServices;
  readonly #shared = new Map<string, SharedPlay>();
  readonly #own = new Set<OwnPlay>();

  constructor(services: ProgressiveServices) {
    this.#services = services;
  }

  /** Viewers now. */
  get viewers(): number {
    let viewers = this.#own.size;
    for (const play of this.#shared.values()) viewers += play.size;
    return viewers;
  }

  /** Answers GET and HEAD; undefined when the address is none of ours. */
  answer(
    request: Request,
    info: { readonly remote: string },
  ): Response | Promise<Response> | undefined {
    const address = parseAddress(request.url);
    const output = address === undefined ? undefined : outputOf(address.extension);
    if (address === undefined || output === undefined) return undefined;
    const name = parseStreamName(address.name);
    if (name === undefined) return refuse(404, "There is no such stream");
    const wanted = parseWanted(name, output, new URLSearchParams(address.query), request.headers);
    return "error" in wanted ? refuse(400, wanted.error) : this.#answer(wanted, request, info);
  }

  /** Ends the answers of a stream, or all, each after what it has. */
  end(stream?: string): void {
    for (const play of [...this.#shared.values(), ...this.#own]) {
      if (stream === undefined || play.stream === stream) play.end();
    }
  }

  async #answer(wanted: Wanted, request: Request, info: { readonly remote: string }): Promise<Response> {
    const { live, visitors, clock } = this.#services;
    const { name, output } = wanted;
    const protocol = output.name.toUpperCase();
    const stream = live.get(name) ??
      await live.open(name, { remote: info.remote, url: request.url, protocol });
    if (isRefusal(stream)) return refuseStream(stream);
    if (!await stream.ready(monoMillis(clock.mono() + READY_MILLIS))) {
      return refuseForNow(
        stream.closed || !stream.stream.live ? stream.offline : "The stream has sent no key frame yet",
      );
    }
    const play = this.#choose(wanted, stream);
    if (typeof play === "string") return refuse(406, play);
    const range = playRange(wanted, play);
    if (range !== undefined && "error" in range) return refuse(416, range.error);
    const headers = headersOf(wanted, play);
    if (request.method === "HEAD") return new Response(null, { headers });
    const visitor = visitors.visit(name, protocol, request, info.remote);
    if (visitor === undefined) return refuseVisitor(visitors);
    visitor.requests++;
    const viewer = range === undefined ? this.#join(play, visitor) : this.#openOwn(play, range, visitor);
    return new Response(bodyStream(viewer), { headers });
  }

  /** What is played, or why it cannot be. */
  #choose({ name, output, selection, callback }: Wanted, stream: LiveStream): Play | string {
    const { clock, tally } = this.#services;
    const all = stream.selectable();
    const tracks = chooseTracks(output, all, selection);
    if (typeof tracks === "string") return notCarried(name, output, all, tracks);
    const format = callback === undefined ? output.format : jsonpFormat(callback);
    return { stream, output, format, tracks, clock, tally };
  }

  #join(play: Play, visitor: Visitor): Viewer {
    const { stream, output, format, tracks } = play;
    const key = [stream.name, output.name, format.name, ...tracks.map((t) => t.id)].join("\n");
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      const made: SharedPlay = new SharedPlay(play, () => {
        if (this.#shared.get(key) === made) this.#shared.delete(key);
      });
      shared = made;
      this.#shared.set(key, made);
    }
    return shared.open(visitor);
  }

  #openOwn(play: Play, range: PlayRange, visitor: Visitor): Viewer {
    const own: OwnPlay = new OwnPlay(play, range, visitor, () => this.#own.delete(own));
    this.#own.add(own);
    return own.viewer;
  }
}

/** The range of a viewer who has one of its own. */
function playRange({ range }: Wanted, play: Play) {
  if (!isOwn(range)) return undefined;
  const window = windowOf(play);
  if (window === undefined) return { error: "There is nothing in the buffer yet" };
  return resolveRange(range, window, play.stream.stream, play.clock.wall());
}

function headersOf({ name, output, download }: Wanted, { format, tracks }: Play): Record<string, string> {
  const type = format.mimeType(tracks.map((t) => muxedTrack(output, t.track)));
  const more: Record<string, string> = {
    // Frames are to be passed on as they come.
    "x-accel-buffering": "no",
    "accept-ranges": "none",
  };
  if (download !== undefined) {
    const file = (download === "" ? `${name}.${output.extensions[0]}` : download).slice(0, 200);
    const plain = file.replace(/[^\w.+ -]/g, "_");
    more["content-disposition"] = `attachment; filename="${plain}"; filename*=UTF-8''${
      encodeURIComponent(file)
    }`;
  }
  return bodyHeaders(type, "no-store", more);
}

const ADDRESS = /^[a-z]+:\/\/[^/?#]*\/([^/?#]+)\.([a-z0-9]{2,6})(?:\?([^#]*))?(?:#.*)?$/i;

/** Stream, extension and query of an address; undefined when it is no file of the top folder. */
export function parseAddress(url: string) {
  const match = ADDRESS.exec(url);
  if (match === null) return undefined;
  const [, name = "", extension = "", query = ""] = match;
  try {
    return { name: decodeURIComponent(name), extension, query };
  } catch (e) {
    if (e instanceof URIError) return undefined;
    throw e;
  }
}

function parseWanted(
  name: string,
  output: ProgressiveOutput,
  query: URLSearchParams,
  headers: Headers,
): Wanted | { readonly error: string } {
  const parameter = (key: string) => query.get(key) ?? undefined;
  const selection = parseSelection(parameter);
  if (isBadSelection(selection)) return selection;
  const download = parameter("dl");
  const rate = headers.get("x-mist-rate") ?? undefined;
  const range = parseRange(parameter, rate ?? (download === undefined ? undefined : "0"));
  if ("error" in range) return range;
  const callback = output.name === "json"
    ? parameter("callback") || parameter("jsonp") || undefined
    : undefined;
  if (callback !== undefined && !isCallback(callback)) {
    return { error: "callback: expected the name of a function" };
  }
  return { name, output, selection, range, callback, download };
}
