import { auditPage, auditQuery } from "../../keys/audit.ts";
import {
  apiKey,
  createKeyRequest,
  grant,
  keyCreated,
  keyList,
  keyRevoked,
  signInRequest,
  signedOut,
} from "../../keys/keys.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

const keyId = "9f86d081884c7d65";

const key = {
  id: keyId,
  name: "website",
  scope: "read",
  libraries: null,
  limits: { requests_per_minute: 600 },
  created_at: shown.time,
  expires_at: "2027-01-31T00:00:00Z",
  last_used_at: null,
} as const;

const exampleGrant = {
  key_id: keyId,
  name: "website",
  scope: "read",
  libraries: null,
  expires_at: "2027-01-31T00:00:00Z",
} as const;

/** Not a key of any server. */
const secret = `arrw_${keyId}_an-example-of-a-key`;

export const accessSchemas: readonly SchemaEntry[] = [
  entry({
    wire: "createKeyRequest",
    name: "CreateKey",
    schema: createKeyRequest,
    example: {
      name: "website",
      scope: "read",
      libraries: null,
      expires_at: "2027-01-31T00:00:00Z",
      limits: { requests_per_minute: 600 },
    },
  }),
  entry({ wire: "apiKey", name: "ApiKey", schema: apiKey, example: key }),
  entry({ wire: "keyCreated", name: "KeyCreated", schema: keyCreated, example: { ...key, key: secret } }),
  entry({ wire: "keyList", name: "KeyList", schema: keyList, example: { keys: [key] } }),
  entry({ wire: "keyRevoked", name: "KeyRevoked", schema: keyRevoked, example: { revoked: true, id: keyId } }),
  entry({ wire: "grant", name: "Grant", schema: grant, example: exampleGrant }),
  entry({ wire: "signInRequest", name: "SignIn", schema: signInRequest, example: { key: secret } }),
  entry({ wire: "signedOut", name: "SignedOut", schema: signedOut, example: { signed_out: true } }),
  entry({ wire: "auditQuery", schema: auditQuery }),
  entry({
    wire: "auditPage",
    name: "AuditPage",
    schema: auditPage,
    example: {
      entries: [
        {
          id: 7,
          timestamp: shown.time,
          key_id: "environment",
          key_name: "ARRWDB_ADMIN_KEY",
          operation: "createKey",
          subject: `/v1/keys/${keyId}`,
          status: 201,
          code: null,
          request_id: "01a2089b-19ee-76e8-943f-da7d9f19582b",
          address: "127.0.0.1",
        },
      ],
      next_before: null,
    },
  }),
];
