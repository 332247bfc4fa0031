/** `streams.cam1.transport`, `http.listen[0]`. */
export function printPath(path: readonly string[]): string {
  let text = "";
  for (const part of path) text += text === "" || part.startsWith("[") ? part : `.${part}`;
  return text;
}
