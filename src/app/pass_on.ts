import { connectPassedOn, passOn, REMOTE_HEADER } from "../host/http_pass_on.ts";
import type { HttpHandler, RequestInfo } from "../host/http.ts";
import type { SocketRequest, Upstream, UpstreamEvents } from "../egress/http/mp4_socket/bridge.ts";
import { PassedSocket } from "./passed_socket.ts";

type Answer = Response | Promise<Response>;

interface Held {
  readonly request: Request;
  readonly pass: () => void;
}

/**
 * In front of a worker's HTTP app: while another server takes over, what is not ours any more goes there, and so does
 * what waits here for parts that will come there.
 */
export class PassOn {
  readonly #app: HttpHandler;
  readonly #held = new Set<Held>();
  #socket: string | undefined;
  #ours: ReadonlySet<string> = new Set();

  constructor(app: HttpHandler) {
    this.#app = app;
  }

  /** Answers a request of a viewer. */
  readonly answer: HttpHandler = (request, info) => {
    const socket = this.#socket;
    if (socket !== undefined && !this.#isOurs(request)) return this.#passAny(request, info, socket);
    const answer = this.#app(request, info);
    return answer instanceof Promise ? this.#hold(request, info.remote, answer) : answer;
  };

  /** Answers a request that another server passes on. */
  readonly answerPassed: HttpHandler = (request, info) => {
    const remote = request.headers.get(REMOTE_HEADER) ?? "";
    const upgrade = info.upgrade?.bind(info);
    return this.#app(request, { remote, ...(upgrade === undefined ? {} : { upgrade }) });
  };

  /** A WebSocket at the other server. Only once there is one. */
  readonly connect = ({ address, remote }: SocketRequest, events: UpstreamEvents): Upstream =>
    connectPassedOn(this.#socket as string, address, remote, events);

  /** From now on what is not about one of `ours` goes to the server at `socket`. */
  begin(socket: string, ours: readonly string[]): void {
    this.#socket = socket;
    this.#ours = new Set(ours);
    this.#passHeld();
  }

  /** That stream is the other server's. */
  passed(stream: string): void {
    this.#ours = new Set([...this.#ours].filter((name) => name !== stream));
    this.#passHeld();
  }

  #passHeld(): void {
    for (const held of [...this.#held]) if (!this.#isOurs(held.request)) held.pass();
  }

  #isOurs(request: Request): boolean {
    const name = /^[a-z]+:\/\/[^/]*\/hls\/([^/?#]+)/i.exec(request.url)?.[1];
    if (name === undefined) return false;
    try {
      return this.#ours.has(decodeURIComponent(name));
    } catch (failure) {
      if (failure instanceof URIError) return false;
      throw failure;
    }
  }

  /** A WebSocket goes through this process while it is there; everything else is asked for there. */
  #passAny(request: Request, info: RequestInfo, socket: string): Answer {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return this.#pass(request, info.remote);
    }
    const { pathname, search } = new URL(request.url);
    const passed = new PassedSocket((events) =>
      connectPassedOn(socket, `${pathname}${search}`, info.remote, events)
    );
    return info.upgrade?.(passed) ?? new Response("no WebSocket\n", { status: 400 });
  }

  #hold(request: Request, remote: string, answer: Promise<Response>): Promise<Response> {
    return new Promise((resolve, reject) => {
      const held: Held = {
        request,
        pass: () => {
          if (!this.#held.delete(held)) return;
          this.#pass(request, remote).then(resolve, reject);
        },
      };
      this.#held.add(held);
      answer.then((given) => {
        if (!this.#held.has(held)) return void given.body?.cancel();
        // The stream has ended here, and goes on there.
        if (this.#socket !== undefined && given.status >= 400) return held.pass();
        this.#held.delete(held);
        resolve(given);
      }, (failure) => {
        if (this.#held.delete(held)) reject(failure);
      });
    });
  }

  async #pass(request: Request, remote: string): Promise<Response> {
    const answer = await passOn(this.#socket as string, request, remote);
    // The next request of this viewer finds the other server.
    answer.headers.set("connection", "close");
    return answer;
  }
}
