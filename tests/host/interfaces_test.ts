import { expect, test } from "bun:test";
import { listInterfaces } from "../../src/host/interfaces.ts";

test("listInterfaces() has loopback, by name and address", () => {
  const loopback = listInterfaces().find((i) => i.address === "127.0.0.1");
  expect(loopback).toEqual({ name: "lo", address: "127.0.0.1", family: 4, internal: true });
});
