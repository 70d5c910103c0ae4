import { createServer } from "node:net";
import { once } from "node:events";
import { beforeAll, expect, it } from "vitest";
import { EmbeddedStore } from "../../server/src/store/embedded/embedded-store.ts";
import { PostgresStore } from "../../server/src/store/postgres/postgres-store.ts";
import { freePort } from "../support/server/free-port.ts";
import { temporaryDirectory } from "../support/server/test-server.ts";
import { postgresMissing, PostgresServer } from "../support/postgres/postgres-server.ts";
import { describeUnless } from "../support/skipping.ts";

async function refusalOf(url: string, directory?: string): Promise<string> {
  try {
    const store = await PostgresStore.open({ url, directory: directory ?? (await temporaryDirectory()) });
    await store.close();
    return "none";
  } catch (error) {
    expect(error).toMatchObject({ code: "storage_failed" });
    return error instanceof Error ? error.message : String(error);
  }
}

it("a server that is not there, or no PostgreSQL, is told as what it is", async () => {
  expect(await refusalOf(`postgres://user:secret@127.0.0.1:${await freePort()}/data`)).toMatch(
    /^ARRWDB_STORE: 127\.0\.0\.1:\d+\/data refuses connections; start PostgreSQL there/,
  );
  const other = createServer((socket) => socket.on("error", () => undefined).end("-ERR unknown command\r\n"));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const refusal = await refusalOf(`postgres://user:secret@127.0.0.1:${port}/data`);
  expect(refusal).toContain("check that PostgreSQL listens there");
  expect(refusal).not.toContain("secret");
  other.close();
  expect(await refusalOf("postgres://user@nowhere.invalid/data")).toContain(
    "is not found; correct the name of its host",
  );
});

describeUnless(await postgresMissing(), "PostgreSQL", () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await PostgresServer.start();
    url = await server.createDatabase();
  });

  it("is given no directory of other data, which would be deleted, nor another cluster's", async () => {
    const [first, second] = [await server.createDatabase(), await server.createDatabase()];
    const own = await temporaryDirectory();
    const embedded = await EmbeddedStore.open({ directory: own });
    await embedded.close();
    expect(await refusalOf(first, own)).toContain("holds libraries that are stored here alone; use another directory");
    const copies = await temporaryDirectory();
    expect(await refusalOf(first, copies)).toBe("none");
    expect(await refusalOf(first, copies)).toBe("none");
    expect(await refusalOf(second, copies)).toContain("holds copies of another cluster's libraries");
    await expect(EmbeddedStore.open({ directory: copies })).rejects.toThrow("which are stored in PostgreSQL");
  });

  it("that lacks the database is refused", async () => {
    expect(await refusalOf(server.url("absent"))).toContain("has no such database");
  });

  it("whose role has no rights is refused, with the statement that grants them", async () => {
    await server.sql("CREATE ROLE guest LOGIN");
    const database = new URL(url).pathname.slice(1);
    const asGuest = url.replace("postgres@", "guest@");
    expect(await refusalOf(asGuest)).toContain(`run GRANT CREATE ON DATABASE ${database} TO guest`);
    await server.sql(`GRANT CREATE ON DATABASE ${database} TO guest`);
    expect(await refusalOf(asGuest)).toBe("none");
  });

  it("that could lose what is acknowledged is refused", async () => {
    await server.sql("CREATE ROLE hasty LOGIN SUPERUSER; ALTER ROLE hasty SET synchronous_commit = off");
    expect(await refusalOf(url.replace("postgres@", "hasty@"))).toContain("synchronous_commit is off");
  });

  it("that is read-only is refused", async () => {
    await server.sql("CREATE ROLE reader LOGIN SUPERUSER; ALTER ROLE reader SET default_transaction_read_only = on");
    expect(await refusalOf(url.replace("postgres@", "reader@"))).toContain("is read-only for reader");
  });

  it("with a schema of another program, or of a newer arrwDB, is refused and left alone", async () => {
    const other = await server.createDatabase();
    await server.sql("CREATE SCHEMA arrwdb; CREATE TABLE arrwdb.recipes (name text)", other);
    expect(await refusalOf(other)).toContain("has a schema arrwdb that is another program's; use another database");
    const newer = await server.createDatabase();
    expect(await refusalOf(newer)).toBe("none");
    await server.sql("UPDATE arrwdb.cluster SET schema_version = 1000", newer);
    expect(await refusalOf(newer)).toContain("was prepared by a newer arrwDB (schema 1000");
  });
});
