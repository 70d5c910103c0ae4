import { z } from "zod";
import { auditPage, auditQuery } from "../audit.ts";
import { createKeyRequest, grant, keyCreated, keyId, keyList, keyRevoked, signedOut, signInRequest } from "../keys.ts";
import { bodyErrors, type Operation, needlessBodyErrors } from "./operation.ts";
import { ofServer } from "./subjects.ts";

const chapter = "Access";

export const accessOperations = {
  createKey: {
    ...ofServer,
    id: "createKey",
    method: "POST",
    path: "/v1/keys",
    chapter,
    summary: "Create an API key",
    description:
      "The answer is the only one that carries the key. A server that asked for no key before asks for one from then on, so its first key has to be one of scope `admin` without bounds.",
    scope: "admin",
    body: createKeyRequest,
    answers: {
      201: {
        description: "The new key",
        content: { "application/json": keyCreated },
        headers: { location: "The path of the new key" },
      },
    },
    errors: [...bodyErrors, "too_many_keys", "storage_full", "storage_failed"],
  },
  listKeys: {
    ...ofServer,
    id: "listKeys",
    method: "GET",
    path: "/v1/keys",
    chapter,
    summary: "List the API keys, without the keys themselves",
    scope: "admin",
    answers: { 200: { description: "All keys, the oldest first", content: { "application/json": keyList } } },
    errors: ["storage_failed"],
  },
  revokeKey: {
    ...ofServer,
    parameters: z.object({ key_id: keyId }),
    id: "revokeKey",
    method: "DELETE",
    path: "/v1/keys/{key_id}",
    chapter,
    summary: "Revoke an API key",
    description: "It is refused from then on, and connections that were opened with it are closed.",
    scope: "admin",
    answers: { 200: { description: "The key was revoked", content: { "application/json": keyRevoked } } },
    errors: [...needlessBodyErrors, "validation_failed", "key_not_found", "storage_failed"],
  },
  getGrant: {
    ...ofServer,
    id: "getGrant",
    method: "GET",
    path: "/v1/whoami",
    chapter,
    summary: "Tell what the key of this request allows",
    scope: "read",
    narrowed: true,
    answers: { 200: { description: "What is allowed", content: { "application/json": grant } } },
    errors: [],
  },
  signIn: {
    ...ofServer,
    id: "signIn",
    method: "POST",
    path: "/v1/browser-session",
    chapter,
    summary: "Sign a browser in with a key",
    description:
      "Sets a cookie that scripts cannot read and that other sites cannot use, so that `EventSource` and WebSockets of the server's own pages need no key in their address.",
    scope: "none",
    body: signInRequest,
    answers: {
      200: {
        description: "The browser is signed in, for twelve hours or until the key ends",
        content: { "application/json": grant },
        headers: { "set-cookie": "The session" },
      },
    },
    errors: bodyErrors,
  },
  signOut: {
    ...ofServer,
    id: "signOut",
    method: "DELETE",
    path: "/v1/browser-session",
    chapter,
    summary: "Sign a browser out",
    scope: "none",
    answers: {
      200: {
        description: "The cookie is worth nothing any more",
        content: { "application/json": signedOut },
        headers: { "set-cookie": "An empty session" },
      },
    },
    errors: [...needlessBodyErrors],
  },
  readAudit: {
    ...ofServer,
    id: "readAudit",
    method: "GET",
    path: "/v1/audit",
    chapter,
    summary: "Read who did what to the server and its libraries",
    description: "What needs scope `admin` and changes something, done or refused. The last 100,000 entries are kept.",
    scope: "admin",
    query: auditQuery,
    answers: { 200: { description: "Entries, the newest first", content: { "application/json": auditPage } } },
    errors: ["validation_failed", "storage_failed"],
  },
} as const satisfies Record<string, Operation>;
