const keyId = "9f86d081884c7d65";
const time = "2026-11-23T13:33:11.588Z";

const key = {
  id: keyId,
  name: "website",
  scope: "read",
  libraries: null,
  limits: { requests_per_minute: 600 },
  created_at: time,
  expires_at: "2027-01-31T00:00:00Z",
  last_used_at: null,
} as const;

const grant = {
  key_id: keyId,
  name: "website",
  scope: "read",
  libraries: null,
  expires_at: "2027-01-31T00:00:00Z",
} as const;

/** Not one that any server has given. */
const secret = `arrw_${keyId}_an-example-of-a-key`;

/** The types that literals have by themselves are wider than those of the schemas. */
const scope = "read" as const;

/** What is shown of keys, of what they allow, and of the audit trail. */
export const accessExamples = {
  CreateKey: {
    name: "website",
    scope,
    libraries: null,
    expires_at: "2027-01-31T00:00:00Z",
    limits: { requests_per_minute: 600 },
  },
  ApiKey: key,
  KeyCreated: { ...key, key: secret },
  KeyList: { keys: [key] },
  KeyRevoked: { revoked: true as const, id: keyId },
  Grant: grant,
  SignIn: { key: secret },
  SignedOut: { signed_out: true as const },
  AuditPage: {
    entries: [
      {
        id: 7,
        timestamp: time,
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
};
