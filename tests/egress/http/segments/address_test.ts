import { expect, test } from "bun:test";
import { parseFileAddress, queryParameter } from "../../../../src/egress/http/segments/address.ts";
import { TestApp } from "../test_app.ts";

test("a rendition's file is taken apart", () => {
  expect(parseFileAddress("http://h/hls/cam/0/7.3.m4s")).toEqual({
    root: "hls",
    name: "cam",
    rendition: "0",
    file: "7.3.m4s",
    query: "",
  });
  expect(parseFileAddress("https://[::1]:8443/hls/a.b/0_1/index.m3u8?_HLS_msn=3&x=/y/")).toEqual({
    root: "hls",
    name: "a.b",
    rendition: "0_1",
    file: "index.m3u8",
    query: "_HLS_msn=3&x=/y/",
  });
});

for (
  const path of [
    "",
    "/",
    "/hls",
    "/hls/",
    "/hls/cam",
    "/hls/cam/",
    "/hls/cam/index.m3u8",
    "/hls/cam//index.m3u8",
    "/hls//0/index.m3u8",
    "/hls/cam/0",
    "/hls/cam/0/",
    "/hls/cam/0/?a=b",
    "/hls/cam/0/a/b",
    "/hls/cam?/0/7.m4s",
    "/hls/cam/0?/7.m4s",
    "/hls/cam/0/7.m4s/",
    "/hls/c%61m/0/7.m4s",
    "/hls/cam/0/index.m3u8?_HLS_msn=%33",
    "/hls/cam/0/index.m3u8?_HLS_msn=+3",
    "/other/cam/0/7.m4s",
    "/x/hls/cam/0/7.m4s",
  ]
) {
  test(`the router looks at ${path || "nothing"}`, () =>
    expect(parseFileAddress(`http://h${path}`)).toBeUndefined());
}

test("parameters of a query", () => {
  const query = "a=1&_HLS_msn=7&empty&_HLS_msn=8&none=&_HLS_msnx=9";
  expect(queryParameter(query, "_HLS_msn")).toBe("7");
  expect(queryParameter(query, "_HLS_msnx")).toBe("9");
  expect(queryParameter(query, "a")).toBe("1");
  expect(queryParameter(query, "empty")).toBe("");
  expect(queryParameter(query, "none")).toBe("");
  expect(queryParameter(query, "_HLS_part")).toBeUndefined();
  expect(queryParameter("", "a")).toBeUndefined();
});

test("the router answers the same", async () => {
  const t = new TestApp();
  await t.camera(5);
  for (
    const [path, escaped] of [
      ["/hls/cam/0/0.1.m4s", "/hls/c%61m/0/0.1.m4s"],
      ["/hls/cam/0/nothing", "/hls/c%61m/0/nothing"],
      ["/hls/nobody/0/0.m4s", "/hls/nobod%79/0/0.m4s"],
      ["/hls/cam/0/index.m3u8?_HLS_msn=1&_HLS_part=0", "/hls/cam/0/index.m3u8?_HLS_msn=%31&_HLS_part=0"],
      ["/hls/cam/0/index.m3u8?_HLS_msn=", "/hls/cam/0/index.m3u8?_HLS_msn=&x=%31"],
      ["/hls/cam/0/index.m3u8?_HLS_part=1", "/hls/cam/0/index.m3u8?_HLS_part=%31"],
    ] as const
  ) {
    const plain = await t.get(path), routed = await t.get(escaped);
    expect([path, routed.status]).toEqual([path, plain.status]);
    expect([...routed.headers]).toEqual([...plain.headers]);
    expect(await routed.bytes()).toEqual(await plain.bytes());
  }
  t.app.close();
});
