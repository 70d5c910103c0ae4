import { beforeAll } from "vitest";
import { postgresMissing, PostgresServer } from "../support/postgres/postgres-server.ts";
import { describeUnless } from "../support/skipping.ts";
import { describeKeyStore } from "./key-store-conformance.ts";
import { openPostgres } from "./postgres-harness.ts";

describeUnless(await postgresMissing(), "With a real PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });

  describeKeyStore("The store on PostgreSQL", () => openPostgres(server));
});
