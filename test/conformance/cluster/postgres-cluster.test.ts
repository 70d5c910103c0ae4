import { rm } from "node:fs/promises";
import { describe } from "vitest";
import { PostgresStore } from "../../../server/src/store/postgres/postgres-store.ts";
import { postgresMissing, PostgresServer } from "../../support/postgres/postgres-server.ts";
import { temporaryDirectory } from "../../support/server/test-server.ts";
import { describeUnless } from "../../support/skipping.ts";
import { describeCluster } from "./cluster-conformance.ts";

describeUnless(await postgresMissing(), "With a real PostgreSQL", () => {
  // So few that replicas come to most positions in several steps.
  describe.each([undefined, 4])("reading %s documents at a time:", (documentsAtOnce) => {
    describeCluster("The store on PostgreSQL", async () => {
      const server = await PostgresServer.start();
      const url = await server.createDatabase();
      const open = async () => {
        const directory = await temporaryDirectory();
        return { directory, store: await PostgresStore.open({ url, directory, documentsAtOnce }) };
      };
      const [a, b, c] = await Promise.all([open(), open(), open()]);
      return {
        stores: [a.store, b.store, c.store],
        cutConnections: async () => {
          await server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'arrwdb'",
            url,
          );
        },
        destroy: async () => {
          for (const { store, directory } of [a, b, c]) {
            await store.close();
            await rm(directory, { recursive: true, force: true });
          }
        },
      };
    });
  });
});
