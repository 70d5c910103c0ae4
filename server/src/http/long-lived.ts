/** Emitted by a request that will take as long as its client likes. */
export const longLived = "arrwdb:long-lived";
