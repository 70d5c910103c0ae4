import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { validate } from "@arrwdb/protocol/errors/validation";
import { ArrwClient, type Library, type LibraryHandle } from "arrwdb-client";
import type { z } from "zod";
import { CommandError } from "./terminal/exit-codes.ts";

export interface ConnectionOptions {
  readonly url: string;
  readonly key?: string | undefined;
  /** File of certificates, in PEM, that the process trusts in addition to those of Node. */
  readonly cacert?: string | undefined;
}

/** How long a command retries an unreachable server, such as one that restarts: about two minutes. */
const reconnect = { minDelay: 250, maxDelay: 10_000, maxAttempts: 15 };

/** @throws CommandError if the address is invalid, or the file has no certificates */
export function connect({ url, key, cacert }: ConnectionOptions): ArrwClient {
  if (cacert !== undefined) trust(cacert);
  try {
    return new ArrwClient({ url, reconnect, key });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(reason, {
      exit: "usage",
      hint: "Set the server with --url or ARRWDB_URL, and the key with ARRWDB_API_KEY.",
    });
  }
}

function trust(file: string): void {
  const hint = "Give --cacert, or ARRWDB_CACERT, a file with certificates in PEM format.";
  try {
    const content = readFileSync(file, "utf8");
    if (!content.includes("-----BEGIN CERTIFICATE-----")) throw new Error(`${file} has no certificate`);
    setDefaultCACertificates([...getCACertificates("default"), content]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`The certificates cannot be read: ${reason}`, { exit: "usage", hint });
  }
}

/** The library with this id, or with this name if it is unique. */
export const findLibrary = (client: ArrwClient, given: string, signal: AbortSignal): Promise<Library> =>
  client.libraries.get(given, { signal });

export async function openLibrary(client: ArrwClient, given: string, signal: AbortSignal): Promise<LibraryHandle> {
  return client.library((await findLibrary(client, given, signal)).id);
}

/** The validated value. @throws CommandError that names what is invalid, before a request is sent */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  try {
    return validate(schema, value);
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { exit: "usage" });
  }
}
