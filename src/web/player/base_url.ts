/**
 * Where the server is, as a page sees it: the folder of this script, which also holds behind a proxy with a prefix. As a
 * module the script does not know its address and looks for it in the page.
 */
export const BASE: string = baseOf(
  (document.currentScript as HTMLScriptElement | null)?.src ?? scriptOfPage() ??
    document.baseURI,
);

function scriptOfPage(): string | undefined {
  for (const script of document.scripts) {
    if (/\/(player|page)\.js(\?|$)/.test(script.src)) return script.src;
  }
  return undefined;
}

/** The folder of an address, with its last slash. */
export function baseOf(address: string): string {
  return new URL(".", new URL(address, document.baseURI)).href;
}
