import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { Pool, type PoolClient } from "pg";
import { connectionSettings } from "./connection-settings.ts";
import { databaseError } from "./postgres-error.ts";

/** A row as `pg` returns it. */
export type DatabaseRow = Readonly<Record<string, unknown>>;

/** What a parameter may be; bytes are sent as they are. */
export type Parameter = string | number | boolean | null | Buffer | readonly (string | number | null)[];

export interface Statement {
  /** Prepared once for each connection under this name. */
  readonly name?: string;
  readonly text: string;
}

/** Runs statements on one connection, in order; all of one turn of the event loop go in one round trip. */
export interface Session {
  /** @throws ArrwError */
  run(statement: Statement, values?: readonly Parameter[]): Promise<readonly DatabaseRow[]>;
}

/** Connections for statements. One for `LISTEN` is elsewhere, as it is held for good. */
const connections = 12;
/** Milliseconds that a request waits for a connection. */
const idleTimeout = 30_000;

/** The pool of connections to PostgreSQL. */
export class PostgresDatabase {
  readonly #pool: Pool;
  #refusal: ArrwError | undefined;

  /** @param onError told of idle connections that fail; the next statement gets another one */
  constructor(url: string, onError: (error: ArrwError) => void) {
    this.#pool = new Pool({
      ...connectionSettings(url),
      pipeline: true,
      max: connections,
      idleTimeoutMillis: idleTimeout,
    });
    this.#pool.on("error", (error) => onError(databaseError(error)));
    // For good: an error that arrives with the end of the handshake comes before who asked for the connection can listen, and
    // without a listener it would end the process. A statement in progress fails as well.
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /** Refuses all sessions from now on; those in use go on. */
  refuse(reason: ArrwError): void {
    this.#refusal = reason;
  }

  /** One statement in a transaction of its own. @throws ArrwError */
  run(statement: Statement, values?: readonly Parameter[]): Promise<readonly DatabaseRow[]> {
    return this.session((session) => session.run(statement, values));
  }

  /** @throws ArrwError */
  async session<Value>(use: (session: Session) => Promise<Value>): Promise<Value> {
    if (this.#refusal !== undefined) throw this.#refusal;
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw databaseError(error);
    }
    let isBroken = false;
    try {
      return await use({
        run: async (statement, values) => {
          try {
            const result: { rows: DatabaseRow[] } = await client.query({ ...statement, values: [...(values ?? [])] });
            return result.rows;
          } catch (error) {
            throw databaseError(error);
          }
        },
      });
    } catch (error) {
      // Its transaction may be open, and what was sent may still run.
      isBroken = true;
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  /** Waits for statements in progress. */
  async end(): Promise<void> {
    await this.#pool.end();
  }
}

/**
 * The outcome of statements that were sent together: the first failure, once all have ended. A promise that is not awaited
 * would be an unhandled rejection.
 */
export async function together<Values extends readonly unknown[]>(statements: {
  readonly [Key in keyof Values]: Promise<Values[Key]>;
}): Promise<Values> {
  const settled = await Promise.allSettled(statements);
  const failed = settled.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return Promise.all(statements);
}

/** The only row of a result. @throws ArrwError `storage_failed` */
export function only(rows: readonly DatabaseRow[]): DatabaseRow {
  const [row] = rows;
  if (row === undefined) throw new ArrwError("storage_failed", "PostgreSQL returned no row where there is always one");
  return row;
}
