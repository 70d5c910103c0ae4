import { z } from "zod";
import { health, readiness, serverDescription } from "../server.ts";
import { libraryErrors, type Operation } from "./operation.ts";
import { ofLibrary, ofServer } from "./subjects.ts";

/** What the console is made of. */
const consoleFile = {
  "application/javascript": z.string(),
  "text/css": z.string(),
  "image/svg+xml": z.string(),
  "application/octet-stream": z.string(),
};

export const serverOperations = {
  describeServer: {
    ...ofServer,
    id: "describeServer",
    method: "GET",
    path: "/",
    chapter: "Server",
    summary: "Get the server's name and protocol version; browsers get the console",
    scope: "none",
    answers: {
      200: { description: "The server", content: { "application/json": serverDescription, "text/html": z.string() } },
    },
    errors: [],
  },
  getConsoleFile: {
    ...ofServer,
    parameters: z.object({ file: z.string().regex(/^[\w-]{1,100}\.[a-z\d]{1,10}$/, "must be the name of a file") }),
    id: "getConsoleFile",
    method: "GET",
    path: "/assets/{file}",
    chapter: "Server",
    summary: "Get a file of the console",
    scope: "none",
    answers: { 200: { description: "The file", content: consoleFile } },
    errors: ["validation_failed", "route_not_found"],
  },
  getHealth: {
    ...ofServer,
    id: "getHealth",
    method: "GET",
    path: "/health",
    chapter: "Server",
    summary: "Liveness check",
    scope: "none",
    answers: { 200: { description: "It is", content: { "application/json": health } } },
    errors: [],
  },
  getReadiness: {
    ...ofServer,
    id: "getReadiness",
    method: "GET",
    path: "/ready",
    chapter: "Server",
    summary: "Readiness check",
    scope: "none",
    answers: { 200: { description: "It does", content: { "application/json": readiness } } },
    errors: ["storage_failed"],
  },
  getMetrics: {
    ...ofServer,
    id: "getMetrics",
    method: "GET",
    path: "/metrics",
    chapter: "Server",
    summary: "Get metrics for Prometheus",
    scope: "read",
    answers: { 200: { description: "Metrics in the Prometheus text format", content: { "text/plain": z.string() } } },
    errors: [],
  },
  connect: {
    ...ofLibrary,
    // The id in the path is not validated here; the connection refuses an unknown one.
    parameters: z.object({ library_id: z.string().describe("The id of the library") }),
    id: "connect",
    method: "GET",
    path: "/v1/libraries/{library_id}/ws",
    chapter: "WebSocket",
    summary: "Open a WebSocket to a library",
    description: "The messages are described in `/asyncapi.json`.",
    scope: "read",
    answers: { 101: { description: "The connection is now a WebSocket", content: {} } },
    errors: [...libraryErrors, "upgrade_required"],
  },
} as const satisfies Record<string, Operation>;
