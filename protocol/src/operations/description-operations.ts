import { z } from "zod";
import { interfaceDescription } from "../server.ts";
import { type Operation } from "./operation.ts";
import { ofServer } from "./subjects.ts";

const json = {
  200: { description: "The description", content: { "application/json": interfaceDescription } },
} as const;

export const descriptionOperations = {
  getOpenApi: {
    ...ofServer,
    id: "getOpenApi",
    method: "GET",
    path: "/openapi.json",
    chapter: "Server",
    summary: "Get the OpenAPI 3.1 description of the HTTP API",
    scope: "none",
    answers: json,
    errors: [],
  },
  getAsyncApi: {
    ...ofServer,
    id: "getAsyncApi",
    method: "GET",
    path: "/asyncapi.json",
    chapter: "Server",
    summary: "Get the AsyncAPI 3 description of the WebSocket API",
    scope: "none",
    answers: json,
    errors: [],
  },
  showReference: {
    ...ofServer,
    id: "showReference",
    method: "GET",
    path: "/docs",
    chapter: "Server",
    summary: "Show the interactive API reference",
    scope: "none",
    answers: { 200: { description: "The page", content: { "text/html": z.string() } } },
    errors: [],
  },
  getReferenceFile: {
    ...ofServer,
    id: "getReferenceFile",
    method: "GET",
    path: "/docs/assets/{file}",
    chapter: "Server",
    summary: "Get a script or style sheet of the API reference",
    scope: "none",
    parameters: z.object({ file: z.string().describe("The name of the file") }),
    answers: {
      200: {
        description: "The file",
        content: { "text/javascript": z.string(), "text/css": z.string(), "image/png": z.string() },
      },
    },
    errors: ["route_not_found"],
  },
} as const satisfies Record<string, Operation>;
