import { parseStreamName } from "../../../media/stream_name.ts";
import { parseTag, TAG_MAX } from "../../../media/stream_tag.ts";
import { ApiFailure, wrongValue } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { namesOf, objectOf } from "../params.ts";

const TAG = `a tag of at most ${TAG_MAX} letters, digits, _, ., : and -`;
const TAGS: Command["params"] = {
  anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
};
const TAGS_OF_STREAMS: Command["params"] = { type: "object", additionalProperties: TAGS };

/** Streams, each with tags. */
function readTags(command: string, params: unknown): (readonly [string, readonly string[]])[] {
  return Object.entries(objectOf(command, params)).map(([stream, tags]) =>
    [nameOf(stream), namesOf(stream, tags).map(tagOf)] as const
  );
}

/** A tag as somebody gives it. Throws for what is none. */
export function tagOf(given: string): string {
  const tag = parseTag(given);
  if (tag === undefined) throw wrongValue("tag", TAG, given);
  return tag;
}

function nameOf(given: string): string {
  const name = parseStreamName(given);
  if (name === undefined) throw wrongValue("stream", "the name of a stream", given);
  return name;
}

function must(done: boolean): void {
  if (!done) throw new ApiFailure(422, "there are too many tags already");
}

/** `tag_stream {stream: tag or tags}`: until a minute after the stream has ended. */
export const tagStream: Command = {
  name: "tag_stream",
  help: "Give streams tags, for as long as they run; one that does not run is waited for a minute",
  params: TAGS_OF_STREAMS,
  handedOver: true,
  run(api, params) {
    for (const [stream, tags] of readTags("tag_stream", params)) must(api.ports.tags.add(stream, tags));
    return undefined;
  },
  rest: [{
    method: "put",
    path: "/v1/streams/{name}/tags/{tag}",
    help: "Give a stream a tag, for as long as it runs; one that does not run is waited for a minute",
    status: 204,
    run(api, { path }) {
      must(api.ports.tags.add(nameOf(path["name"] ?? ""), [tagOf(path["tag"] ?? "")]));
      return undefined;
    },
  }],
};

/** `untag_stream {stream: tag or tags}`: the configuration's too, until a minute after the stream has ended. */
export const untagStream: Command = {
  name: "untag_stream",
  help: "Take tags away from streams, for as long as they run",
  params: TAGS_OF_STREAMS,
  handedOver: true,
  run(api, params) {
    for (const [stream, tags] of readTags("untag_stream", params)) must(api.ports.tags.remove(stream, tags));
    return undefined;
  },
  rest: [{
    method: "delete",
    path: "/v1/streams/{name}/tags/{tag}",
    help: "Take a tag away from a stream, for as long as it runs",
    status: 204,
    run(api, { path }) {
      const name = nameOf(path["name"] ?? ""), tag = tagOf(path["tag"] ?? "");
      if (!api.ports.tags.of(name).includes(tag)) throw new ApiFailure(404, `${name} has no tag ${tag}`);
      must(api.ports.tags.remove(name, [tag]));
      return undefined;
    },
  }],
};

/** `stream_tags`: of these streams, or of all that run; null for one without. */
export const streamTags: Command = {
  name: "stream_tags",
  help: "Tags of streams: of those that are named, or of all that run",
  params: {
    anyOf: [{ type: "boolean" }, { type: "string" }, { type: "array", items: { type: "string" } }, {
      type: "object",
    }],
  },
  run(api, params) {
    const names = params === true || params === null
      ? running(api)
      : namesOf("stream_tags", params).map(nameOf);
    return Object.fromEntries(names.map((name) => {
      const tags = api.ports.tags.of(name);
      return [name, tags.length === 0 ? null : tags];
    }));
  },
  rest: [{
    method: "get",
    path: "/v1/streams/{name}/tags",
    help: "Tags of a stream",
    run: (api, { path }) => ({ tags: api.ports.tags.of(nameOf(path["name"] ?? "")) }),
  }],
};

function running(api: ApiState): string[] {
  return api.ports.streams().filter((s) => s.state !== "idle").map((s) => s.name);
}
