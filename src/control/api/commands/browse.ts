import { ApiFailure } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { textOf } from "../params.ts";

/** `browse PATH`: what is in a folder, within the folders of `api.browse`. Links that lead out of them are refused. */
export const browse: Command = {
  name: "browse",
  help: "List a folder",
  params: { type: "string" },
  run: (api, params) => list(api, textOf("browse", params)),
  rest: [{
    method: "get",
    path: "/v1/browse",
    help: "List a folder within those that api.browse names",
    query: { path: "The folder" },
    run: (api, { query }) => list(api, query.get("path") ?? ""),
  }],
};

async function list(api: ApiState, path: string) {
  const { folders, keeper } = api.ports;
  const allowed = keeper.current.api.browse;
  if (allowed.length === 0) throw new ApiFailure(403, "no folder may be listed: api.browse is empty");
  const wanted = path === "" ? allowed[0] as string : path;
  const real = wanted.includes("\0") ? undefined : await folders.realPath(wanted);
  const roots = await Promise.all(allowed.map((root) => folders.realPath(root)));
  const inside = real !== undefined &&
    roots.some((root) =>
      root !== undefined && (real === root || real.startsWith(root === "/" ? "/" : `${root}/`))
    );
  // The same answer for what is outside and for what is not there: nobody learns what exists elsewhere.
  const entries = inside ? await folders.list(real) : undefined;
  if (entries === undefined) throw new ApiFailure(403, "no folder that may be listed", { key: "browse" });
  return {
    path: [real],
    files: entries.filter((e) => e.kind === "file").map((e) => e.name),
    subdirectories: entries.filter((e) => e.kind === "directory").map((e) => e.name),
  };
}
