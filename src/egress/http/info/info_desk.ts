import type { Clock } from "../../../base/clock.ts";
import { monoMillis } from "../../../base/units.ts";
import type { OutputDescriptor } from "../../../config/option.ts";
import { isRefusal, type StreamListEntry, type Visit } from "../../door.ts";
import type { LiveStreams } from "../../live/live_streams.ts";
import {
  describeStream,
  type InfoQuestion,
  offlineText,
  printInfo,
  printOffline,
  tracksOf,
  unknownStream,
} from "./stream_info.ts";
import { StreamStates } from "./stream_states.ts";

export interface InfoServices {
  readonly live: LiveStreams;
  readonly clock: Clock;
  readonly outputs: readonly OutputDescriptor[];
  list(): Promise<readonly StreamListEntry[]>;
}

/** Where the stream is, as far as players are concerned: `key` differs when they have to be told. */
export interface StreamStand {
  readonly key: string;
  print(question: InfoQuestion): object;
}

/** Answers what streams are. */
export class InfoDesk {
  readonly #live: LiveStreams;
  readonly #states: StreamStates;
  readonly #outputs: readonly OutputDescriptor[];

  constructor({ live, clock, outputs, list }: InfoServices) {
    this.#live = live;
    this.#states = new StreamStates(list, clock);
    this.#outputs = outputs;
  }

  /** Keeps a stream running that is open here; false for others. */
  keep(name: string): boolean {
    return this.#live.get(name) !== undefined;
  }

  /** Starts a stream that nobody watches so far; does nothing where that is refused. */
  async start(name: string, visit: Visit): Promise<void> {
    await this.#live.open(name, visit);
  }

  /** How the stream is now. Does not start it. */
  async stand(name: string, visit: () => Visit): Promise<StreamStand> {
    const state = await this.#states.get(name);
    if (state === undefined) return fixed(unknownStream("no such stream"));
    const offline = offlineText(state);
    if (offline !== undefined) return fixed(offline);
    const live = this.#live.get(name) ?? await this.#live.open(name, visit());
    if (isRefusal(live)) {
      return fixed(
        live.status === 503 ? printOffline("Stream is offline", live.reason) : unknownStream(live.reason),
      );
    }
    const tracks = tracksOf(live);
    // Asked for the state now: nothing is waited for.
    if (tracks.length === 0 || !await live.ready(monoMillis(0))) {
      return fixed(printOffline("Stream is initializing", ""));
    }
    const { session } = live.stream;
    const parts = live.current().map((view) => `${view.id}.${view.version}`);
    return {
      key: `${session} ${parts.join()}`,
      print: (question) => printInfo(describeStream(live, tracks, this.#outputs, question), question),
    };
  }
}

function fixed(answer: object): StreamStand {
  return { key: JSON.stringify(answer), print: (question) => printInfo(answer, question) };
}
