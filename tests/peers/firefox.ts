import { type Browser, launch } from "puppeteer-core";

export const FIREFOX = process.env["FIREFOX"] ?? "/usr/bin/firefox-esr";

/** Headless Firefox ESR from Debian, over WebDriver BiDi; it talks to nobody by itself and starts videos by itself. */
export function startFirefox(): Promise<Browser> {
  return launch({
    browser: "firefox",
    executablePath: FIREFOX,
    headless: true,
    extraPrefsFirefox: {
      "media.autoplay.default": 0,
      "media.autoplay.blocking_policy": 0,
      "app.update.enabled": false,
      "media.gmp-manager.updateEnabled": false,
      "network.captive-portal-service.enabled": false,
      "datareporting.policy.dataSubmissionEnabled": false,
      "browser.safebrowsing.downloads.remote.enabled": false,
    },
  });
}
