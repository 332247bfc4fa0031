/** A script that does not come within so long will not come, milliseconds. */
const PATIENCE = 15_000;

const loading = new Map<string, Promise<void>>();

/** Loads a script once for all players of the page; one that could not be loaded is tried again by the next. */
export function loadScript(url: string): Promise<void> {
  let pending = loading.get(url);
  if (pending === undefined) {
    pending = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = () => resolve();
      script.onerror = () => {
        loading.delete(url);
        script.remove();
        reject(
          new Error(
            `${url.slice(url.lastIndexOf("/") + 1)} could not be loaded`,
          ),
        );
      };
      document.head.append(script);
    });
    loading.set(url, pending);
  }
  return pending;
}
