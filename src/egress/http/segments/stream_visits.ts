import type { Hono } from "hono";
import { parseStreamName } from "../../../media/stream_name.ts";
import { isRefusal, type Visit } from "../../door.ts";
import { refuse } from "../answers.ts";
import type { HttpBindings } from "../bindings.ts";
import { refuseStream, refuseVisitor } from "../turned_away.ts";
import type { Visitor, Visitors } from "../visitors.ts";
import type { SegmentContext } from "./context.ts";
import type { Follower } from "./follower.ts";
import type { Followers } from "./followers.ts";

/** First parts of addresses: below each, the same renditions. Sessions are counted by them. */
export const ROOTS = { hls: "HLS", cmaf: "CMAF", dash: "DASH" } as const;
export type Root = keyof typeof ROOTS;

/** Who asks, as far as sessions want to know. */
export interface Asker {
  readonly remote: string;
}

export type StreamAnswer = (follower: Follower, visitor: Visitor) => Response | Promise<Response>;

/** What routes of outputs in segments are made with. */
export interface SegmentRoutes {
  readonly app: Hono<HttpBindings>;
  readonly context: SegmentContext;
  readonly visits: StreamVisits;
}

/** Opens streams for requests and counts who asks. */
export class StreamVisits {
  readonly #followers: Followers;
  readonly #visitors: Visitors;

  constructor(followers: Followers, visitors: Visitors) {
    this.#followers = followers;
    this.#visitors = visitors;
  }

  /**
   * Answers from the stream of that name, opened where it is not. Not async: while the stream is followed, which is
   * nearly always, an answer costs no promise.
   */
  answer(
    root: Root,
    name: string | undefined,
    request: Request,
    asker: Asker,
    answer: StreamAnswer,
  ): Response | Promise<Response> {
    const stream = name === undefined ? undefined : parseStreamName(name);
    if (stream === undefined) return refuse(404, "There is no such stream");
    const protocol = ROOTS[root];
    const got = this.#followers.get(
      stream,
      (): Visit => ({ remote: asker.remote, url: request.url, protocol }),
    );
    if (!(got instanceof Promise)) return this.#counted(stream, protocol, request, asker, got, answer);
    return got.then((opened) =>
      isRefusal(opened)
        ? refuseStream(opened)
        : this.#counted(stream, protocol, request, asker, opened, answer)
    );
  }

  #counted(
    stream: string,
    protocol: string,
    request: Request,
    { remote }: Asker,
    follower: Follower,
    answer: StreamAnswer,
  ): Response | Promise<Response> {
    const visitor = this.#visitors.visit(stream, protocol, request, remote);
    if (visitor === undefined) return refuseVisitor(this.#visitors);
    const answered = answer(follower, visitor);
    return answered instanceof Promise ? answered.then((a) => visitor.count(a)) : visitor.count(answered);
  }
}
