import type { JsonSchema } from "../../config/schema.ts";
import type { Command, RestRoute } from "./command.ts";

const ERROR: JsonSchema = {
  type: "object",
  properties: {
    error: { type: "string" },
    file: { type: "string" },
    line: { type: "integer" },
    key: { type: "string" },
    expected: { type: "string" },
    found: { type: "string" },
    errors: { type: "array", items: { type: "object" } },
  },
  required: ["error"],
};

/** OpenAPI 3.1 of both HTTP faces, from the table of commands. */
export function printOpenApi(commands: readonly Command[], version: string, more: readonly RestRoute[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of [...commands.flatMap((command) => command.rest ?? []), ...more]) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  paths["/api2"] = {
    post: {
      summary: "An object of commands in, an object of answers out",
      requestBody: json({
        type: "object",
        properties: Object.fromEntries(commands.map((c) => [c.name, { ...c.params, description: c.help }])),
      }),
      responses: { "200": { description: "Answers by command", ...json({ type: "object" }) } },
    },
  };
  return {
    openapi: "3.1.0",
    info: { title: "fogcast", version },
    paths,
    components: {
      schemas: { Error: ERROR },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        basic: { type: "http", scheme: "basic" },
      },
    },
    security: [{ bearer: [] }, { basic: [] }],
  };
}

function operation(route: RestRoute) {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(route.query ?? {}).map(([name, description]) => ({
    name,
    in: "query",
    description,
    schema: { type: "string" },
  }));
  const status = String(route.status ?? 200);
  return {
    operationId: `${route.method}${route.path.replace("/v1", "").replace(/\W+/g, "_")}`.replace(/_$/, ""),
    summary: route.help,
    parameters: [...inPath, ...inQuery],
    ...(route.body === undefined ? {} : { requestBody: { required: true, ...json(route.body) } }),
    ...(route.open === true ? { security: [] } : {}),
    responses: {
      [status]: { description: "Success", ...(status === "204" ? {} : json({ type: "object" })) },
      default: { description: "Refused", ...json({ $ref: "#/components/schemas/Error" }) },
    },
  };
}

function json(schema: unknown) {
  return { content: { "application/json": { schema } } };
}
