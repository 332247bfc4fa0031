/** XML that plugins of old asked for: everything here may be read from anywhere. */
export const CROSS_DOMAIN = `<?xml version="1.0"?>
<!DOCTYPE cross-domain-policy SYSTEM "http://www.adobe.com/xml/dtds/cross-domain-policy.dtd">
<cross-domain-policy>
  <allow-access-from domain="*"/>
  <site-control permitted-cross-domain-policies="all"/>
</cross-domain-policy>
`;

export const CLIENT_ACCESS_POLICY = `<?xml version="1.0" encoding="utf-8"?>
<access-policy>
  <cross-domain-access>
    <policy>
      <allow-from http-methods="*" http-request-headers="*"><domain uri="*"/></allow-from>
      <grant-to><resource path="/" include-subpaths="true"/></grant-to>
    </policy>
  </cross-domain-access>
</access-policy>
`;

/** A string for a script, also for one that stands inside a page. */
function printScriptText(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Text for a page. */
function printPageText(text: string): string {
  return text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** `info_NAME.js`: the object that `json_NAME.js` is, as a variable. */
export function printInfoScript(name: string, info: object): string {
  const quoted = `'${printScriptText(name).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  const text = JSON.stringify(info).replaceAll("<", "\\u003c");
  return `// What stream ${quoted} is\n\nif (!mistvideo){var mistvideo ={};}\nmistvideo[${quoted}] = ${text};\n`;
}

/** `embed_NAME.js`: puts a player where the script stands. */
export function printEmbedScript(name: string): string {
  return `(function () {
  var script = document.currentScript, box = document.createElement("div");
  box.id = ${printScriptText(name)};
  script.parentNode.insertBefore(box, script.nextSibling);
  function play() { fogcastPlay(box.id, { target: box }); }
  if (window.fogcastPlay) return play();
  var loader = document.createElement("script");
  loader.src = new URL("player.js", script.src).href;
  loader.onload = play;
  document.head.appendChild(loader);
})();
`;
}

/** The page of one stream: the template with the stream's name where people and crawlers without scripts see it. */
export function printWatchPage(template: string, name: string): string {
  const text = printPageText(name);
  return template
    .replace(/<title>[^<]*<\/title>/, () => `<title>${text}</title>`)
    .replace("/hls/NAME/", () => `hls/${encodeURIComponent(name)}/`);
}
