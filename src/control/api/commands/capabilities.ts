import type { OptionDescriptor, OptionType } from "../../../config/option.ts";
import { type Codec, CODECS } from "../../../media/codec.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { describeMachine } from "../machine_answers.ts";

/** `capabilities`: what this build can do, generated from the descriptors. */
export const capabilities: Command = {
  name: "capabilities",
  help: "Inputs, outputs and their options",
  params: { type: "boolean" },
  run: describe,
  rest: [{
    method: "get",
    path: "/v1/capabilities",
    help: "Inputs, outputs and their options",
    run: describe,
  }],
};

function describe(api: ApiState) {
  const { sources, outputs, machine } = api.ports;
  return {
    inputs: Object.fromEntries(sources.map((s) => [s.name.toUpperCase(), {
      name: s.name,
      desc: s.help,
      source_match: [s.example],
      codecs: byKind(s.codecs),
      optional: optionsOf(s.options),
    }])),
    connectors: Object.fromEntries(outputs.map((o) => [o.name.toUpperCase(), {
      name: o.name,
      desc: o.help,
      url_rel: o.urls.map((url) => url.replace("NAME", "$"))[0] ?? "",
      url_match: o.urls.map((url) => url.replace("NAME", "$")),
      codecs: byKind(o.codecs),
      optional: optionsOf(o.options),
    }])),
    ...describeMachine(machine),
  };
}

function byKind(codecs: readonly Codec[]): string[][][] {
  const kinds = ["video", "audio", "data"] as const;
  const lists = kinds.map((kind) =>
    codecs.filter((c) => CODECS[c].kind === kind).map((c) => CODECS[c].label)
  );
  return [lists.filter((list) => list.length > 0)];
}

function optionsOf(options: readonly OptionDescriptor[]) {
  return Object.fromEntries(options.map((o) => [o.name, {
    name: o.name,
    help: o.help,
    type: typeOf(o.type),
    ...(o.type.kind === "choice" ? { select: o.type.values.map((v) => [v, v]) } : {}),
    ...("min" in o.type ? { min: o.type.min, max: o.type.max } : {}),
    ...(o.default === undefined ? {} : { default: o.default }),
  }]));
}

function typeOf(type: OptionType): string {
  switch (type.kind) {
    case "boolean":
      return "bool";
    case "integer":
      return "int";
    case "number":
      return "num";
    case "duration":
      return "duration";
    case "choice":
      return "select";
    case "text":
      return "str";
    case "secret":
      return "password";
  }
}
