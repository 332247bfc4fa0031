/** `/page.js`: the script of the server's own pages. `/player.js` is loaded before it. */
import { showGrid } from "./grid.ts";
import { showStream } from "./watch.ts";

if (document.body.dataset["page"] === "watch") showStream();
else showGrid();
