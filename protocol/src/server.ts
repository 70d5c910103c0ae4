import { z } from "zod";

/** `GET /` */
export const serverDescription = z.object({
  name: z.literal("arrwDB"),
  /** The version of the protocol. */
  protocol: z.string(),
  /** Where the libraries are. */
  libraries: z.string(),
});

/** `GET /health` */
export const health = z.object({ status: z.literal("ok") });

/** `GET /ready` */
export const readiness = z.object({ status: z.literal("ready") });
