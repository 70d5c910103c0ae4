import ipaddr from "ipaddr.js";

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Networks that may be called in addition to public ones. */
export interface AllowedNetworks {
  /** Networks of the machine itself and of its site. */
  readonly own: boolean;
  readonly networks: readonly Network[];
}

/** Ranges of the machine and its site, as opposed to those that must never be called. */
const ownRanges: ReadonlySet<string> = new Set(["loopback", "private", "uniqueLocal", "carrierGradeNat"]);

const publicIPv6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Metadata services of clouds, which hand out credentials, outside the ranges that are rejected anyway. */
const metadataServices: ReadonlySet<string> = new Set(["100.100.100.200", "168.63.129.16", "fd00:ec2::254"]);

/**
 * Parses a setting: `false`, `true`, or networks such as `10.0.0.0/8,::1/128`.
 *
 * @throws Error that states what is wrong with it
 */
export function parseAllowedNetworks(text: string): AllowedNetworks {
  if (text === "false" || text === "true") return { own: text === "true", networks: [] };
  const networks = text.split(",").map((network): Network => {
    try {
      return ipaddr.parseCIDR(network.trim());
    } catch {
      throw new Error(
        `must be true, false, or networks such as 10.0.0.0/8,::1/128; "${network.trim()}" is not a network`,
      );
    }
  });
  return { own: false, networks };
}

/** Which addresses may be called. */
export class AddressPolicy {
  readonly #allowed: AllowedNetworks;

  constructor(allowed: AllowedNetworks) {
    this.#allowed = allowed;
  }

  /** @param address an IP address; anything else is not allowed */
  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    // An IPv4-mapped IPv6 address is treated as IPv4.
    const parsed = ipaddr.process(address);
    if (this.#allowed.networks.some((network) => isWithin(parsed, network))) return true;
    if (metadataServices.has(parsed.toString())) return false;
    const range = parsed.range();
    if (ownRanges.has(range)) return this.#allowed.own;
    return range === "unicast" && (parsed.kind() === "ipv4" || isWithin(parsed, publicIPv6));
  }

  /**
   * Whether a host can be called as far as its text shows; names are resolved and checked when they are called.
   *
   * @param hostname of a URL
   */
  mayAllow(hostname: string): boolean {
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    if (ipaddr.isValid(host)) return this.allows(host);
    const isLocal = /(^|\.)localhost\.?$/.test(host);
    return !isLocal || this.allows("127.0.0.1") || this.allows("::1");
  }
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
