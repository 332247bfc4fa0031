import type { JsonSchema } from "../../config/schema.ts";
import type { ApiState } from "./api_state.ts";

/** Who calls. */
export interface Caller {
  /** A program on this machine that came directly. */
  readonly local: boolean;
  /** Name of the account; empty for a local caller without one. */
  readonly account: string;
  /** Address that it came from. */
  readonly remote: string;
  /** `host:port` by which the caller reached this server; empty over UDP. */
  readonly host: string;
}

export type RestMethod = "get" | "post" | "put" | "patch" | "delete";

export interface RestRequest {
  /** What stands for `{name}` and the like. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undefined where there is none. */
  readonly body: unknown;
}

/** A command as `/v1` shows it. */
export interface RestRoute {
  readonly method: RestMethod;
  /** Such as `/v1/streams/{name}`. */
  readonly path: string;
  readonly help: string;
  /** Status of success; 200 unless given. */
  readonly status?: number;
  readonly body?: JsonSchema;
  readonly query?: Readonly<Record<string, string>>;
  /** Answered without a login. */
  readonly open?: true;
  run(api: ApiState, request: RestRequest, caller: Caller): unknown;
}

/** One command: its name in the object of commands, its face in REST, and what it does. */
export interface Command {
  readonly name: string;
  /** One line, no full stop. */
  readonly help: string;
  /** What may be given as its value. */
  readonly params: JsonSchema;
  /** Key of its answer where that is not its name. */
  readonly answersAs?: string;
  /** Only for programs on this machine. */
  readonly localOnly?: true;
  /** It changes what a server that takes over goes on with: refused while one does, when it would be lost. */
  readonly handedOver?: true;
  /** Answers or resolves with what stands in the answer; undefined leaves it out. Throws `ApiFailure`. */
  run(api: ApiState, params: unknown, caller: Caller): unknown;
  readonly rest?: readonly RestRoute[];
}
