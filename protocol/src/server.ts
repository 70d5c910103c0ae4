import { z } from "zod";

/** `GET /` */
export const serverDescription = z.object({
  name: z.literal("arrwDB"),
  protocol: z.string().describe("The version of the protocol"),
  libraries: z.string().describe("URL of the libraries"),
});

/** `GET /health` */
export const health = z.object({ status: z.literal("ok") });

/** `GET /ready` */
export const readiness = z.object({ status: z.literal("ready") });

/** `GET /openapi.json` and `GET /asyncapi.json` */
export const interfaceDescription = z
  .record(z.string(), z.unknown())
  .meta({ description: "A description of the API, for programs." });
