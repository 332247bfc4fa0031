/** The folder of a path: `a/b.yaml` is in `a`, `b.yaml` in `.`. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `path` as seen from `folder`; an absolute one stays as it is. */
export function resolvePath(folder: string, path: string): string {
  if (path.startsWith("/")) return path;
  const tail = path.startsWith("./") ? path.slice(2) : path;
  if (folder === "." || folder === "") return tail;
  return folder.endsWith("/") ? folder + tail : `${folder}/${tail}`;
}
