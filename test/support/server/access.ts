import { keyCreated } from "@arrwdb/protocol/keys/keys";
import { post, startServer, type TestServer } from "./test-server.ts";

/** Of `ARRWDB_ADMIN_KEY`; long enough, and easy to find in a log. */
export const adminKey = "the-key-of-the-tests-0123456789";

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** A server that asks for keys. */
export const startGuardedServer = (environment: Readonly<Record<string, string>> = {}): Promise<TestServer> =>
  startServer({ ARRWDB_ADMIN_KEY: adminKey, ...environment });

export interface TestKey {
  readonly id: string;
  readonly key: string;
}

export async function createKey(url: string, request: Readonly<Record<string, unknown>> = {}): Promise<TestKey> {
  const response = await post(`${url}/v1/keys`, { name: "test", scope: "read", ...request }, bearer(adminKey));
  if (response.status !== 201) throw new Error(`No key: ${response.status} ${await response.text()}`);
  return keyCreated.parse(await response.json());
}

export async function createLibraryWith(url: string, key = adminKey): Promise<string> {
  const body = { name: "test", embedding_model: "none", dimension: 2 };
  const response = await post(`${url}/v1/libraries`, body, bearer(key));
  const library: { id: string } = await response.json().then(Object);
  return library.id;
}

export async function revokeKey(url: string, id: string): Promise<void> {
  const response = await fetch(`${url}/v1/keys/${id}`, { method: "DELETE", headers: bearer(adminKey) });
  if (!response.ok) throw new Error(await response.text());
}
