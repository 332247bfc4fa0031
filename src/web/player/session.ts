import { askWebCodecs, browserAbilities } from "./abilities.ts";
import { type Candidate, candidates, type Wishes } from "./choose.ts";
import { InfoFeed } from "./info_feed.ts";
import { Ladder } from "./ladder.ts";
import type { Playback, TrackKind } from "./playback.ts";
import { ProgressWatch } from "./progress_watch.ts";
import { whyAway, whyNothing } from "./reasons.ts";
import type { PlayState, SessionEvents, SessionOptions } from "./session_options.ts";
import { newestMillis, type StreamInfo } from "./stream_info.ts";
import type { TrialOpening } from "./trial.ts";
import { OPENERS, openWay, prepareWay } from "./ways/table.ts";

const TICK = 200;
/** How long the server is given to say why nothing comes, milliseconds. */
const ANSWER_WITHIN = 900;
/** The picture stands still for so long, and what will be needed to judge and to go on is fetched, milliseconds. */
const FORESEE_AFTER = 400;
/** What was asked so long ago still counts, milliseconds. */
const FRESH = 2500;
/** Pauses after all ways have failed, milliseconds. */
const ROUNDS = [500, 1000, 2000, 4000, 8000];
/** A way that failed is passed over for so long, unless all have failed, and tried again after such a calm, seconds. */
const BETTER_AFTER = 40;

/**
 * Plays one stream: takes the best way, watches whether it gets on, and takes the next when it does not; asks the server
 * before it blames the way, since a camera that is away stops every way.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #feed: InfoFeed;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #undo = new AbortController();
  readonly #ladder: Ladder;
  #tracks: Partial<Record<TrackKind, string>>;
  #info: StreamInfo | undefined;
  #candidate: Candidate | undefined;
  #playback: Playback | undefined;
  #watch = new ProgressWatch(0);
  /** Goes over to no better way. */
  #stays: boolean;
  /** Counts attempts: what belongs to an earlier one is not heard any more. */
  #attempt = 0;
  #judging = false;
  /** The viewer has paused. */
  #held = false;
  /** What the server was asked when the picture began to stand still. */
  #foreseen: { readonly at: number; readonly info: Promise<StreamInfo | undefined> } | undefined;
  #round = 0;
  #later: ReturnType<typeof setTimeout> | undefined;
  #state: PlayState = "starting";
  #tickedAt = performance.now();
  #closed = false;

  constructor(options: SessionOptions, events: SessionEvents) {
    this.#options = options;
    this.#events = events;
    this.#tracks = { ...options.tracks };
    // what was asked for from a time on would begin there again
    this.#stays = options.startTime !== undefined;
    this.#ladder = new Ladder((options.betterAfter ?? BETTER_AFTER) * 1000, {
      opening: () => this.#opening(),
      take: (candidate) => {
        this.#drop();
        this.#play(candidate);
      },
    });
    this.#say("starting", "Starting the stream…");
    this.#feed = new InfoFeed(options.name, options.base, {
      info: (info) => this.#heard(info),
      unreachable: () =>
        this.#playback === undefined &&
        this.#say("unreachable", "The server does not answer, trying again"),
    });
    this.#timer = setInterval(() => this.#tick(), TICK);
    const { video } = options;
    video.addEventListener("waiting", () => {
      if (video.currentTime === 0 || video.seeking) return;
      this.#ladder.disturbed(performance.now());
      this.#playback?.stalled?.();
    }, { signal: this.#undo.signal });
  }

  get state(): PlayState {
    return this.#state;
  }

  get candidate(): Candidate | undefined {
    return this.#candidate;
  }

  get playback(): Playback | undefined {
    return this.#playback;
  }

  get info(): StreamInfo | undefined {
    return this.#info;
  }

  /** The ways that could play, best first. */
  get ways(): readonly Candidate[] {
    return this.#waysBy(this.#options);
  }

  #waysBy({ forcePlayer, forceType }: Wishes): readonly Candidate[] {
    const all = candidates(this.#info ?? {}, browserAbilities(), { forcePlayer, forceType });
    return all.filter((c) => OPENERS[c.way.name] !== undefined);
  }

  choose(kind: TrackKind, id: string): void {
    if (this.#playback?.ownChoices === true) this.#stay();
    else this.#tracks = { ...this.#tracks, [kind]: id };
    this.#playback?.choose(kind, id);
    this.#watch.pardon(performance.now());
  }

  /** The viewer pauses. */
  paused(): void {
    this.#held = true;
    this.#playback?.paused?.();
  }

  /** The viewer goes on after a pause. */
  resumed(): void {
    this.#held = false;
    // until the server's pictures come again it is as at the start
    this.#watch = new ProgressWatch(performance.now());
    this.#playback?.resumed?.();
  }

  /** Takes the next way though this one plays. */
  next(): void {
    if (this.#candidate === undefined) return;
    this.#stay();
    this.#blame(this.#candidate, "another way was asked for");
  }

  /** The viewer has what was asked for: it is not given up for a better way. */
  #stay(): void {
    this.#stays = true;
    this.#ladder.end();
    if (this.#candidate !== undefined) this.#ladder.begin(this.#candidate, [], performance.now());
  }

  close(): void {
    this.#closed = true;
    this.#attempt++;
    this.#undo.abort();
    clearInterval(this.#timer);
    clearTimeout(this.#later);
    this.#feed.close();
    this.#drop();
  }

  #say(state: PlayState, reason = ""): void {
    this.#state = state;
    this.#events.state(state, reason);
  }

  async #heard(info: StreamInfo): Promise<void> {
    const before = this.#info;
    this.#info = info;
    this.#events.info(info);
    const away = whyAway(info);
    if (away !== undefined) {
      // what was buffered plays on; then the viewer is told
      if (
        this.#playback === undefined ||
        this.#watch.still(performance.now()) > 1000
      ) this.#say("waiting", away);
      return;
    }
    if (this.#playback !== undefined) {
      if (before !== undefined && whyAway(before) !== undefined) {
        this.#watch.pardon(performance.now());
      }
      if (this.#state === "waiting" || this.#state === "ended") this.#open();
      return;
    }
    await askWebCodecs(info);
    // what was waited for has come; a pause after all ways have failed goes on
    const waited = this.#later === undefined || this.#state === "waiting" || this.#state === "unreachable";
    if (!this.#closed && this.#playback === undefined && waited) this.#open();
  }

  /** Opens the best way that has not failed lately. */
  #open(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#drop();
    const { ways } = this;
    const best = this.#ladder.next(ways, performance.now());
    if (best !== undefined) return void this.#play(best);
    this.#ladder.forget();
    if (ways.length === 0) {
      this.#say("failed", whyNothing(this.#info, this.#options, this.#waysBy({}).map((c) => c.way.name)));
      // the stream may get other tracks, which the feed tells
      return;
    }
    const pause = ROUNDS[Math.min(this.#round++, ROUNDS.length - 1)] as number;
    this.#later = setTimeout(() => this.#open(), pause);
  }

  /** What a way is opened with, but for its own source and what it tells. */
  #opening(): TrialOpening {
    const { video, stage, base, latency, startTime } = this.#options;
    return {
      video,
      stage,
      base,
      info: this.#info ?? {},
      options: { latency, startTime, tracks: this.#tracks },
    };
  }

  async #play(candidate: Candidate): Promise<void> {
    const attempt = ++this.#attempt;
    const mine = () => attempt === this.#attempt && !this.#closed;
    this.#candidate = candidate;
    const began = performance.now();
    this.#ladder.begin(candidate, this.#stays ? [] : this.ways, began);
    this.#watch = new ProgressWatch(began);
    const watch = this.#watch;
    if (this.#state !== "playing" && this.#round === 0) {
      this.#say("starting", "Starting the stream…");
    }
    try {
      const playback = await openWay(candidate, {
        ...this.#opening(),
        events: {
          alive: () => mine() && this.#watch.alive(performance.now()),
          failed: (reason) => mine() && this.#judge(reason),
          ended: () => mine() && this.#judge("The stream has ended", true),
          choices: () => mine() && this.#events.choices(),
        },
      });
      if (!mine()) return playback.close();
      // loading what it needs took its time
      watch.pardon(performance.now());
      this.#playback = playback;
      this.#events.way(candidate, playback);
      await this.#start(this.#options.video);
    } catch (error) {
      if (mine()) {
        this.#blame(
          candidate,
          error instanceof Error ? error.message : String(error),
        );
      }
    }
  }

  /** Starts the element; a browser that forbids sound without a touch gets it muted. */
  async #start(video: HTMLVideoElement): Promise<void> {
    try {
      await video.play();
    } catch (error) {
      if (
        !(error instanceof DOMException) || error.name !== "NotAllowedError"
      ) return;
      if (video.muted) return this.#events.blocked("paused");
      video.muted = true;
      this.#events.blocked("muted");
      await this.#start(video);
    }
  }

  #tick(): void {
    const now = performance.now();
    // a page that slept, or a busy machine: nothing is known of the time between
    if (now - this.#tickedAt > 5 * TICK) this.#watch.pardon(now);
    this.#tickedAt = now;
    const playback = this.#playback;
    if (playback === undefined) return;
    const { video } = this.#options;
    const unseen = this.#held || document.hidden;
    if (unseen) this.#ladder.end();
    if (unseen || video.paused && playback.surface === undefined) return this.#watch.pardon(now);
    playback.tick?.();
    const verdict = this.#watch.look(playback.stats().time, now);
    if (verdict !== "well") {
      this.#judge(
        verdict === "stands" ? "The picture stands still" : "Nothing comes",
      );
    } else if (this.#watch.started) {
      const still = this.#watch.still(now);
      if (still > FORESEE_AFTER && this.#foreseen === undefined) this.#foresee();
      else if (still < FORESEE_AFTER) this.#foreseen = undefined;
      if (still > 700 && this.#state === "playing") {
        this.#say("stalled", "Waiting for the picture…");
        this.#ladder.disturbed(now);
      } else if (still < 300 && this.#state !== "playing") {
        this.#round = 0;
        this.#say("playing");
      }
      this.#ladder.tick(now, still);
    }
  }

  /** Should it go on standing still, no time is lost. */
  #foresee(): void {
    this.#foreseen = { at: performance.now(), info: this.#feed.ask(ANSWER_WITHIN) };
    const others = this.ways.filter((c) => c.way !== this.#candidate?.way);
    const next = this.#ladder.next(others, performance.now());
    if (next !== undefined) prepareWay(next.way.name, this.#options.base);
  }

  /** Something is wrong: is it the server, the camera or the way? */
  async #judge(reason: string, ended = false): Promise<void> {
    const candidate = this.#candidate;
    if (this.#judging || candidate === undefined) return;
    this.#judging = true;
    const attempt = this.#attempt;
    const foreseen = this.#foreseen;
    this.#foreseen = undefined;
    const fresh = foreseen !== undefined && performance.now() - foreseen.at < FRESH;
    const earlier = fresh ? await foreseen.info : undefined;
    const info = fresh && earlier === undefined ? undefined : await this.#feed.ask(ANSWER_WITHIN);
    const before = earlier === undefined ? -1 : newestMillis(earlier);
    this.#judging = false;
    if (this.#closed || attempt !== this.#attempt) return;
    if (info === undefined) {
      this.#say("unreachable", "The server does not answer, trying again");
      this.#drop();
      this.#retry();
      return;
    }
    const away = whyAway(info);
    if (away !== undefined || ended) {
      this.#info = info;
      this.#drop();
      this.#say(
        ended && away === undefined ? "ended" : "waiting",
        away ?? reason,
      );
      this.#retry();
      return;
    }
    const now = newestMillis(info);
    if (now >= 0 && now === before && this.#watch.started) {
      // the camera gives nothing new: no other way would show more
      this.#say("stalled", "No pictures come from the camera");
      this.#watch.pardon(performance.now());
      this.#info = info;
      return;
    }
    this.#info = info;
    this.#blame(candidate, reason);
  }

  /** After the server or the camera was away: from the start, the best way first. */
  #retry(): void {
    this.#ladder.forget();
    clearTimeout(this.#later);
    const pause = ROUNDS[Math.min(this.#round++, ROUNDS.length - 1)] as number;
    this.#later = setTimeout(async () => {
      this.#later = undefined;
      const info = await this.#feed.ask();
      if (this.#closed || this.#playback !== undefined) return;
      if (info === undefined) {
        this.#say("unreachable", "The server does not answer, trying again");
        return this.#retry();
      }
      await this.#heard(info);
      if (whyAway(info) !== undefined) this.#retry();
    }, pause);
  }

  #blame(candidate: Candidate, reason: string): void {
    console.info(
      `fogcast: ${candidate.way.name} for ${this.#options.name}: ${reason}`,
    );
    this.#ladder.failed(candidate, performance.now());
    this.#say("stalled", `${reason}, trying again`);
    this.#open();
  }

  #drop(): void {
    this.#attempt++;
    this.#ladder.end();
    const playback = this.#playback;
    this.#playback = undefined;
    this.#candidate = undefined;
    playback?.close();
    if (playback !== undefined) this.#events.way(undefined, undefined);
  }
}
