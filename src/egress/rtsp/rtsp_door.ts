import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { Tally } from "../../base/tally.ts";
import { monoMillis } from "../../base/units.ts";
import type { TrackView } from "../../buffer/track_view.ts";
import type {
  Asked,
  Cue,
  MulticastGroup,
  PlaySession,
  RtspRefusal,
  ServedStream,
} from "../../link/rtsp/served.ts";
import { isBadSelection, parseSelection, selectTracks } from "../../media/select/selection.ts";
import { parseStreamName } from "../../media/stream_name.ts";
import type { DigestHashes } from "../../wire/protocol/rtsp/auth.ts";
import { type Proof, proves } from "../../wire/protocol/rtsp/proof.ts";
import { printSdp, type SdpMedia } from "../../wire/protocol/sdp/print.ts";
import { describeMedia } from "../../wire/protocol/sdp/track_format.ts";
import { isRefusal } from "../door.ts";
import type { LiveStream } from "../live/live_stream.ts";
import type { LiveStreams } from "../live/live_streams.ts";
import type { Visitor, Visitors } from "../http/visitors.ts";
import { Groups } from "./groups.ts";
import type { GroupSettings } from "./group_places.ts";
import { Player } from "./player.ts";
import { SharedStream } from "./shared_stream.ts";

/** How long DESCRIBE waits for a stream that begins, milliseconds. */
const READY_MILLIS = 10_000;
/** As the reference names the connector. */
const PROTOCOL = "RTSP";
const FIRST_PAYLOAD_TYPE = 96;

export interface RtspDoorOptions {
  readonly live: LiveStreams;
  readonly visitors: Visitors;
  readonly clock: Clock;
  readonly log: Log;
  readonly hashes: DigestHashes;
  /** Names and passwords of those who may play; empty: everybody. */
  readonly accounts: ReadonlyMap<string, string>;
  /** Whether the proof is of the stream's own password; "open": it has none. */
  judge(stream: string, proof: Proof): Promise<"open" | "right" | "wrong">;
  readonly packetMax: number;
  readonly groups: GroupSettings;
  /** A number below 2^32. */
  random(): number;
}

/** What was described to one player. */
interface Offer extends ServedStream {
  readonly live: LiveStream;
  readonly views: readonly TrackView[];
  readonly payloadTypes: ReadonlyMap<TrackView, number>;
  readonly visitor: Visitor;
}

/** Streams of this server for RTSP players: what they are described as, and their packets. */
export class RtspDoor {
  readonly #o: RtspDoorOptions;
  readonly #shared = new Map<LiveStream, SharedStream>();
  readonly #offers = new WeakMap<ServedStream, Offer>();
  readonly #players = new Set<Player>();
  readonly #groups: Groups;
  readonly #tally: Tally;

  constructor(options: RtspDoorOptions) {
    this.#o = options;
    this.#tally = new Tally((line) => options.log.warn(line));
    this.#groups = new Groups(options.groups);
  }

  /** Players that play. */
  get players(): number {
    return this.#players.size;
  }

  /** To be called about once a second, before visitors are reported. */
  account(): void {
    for (const player of this.#players) player.account();
    this.#tally.flush();
  }

  /** Ends players that were told to stay away. */
  dismiss(): void {
    const now = this.#o.clock.mono();
    for (const player of [...this.#players]) {
      if (player.visitor.refusedUntil > now) player.end("stopped");
    }
  }

  async describe(path: string, asked: Asked): Promise<ServedStream | RtspRefusal | undefined> {
    const name = parseStreamName(path);
    if (name === undefined) return undefined;
    if (!await this.#mayPlay(name, asked)) return { status: 401, reason: "" };
    const selection = parseSelection((parameter) => asked.query(parameter));
    if (isBadSelection(selection)) return { status: 451, reason: selection.error };
    const { visitors, live, clock } = this.#o;
    const visitor = visitors.visit(name, PROTOCOL, asRequest(asked), asked.remote);
    if (visitor === undefined) {
      const full = visitors.noRoom;
      return full === undefined
        ? { status: 403, reason: "this session was stopped" }
        : { status: 453, reason: full };
    }
    visitor.requests++;
    const stream = await live.open(name, { remote: asked.remote, url: asked.url, protocol: PROTOCOL });
    if (isRefusal(stream)) return { status: stream.status, reason: stream.reason };
    if (!await stream.ready(monoMillis(clock.mono() + READY_MILLIS))) {
      return { status: 503, reason: stream.closed ? stream.offline : "the stream has not begun" };
    }
    const known = stream.selectable();
    const chosen = selectTracks(known, selection, {
      playable: ({ track }) =>
        describeMedia(track, { payloadType: FIRST_PAYLOAD_TYPE, control: "" }) !== undefined,
    });
    const views = chosen.flatMap(({ id }) => stream.current().filter((view) => view.id === id));
    if (views.length === 0) return { status: 404, reason: "no track that is asked for" };
    return this.#offer(stream, views, visitor);
  }

  #offer(live: LiveStream, views: readonly TrackView[], visitor: Visitor): Offer {
    const medias: SdpMedia[] = [];
    const payloadTypes = new Map<TrackView, number>();
    const kept: TrackView[] = [];
    for (const view of views) {
      const track = view.track()?.track;
      // Numbers of tracks, so that all who play a track agree on it: its packets are made once.
      const payloadType = FIRST_PAYLOAD_TYPE + view.id % 32;
      const media = track && describeMedia(track, { payloadType, control: `trackID=${view.id}` });
      if (media === undefined) continue;
      medias.push(media);
      kept.push(view);
      payloadTypes.set(view, payloadType);
    }
    const sdp = printSdp({
      name: live.name,
      id: Math.round(this.#o.clock.wall()),
      origin: "0.0.0.0",
      address: "0.0.0.0",
      control: "*",
      attributes: ["tool:fogcast", "range:npt=now-"],
      medias,
    });
    const offer: Offer = {
      sdp,
      tracks: kept.map((view, i) => ({
        control: `trackID=${view.id}`,
        clockRate: medias[i]?.formats[0]?.clockRate ?? 90_000,
        multicast: () => this.#multicast(offer, view),
      })),
      live,
      views: kept,
      payloadTypes,
      visitor,
    };
    this.#offers.set(offer, offer);
    return offer;
  }

  cue(session: PlaySession): Cue {
    const offer = this.#offers.get(session.stream);
    const stopped = (offer?.visitor.refusedUntil ?? 0) > this.#o.clock.mono();
    if (offer === undefined || offer.live.closed || stopped) {
      return { heads: new Map(), begin: () => ended(session, stopped ? "stopped" : "the stream was closed") };
    }
    const shared = this.#open(offer.live);
    const views = session.tracks.map((number) => offer.views[number] as TrackView);
    const tracks = shared.open(views, offer.payloadTypes);
    const player = new Player(
      session,
      shared,
      tracks.map((track, i) => [session.tracks[i] as number, track] as const),
      {
        visitor: offer.visitor,
        clock: this.#o.clock,
        log: this.#o.log,
        beginGroup: (track) => this.#groups.begin(track),
        gone: (one) => this.#players.delete(one),
      },
    );
    this.#players.add(player);
    return player;
  }

  async #multicast(offer: Offer, view: TrackView): Promise<MulticastGroup | undefined> {
    const shared = this.#open(offer.live);
    const [track] = shared.open([view], offer.payloadTypes);
    if (track === undefined) return undefined;
    // Keeps what was opened until the group does; gives it up where there is none.
    const keeping = { report() {}, ended() {} };
    shared.join(keeping);
    try {
      const group = await this.#groups.open(shared, track);
      return { ...group.place, leave: group.join() };
    } catch (e) {
      this.#tally.add("no multicast", e instanceof Error ? e.message : String(e));
      return undefined;
    } finally {
      shared.leave(keeping, false);
    }
  }

  #open(live: LiveStream): SharedStream {
    let shared = this.#shared.get(live);
    if (shared !== undefined) return shared;
    const { clock, log, packetMax } = this.#o;
    shared = new SharedStream(live, {
      clock,
      log,
      tally: this.#tally,
      packetMax,
      random: () => this.#o.random(),
      idle: () => this.#shared.delete(live),
    });
    this.#shared.set(live, shared);
    return shared;
  }

  /** An account of the server or the stream's own password lets in; where there is neither, everybody plays. */
  async #mayPlay(stream: string, { proof, remote }: Asked): Promise<boolean> {
    const { accounts, hashes } = this.#o;
    const user = proof.kind === "none" ? "" : proof.user;
    const password = accounts.get(user);
    if (password !== undefined && proves(proof, { user, password }, hashes)) return true;
    const own = await this.#o.judge(stream, proof);
    if (own === "right" || (own === "open" && accounts.size === 0)) return true;
    if (proof.kind !== "none") {
      this.#tally.add("player refused: its name or password is wrong", `${stream} from ${remote}`);
    }
    return false;
  }
}

function ended(session: PlaySession, why: string) {
  session.end(why);
  return { stop() {} };
}

/** What visitors are told apart by. */
function asRequest(asked: Asked): Request {
  const token = asked.query("session") ?? asked.query("tkn");
  const query = token === undefined ? "" : `?session=${encodeURIComponent(token)}`;
  const agent = asked.userAgent.replace(/[^\x20-\x7e]+/g, " ").trim();
  return new Request(`http://rtsp/${query}`, agent === "" ? {} : { headers: { "user-agent": agent } });
}
