/** Emitted by a request whose duration depends on its client. */
export const longLived = "arrwdb:long-lived";
