import { z } from "zod";
import { health, readiness, serverDescription } from "../server.ts";
import { type Operation } from "./operation.ts";
import { ofLibrary, ofServer } from "./subjects.ts";

export const serverOperations = {
  describeServer: {
    ...ofServer,
    id: "describeServer",
    method: "GET",
    path: "/",
    chapter: "Server",
    summary: "Tell what this is, and which version of the protocol it speaks",
    scope: "none",
    answers: { 200: { description: "The server", content: { "application/json": serverDescription } } },
    errors: [],
  },
  getHealth: {
    ...ofServer,
    id: "getHealth",
    method: "GET",
    path: "/health",
    chapter: "Server",
    summary: "Tell whether the process is alive",
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
    summary: "Tell whether the server serves requests",
    scope: "none",
    answers: { 200: { description: "It does", content: { "application/json": readiness } } },
    errors: [],
  },
  connect: {
    ...ofLibrary,
    // Whatever stands there for an id, it is the connection that tells.
    parameters: z.object({ library_id: z.string() }),
    id: "connect",
    method: "GET",
    path: "/v1/libraries/{library_id}/ws",
    chapter: "WebSocket",
    summary: "Open a WebSocket to a library",
    description: "Its messages are described in `/asyncapi.json`.",
    scope: "read",
    answers: { 101: { description: "The connection is a WebSocket from here on", content: {} } },
    errors: ["upgrade_required"],
  },
} as const satisfies Record<string, Operation>;
