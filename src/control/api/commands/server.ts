import { ApiFailure } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Caller, Command } from "../command.ts";
import { describeLoad } from "../machine_answers.ts";

export const version: Command = {
  name: "version",
  help: "Version of the server",
  params: { type: "boolean" },
  run: (api) => api.ports.version,
};

/** The address by which the caller reached the API, so that a client behind a port forwarding can use it. */
export const apiEndpoint: Command = {
  name: "api_endpoint",
  help: "Address of the API",
  params: { type: "boolean" },
  run: (api, _params, caller) => `http://${caller.host === "" ? api.address : caller.host}/`,
};

/** Logins are not kept between requests; the caller's own answer says that it is out. */
export const logout: Command = {
  name: "logout",
  help: "Forget the login of this connection",
  params: { type: "boolean" },
  run: () => undefined,
};

export const shutdown: Command = {
  name: "shutdown",
  help: "End the server",
  params: { type: "boolean" },
  localOnly: true,
  run(api, _params, caller) {
    api.ports.log.info(`shutdown asked for by ${caller.remote}`);
    // The answer is sent first.
    api.ports.clock.after(50, () => api.ports.shutdown());
    return true;
  },
};

export const load: Command = {
  name: "load",
  help: "Load of the machine and its buffers in percent; processor time and memory of the server",
  params: { type: "boolean" },
  run: (api) => describeLoad(api.ports.machine),
};

export const health: Command = {
  name: "health",
  help: "Whether the server is well",
  params: { type: "boolean" },
  run: describeHealth,
  rest: [{
    method: "get",
    path: "/v1/health",
    help: "200 while the server answers",
    open: true,
    run: (api, _request, caller) => describeHealth(api, undefined, caller),
  }, {
    method: "get",
    path: "/v1/ready",
    help: "200 once viewers are served, 503 before and while it ends",
    open: true,
    run(api) {
      if (!api.ports.ready()) throw new ApiFailure(503, "not ready");
      return { ready: true };
    },
  }],
};

function describeHealth(api: ApiState, _params: unknown, caller: Caller) {
  const brief = { status: "ok", uptimeSeconds: api.now() - api.startedAt };
  if (!caller.local && caller.account === "") return brief;
  return { ...brief, version: api.ports.version, urls: api.ports.urls() };
}
