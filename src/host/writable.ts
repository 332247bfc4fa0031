import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { realPath, statFile } from "./files.ts";

/**
 * Why a file must not be replaced; undefined where it may be, and where it may be made. Asks the system (permission,
 * read-only mount), and the mode: a file or folder that nobody may write counts as read-only for root too, whom the
 * system would let write anything.
 */
export async function whyReadOnly(path: string): Promise<string | undefined> {
  const file = await realPath(path);
  const found = await statFile(file);
  if (found !== undefined && found.kind !== "file") return `${path} is no file`;
  const why = found === undefined ? undefined : await whyNot(file);
  if (why !== undefined) return `${path} is read-only (${why})`;
  const folder = dirname(file);
  const whyFolder = await whyNot(folder);
  return whyFolder === undefined ? undefined : `the folder ${folder} is read-only (${whyFolder})`;
}

async function whyNot(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o222) === 0) return `mode ${(mode & 0o777).toString(8).padStart(4, "0")}`;
    await access(path, constants.W_OK);
  } catch (failure) {
    const code = failure instanceof Error && "code" in failure ? failure.code : undefined;
    if (code === "EROFS") return "read-only file system";
    if (code === "EACCES" || code === "EPERM") return "no permission";
    if (code === "ENOENT") return "it is not there";
    throw failure;
  }
  return undefined;
}
