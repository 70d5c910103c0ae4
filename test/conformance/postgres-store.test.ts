import { beforeAll } from "vitest";
import { postgresMissing, PostgresServer } from "../support/postgres/postgres-server.ts";
import { describeUnless } from "../support/skipping.ts";
import { openPostgresStore } from "./postgres-store-harness.ts";
import { describeStore } from "./store-conformance.ts";

describeUnless(await postgresMissing(), "With a real PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });

  describeStore("The store on PostgreSQL", () => openPostgresStore(server));
});
