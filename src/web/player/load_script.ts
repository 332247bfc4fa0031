/** A script that does not come within so long will not come, milliseconds. */
const PATIENCE = 15_000;

const loading = new Map<string, Promise<void>>();

/** Loads a script once for all players of the page; one that could not be loaded is tried again by the next. */
export function loadScript(url: string): Promise<void> {
  let pending = loading.get(url);
  if (pending === undefined) {
    pending = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const fail = () => {
        clearTimeout(late);
        loading.delete(url);
        script.remove();
        const name = url.slice(url.lastIndexOf("/") + 1);
        reject(new Error(`${name} could not be loaded`));
      };
      const late = setTimeout(fail, PATIENCE);
      script.src = url;
      script.onload = () => {
        clearTimeout(late);
        resolve();
      };
      script.onerror = fail;
      document.head.append(script);
    });
    loading.set(url, pending);
  }
  return pending;
}
