import { afterEach, expect, spyOn, test } from "bun:test";
import { healthcheck, healthUrls } from "../../src/app/healthcheck.ts";
import { load } from "../config/memory_files.ts";

async function urlsOf(yaml: string): Promise<string[]> {
  const { config } = await load({ "f.yaml": yaml }, "f.yaml");
  if (config === undefined) throw new Error("expected a configuration");
  return healthUrls(config);
}

const quiet = spyOn(process.stderr, "write").mockReturnValue(true);
afterEach(() => void quiet.mockClear());

test("healthUrls() asks the API first, on this machine, then the HTTP port", async () => {
  expect(await urlsOf("streams: {}\n")).toEqual([
    "http://127.0.0.1:4242/v1/ready",
    "http://127.0.0.1:8080/streams.json",
  ]);
});

test("healthUrls() asks the HTTP port where there is no API", async () => {
  expect(await urlsOf("api: { listen: [] }\nhttp: { listen: ['[::]:81', '10.0.0.7:82'] }\n")).toEqual([
    "http://[::1]:81/streams.json",
    "http://10.0.0.7:82/streams.json",
  ]);
});

test("healthUrls() tries the handshake where there is TLS only", async () => {
  const tls = "tls: { cert: c.pem, key: k.pem, listen: ':8443' }";
  expect(await urlsOf(`api: { listen: [] }\nhttp: { listen: [], ${tls} }\n`)).toEqual([
    "tls://127.0.0.1:8443",
  ]);
});

test("healthUrls() asks an API that is for this machine until it has accounts there", async () => {
  const yaml = "api: { listen: '10.0.0.7:4300' }\nhttp: { port: 0 }\n";
  expect(await urlsOf(yaml)).toEqual(["http://127.0.0.1:4300/v1/ready"]);
  const token = `sha256$${"0".repeat(64)}`;
  expect(await urlsOf(yaml.replace(" }", `, accounts: { joe: { token: ${token} } } }`))).toEqual([
    "http://10.0.0.7:4300/v1/ready",
  ]);
});

for (const [status, code] of [[200, 0], [204, 0], [404, 1], [503, 1]] as const) {
  test(`healthcheck() answers ${code} for a URL that answers ${status}`, async () => {
    using server = Bun.serve({ port: 0, fetch: () => new Response(null, { status }) });
    expect(await healthcheck({ url: `http://127.0.0.1:${server.port}/x`, config: undefined })).toBe(code);
  });
}

test("healthcheck() fails with a configuration that cannot be read", async () => {
  expect(await healthcheck({ url: undefined, config: "/nowhere/fogcast.yaml" })).toBe(1);
});
