/** `/player.js`: one script for every page, plain or as a module, once or twice. */
import { FogcastPlayer } from "./element.ts";
import { fogcastPlay } from "./embed.ts";

if (customElements.get("fogcast-player") === undefined) {
  customElements.define("fogcast-player", FogcastPlayer);
}

// embedding code of the reference looks for `mistplayers` before it loads the script
Object.assign(globalThis, {
  fogcastPlay,
  mistPlay: fogcastPlay,
  mistplayers: { fogcast: FogcastPlayer },
});
