import { ApiFailure, type FailureFields } from "./api_failure.ts";
import type { ApiState } from "./api_state.ts";
import type { Caller, Command } from "./command.ts";
import { COMMANDS } from "./command_table.ts";
import type { JsonObject } from "./params.ts";

/** Commands of one request. */
export const COMMANDS_MAX = 100;
/** How long one command may take, milliseconds. */
export const COMMAND_MILLIS = 30_000;

/** Keys of a request that are no commands. */
const NO_COMMANDS = new Set(["authorize", "minimal"]);
/** What a request that is not minimal gets beside what it asked for. */
const ALWAYS = ["config", "streams", "log"];

const BY_NAME = new Map(COMMANDS.map((command) => [command.name, command]));

/** Answers by command. */
export type Answers = Record<string, unknown>;

/**
 * Runs an object of commands, one after the other in the order given. Each key of the answer is a command's; a refused
 * one has an object with `error` there, and does not keep the others from running. Never throws or rejects. Answers at
 * once when every command does: a datagram each 10 000th of a second must cost no promises.
 */
export function runCommands(
  api: ApiState,
  request: JsonObject,
  caller: Caller,
  minimal: boolean,
): Answers | Promise<Answers> {
  const answers: Answers = {};
  const names = Object.keys(request).filter((name) => !NO_COMMANDS.has(name));
  for (const name of names.splice(COMMANDS_MAX)) {
    answers[name] = { error: `more than ${COMMANDS_MAX} commands in one request` };
  }
  if (!minimal) names.push(...ALWAYS.filter((name) => !Object.hasOwn(request, name)));
  const next = (from: number): Answers | Promise<Answers> => {
    for (let at = from; at < names.length; at++) {
      const name = names[at] as string;
      const command = BY_NAME.get(name);
      const params = Object.hasOwn(request, name) ? request[name] : true;
      // an earlier command may have answered for this one: `addstream` as `streams`
      if (!Object.hasOwn(request, name) && Object.hasOwn(answers, name)) continue;
      const outcome = runOne(api, command, name, params, caller);
      if (outcome instanceof Promise) {
        return outcome.then((outcome) => {
          put(answers, command, name, outcome);
          return next(at + 1);
        });
      }
      put(answers, command, name, outcome);
    }
    return answers;
  };
  return next(0);
}

function put(answers: Answers, command: Command | undefined, name: string, outcome: Outcome) {
  if ("failed" in outcome) answers[name] = outcome.failed;
  else if (outcome.value !== undefined) answers[command?.answersAs ?? name] = outcome.value;
}

type Outcome = { readonly value: unknown } | { readonly failed: FailureFields };

function runOne(
  api: ApiState,
  command: Command | undefined,
  name: string,
  params: unknown,
  caller: Caller,
): Outcome | Promise<Outcome> {
  if (command === undefined) return { failed: { error: "unknown command" } };
  if (command.localOnly === true && !caller.local) {
    return { failed: { error: `${name} is for programs on this machine only` } };
  }
  try {
    refuseLost(api, command);
    const value = command.run(api, params, caller);
    if (!(value instanceof Promise)) return { value };
    return withTimeout(api, value).then(
      (value) => ({ value }),
      (failure: unknown) => ({ failed: failureOf(api, name, failure).fields }),
    );
  } catch (failure) {
    return { failed: failureOf(api, name, failure).fields };
  }
}

/** Throws for a command whose effect would end with this server, as another one takes over. */
export function refuseLost(api: ApiState, command: Command): void {
  if (command.handedOver !== true || !api.ports.handingOver()) return;
  throw new ApiFailure(503, "another server is taking over: try again in a few seconds");
}

/** What a caller may know of a failure; what was not meant for it goes to the log. */
export function failureOf(api: ApiState, name: string, failure: unknown): ApiFailure {
  if (failure instanceof ApiFailure) return failure;
  api.ports.log.error(
    `${name}: ${failure instanceof Error ? failure.stack ?? failure.message : String(failure)}`,
  );
  return new ApiFailure(500, "something went wrong in the server");
}

/** Rejects with 504 when the answer is not there in time. */
export function withTimeout<T>(api: ApiState, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = api.ports.clock.after(COMMAND_MILLIS, () => {
      reject(new ApiFailure(504, `no answer within ${COMMAND_MILLIS / 1000} s`));
    });
    answer.then(resolve, reject).finally(cancel);
  });
}
