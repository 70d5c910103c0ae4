import { z } from "zod";
import { auditPage, auditQuery } from "../keys/audit.ts";
import {
  createKeyRequest,
  grant,
  keyCreated,
  keyId,
  keyList,
  keyRevoked,
  signedOut,
  signInRequest,
} from "../keys/keys.ts";
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
      "Only this response contains the key. A server that required no key before requires one from then on, so its first key must have scope `admin`, for all libraries and without expiry.",
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
    answers: { 200: { description: "All keys, oldest first", content: { "application/json": keyList } } },
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
    description: "It is rejected from then on, and connections opened with it are closed.",
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
    summary: "Get the permissions of the key of this request",
    scope: "read",
    narrowed: true,
    answers: { 200: { description: "The permissions", content: { "application/json": grant } } },
    errors: [],
  },
  signIn: {
    ...ofServer,
    id: "signIn",
    method: "POST",
    path: "/v1/browser-session",
    chapter,
    summary: "Sign in a browser with a key",
    description:
      "Sets a cookie that scripts cannot read and other sites cannot use, so that `EventSource` and WebSockets of the server's own pages need no key in their URL.",
    scope: "none",
    body: signInRequest,
    answers: {
      200: {
        description: "The browser is signed in, for twelve hours or until the key expires or is revoked",
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
    summary: "Sign out a browser",
    scope: "none",
    answers: {
      200: {
        description: "The cookie is no longer valid",
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
    summary: "Read the audit trail",
    description:
      "Every operation that requires scope `admin` and changes something, whether it succeeded or was refused. The last 100,000 entries are kept.",
    scope: "admin",
    query: auditQuery,
    answers: { 200: { description: "Entries, newest first", content: { "application/json": auditPage } } },
    errors: ["validation_failed", "storage_failed"],
  },
} as const satisfies Record<string, Operation>;
