import { passOn, REMOTE_HEADER } from "../host/http_pass_on.ts";

type Answer = Response | Promise<Response>;
type Handler = (request: Request, info: { readonly remote: string }) => Answer;

interface Held {
  readonly request: Request;
  readonly pass: () => void;
}

/**
 * In front of a worker's HTTP app: while another server takes over, what is not ours any more goes there, and so does
 * what waits here for parts that will come there.
 */
export class PassOn {
  readonly #app: Handler;
  readonly #held = new Set<Held>();
  #socket: string | undefined;
  #ours: ReadonlySet<string> = new Set();

  constructor(app: Handler) {
    this.#app = app;
  }

  /** Answers a request of a viewer. */
  readonly answer: Handler = (request, info) => {
    if (this.#socket !== undefined && !this.#isOurs(request)) return this.#pass(request, info.remote);
    const answer = this.#app(request, info);
    return answer instanceof Promise ? this.#hold(request, info.remote, answer) : answer;
  };

  /** Answers a request that another server passes on. */
  readonly answerPassed: Handler = (request) => {
    return this.#app(request, { remote: request.headers.get(REMOTE_HEADER) ?? "" });
  };

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
