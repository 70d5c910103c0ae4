import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";
import type { AddressPolicy } from "../../util/address-policy.ts";

const connectTimeout = 5_000;
const keepAlive = 30_000;

/** The receiver's address is not allowed. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";

  constructor(host: string) {
    super(`${host} is in a network that this server does not call; ARRWDB_WEBHOOK_ALLOW_PRIVATE allows it`);
  }
}

/** Resolves names to the allowed addresses only. The connection uses the address that was checked. */
function guardedLookup(policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const allowed = found.filter(({ address }) => policy.allows(address));
      const [first] = allowed;
      if (first === undefined) return callback(new AddressRefused(hostname), []);
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}

/** Connections that are made to allowed addresses only, and kept for a while. It follows no redirects. */
export function createGuardedAgent(policy: AddressPolicy, timeout: number): Agent {
  const connect = buildConnector({ timeout: connectTimeout, lookup: guardedLookup(policy), allowH2: false });
  return new Agent({
    connect: (options, callback) => {
      const host = options.hostname.replace(/^\[(.*)\]$/, "$1");
      // An IP address needs no lookup.
      if (isIP(host) !== 0 && !policy.allows(host)) return callback(new AddressRefused(host), null);
      connect(options, callback);
    },
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxHeaderSize: 16 * 1024,
    keepAliveTimeout: keepAlive,
    keepAliveMaxTimeout: keepAlive,
    pipelining: 1,
  });
}
