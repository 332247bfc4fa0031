import { expect, test } from "bun:test";
import { hideSecrets } from "../../../src/control/api/stream_keys.ts";

test("hideSecrets() leaves no password, of streams, accounts and addresses", () => {
  const written = {
    rtspServer: { listen: ":554", accounts: { joe: "hush1", ann: "hush2" } },
    api: { accounts: { eve: { password: "hush3", md5: "hush4" } } },
    streams: { cam: { source: "rtsp://u:hush5@h/1", rtspPassword: "hush6", window: "30s" } },
  };
  const shown = hideSecrets(written, []);
  expect(JSON.stringify(shown)).not.toContain("hush");
  expect(shown).toMatchObject({
    rtspServer: { listen: ":554", accounts: { joe: "***", ann: "***" } },
    streams: { cam: { window: "30s" } },
  });
});
