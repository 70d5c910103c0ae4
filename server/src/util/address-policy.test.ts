import { describe, expect, it } from "vitest";
import { AddressPolicy, parseAllowedNetworks } from "./address-policy.ts";

const policy = (setting: string) => new AddressPolicy(parseAllowedNetworks(setting));

const own = [
  "127.0.0.1",
  "127.9.9.9",
  "10.0.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "100.64.0.1",
  "::1",
  "fd12::1",
  "::127.0.0.1",
];
const never = [
  "0.0.0.0",
  "169.254.169.254",
  "169.254.0.1",
  "fe80::1",
  "224.0.0.1",
  "239.255.255.250",
  "ff02::1",
  "255.255.255.255",
  "240.0.0.1",
  "192.0.2.1",
  "198.18.0.1",
  "100.100.100.200",
  "168.63.129.16",
  "fd00:ec2::254",
  "::",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
  "2001::1",
  "fec0::1",
  "::7f00:1",
  "::ffff:0:127.0.0.1",
  "not an address",
  "",
];
const mapped = (address: string) => (address.includes(":") ? address : `::ffff:${address}`);
const open = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111"];

describe("The address policy", () => {
  it.each(open)("lets %s be called", (address) => {
    expect(policy("false").allows(address)).toBe(true);
    expect(policy("false").allows(mapped(address))).toBe(true);
  });

  it.each(own)("lets %s be called where the own networks are allowed", (address) => {
    for (const form of [address, mapped(address)]) {
      expect(policy("false").allows(form)).toBe(false);
      expect(policy("true").allows(form)).toBe(true);
    }
  });

  it.each(never)("refuses %s", (address) => {
    for (const setting of ["false", "true", "10.0.0.0/8"]) {
      expect(policy(setting).allows(address)).toBe(false);
      expect(policy(setting).allows(mapped(address))).toBe(false);
    }
  });

  it("allows the networks that are named, and no others", () => {
    const named = policy("10.1.0.0/16, 169.254.169.254/32,fd00::/8");
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "169.254.169.254", "fd12::1", "8.8.8.8"]) {
      expect(named.allows(address)).toBe(true);
    }
    for (const address of ["10.2.0.1", "127.0.0.1", "::1", "169.254.169.253"])
      expect(named.allows(address)).toBe(false);
  });

  it.each(["yes", "10.0.0.1", "10.0.0.0/33", "10.0.0.0/8,", "localhost"])("cannot be set to %s", (setting) => {
    expect(() => parseAllowedNetworks(setting)).toThrow("must be true, false, or networks");
  });

  // As a URL gives them, which has made plain addresses of 2130706433, 0x7f.1 and 127.1.
  it.each([
    "http://2130706433/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost/",
    "http://a.LOCALHOST./",
  ])("knows %s for what it is before it is called", (url) => {
    expect(policy("false").mayAllow(new URL(url).hostname)).toBe(false);
    expect(policy("true").mayAllow(new URL(url).hostname)).toBe(true);
  });
});
