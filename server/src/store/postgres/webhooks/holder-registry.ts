import { randomUUID } from "node:crypto";
import { integer, text } from "../../engine/rows/row-values.ts";
import { type PostgresDatabase, together } from "../database/postgres-database.ts";

/** Milliseconds without a renewal after which a holder has lost its lease. */
const leaseTime = 8_000;
/** Milliseconds by which a holder stops earlier, so that its last call arrives before another's first. */
const margin = 2_000;

const register = { name: "register-holder", text: "INSERT INTO arrwdb.webhook_holders (holder) VALUES ($1)" };
const renew = {
  name: "renew-holder",
  text: "UPDATE arrwdb.webhook_holders SET renewals = renewals + 1 WHERE holder = $1 RETURNING renewals",
};
const readHolders = { name: "webhook-holders", text: "SELECT holder, renewals FROM arrwdb.webhook_holders" };
const expel = {
  name: "expel-holder",
  text: "DELETE FROM arrwdb.webhook_holders WHERE holder = $1 AND renewals = $2 RETURNING holder",
};
const leave = { name: "leave-holders", text: "DELETE FROM arrwdb.webhook_holders WHERE holder = $1" };

interface Observed {
  readonly renewals: number;
  /** When it was first seen. */
  readonly since: number;
}

/**
 * The leases of nodes: a row for each, which it renews. A node whose row has not changed for the time of a lease is expelled by
 * another, and holds nothing from then on. Each measures by its own monotonic clock, so no clock has to be right: the holder
 * from before it asks, the others from after they saw.
 */
export class HolderRegistry {
  readonly #database: PostgresDatabase;
  /** New after each loss, so that what is expelled stays so. */
  #id: string | undefined;
  readonly #observed = new Map<string, Observed>();
  #validUntil = -Infinity;
  /** The same by the clock of the system, as a monotonic one may stand still while the machine sleeps. */
  #validUntilTime = -Infinity;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  /** This node's; undefined before the first renewal. */
  get id(): string | undefined {
    return this.#id;
  }

  get isValid(): boolean {
    return performance.now() < this.#validUntil && Date.now() < this.#validUntilTime;
  }

  /** Milliseconds until the lease lapses. */
  get remaining(): number {
    return this.#validUntil - performance.now();
  }

  /** Renews the lease, or begins another. @returns whether the former one was lost @throws ArrwError */
  async renew(): Promise<boolean> {
    const asked = performance.now();
    const askedTime = Date.now();
    const former = this.#id;
    const isRenewed = former !== undefined && (await this.#database.run(renew, [former])).length > 0;
    if (!isRenewed) {
      this.stop();
      const id = randomUUID();
      await this.#database.run(register, [id]);
      this.#id = id;
    }
    this.#validUntil = asked + leaseTime - margin;
    this.#validUntilTime = askedTime + leaseTime - margin;
    return former !== undefined && !isRenewed;
  }

  /** Expels those who have not renewed in time. @throws ArrwError */
  async expelOthers(): Promise<void> {
    const asked = performance.now();
    const rows = await this.#database.run(readHolders);
    const answered = performance.now();
    const present = new Set(rows.map((row) => text(row, "holder")));
    for (const holder of this.#observed.keys()) if (!present.has(holder)) this.#observed.delete(holder);
    const late: [string, number][] = [];
    for (const row of rows) {
      const [holder, renewals] = [text(row, "holder"), integer(row, "renewals")];
      const before = this.#observed.get(holder);
      if (before?.renewals !== renewals) this.#observed.set(holder, { renewals, since: answered });
      else if (holder !== this.#id && asked - before.since >= leaseTime) late.push([holder, renewals]);
    }
    await together(late.map((each) => this.#database.run(expel, each)));
  }

  /** Nothing may be delivered any more; others notice in time. */
  stop(): void {
    this.#validUntil = -Infinity;
  }

  /** Others may have what is held, at once. @throws ArrwError */
  async leave(): Promise<void> {
    this.stop();
    const id = this.#id;
    this.#id = undefined;
    if (id !== undefined) await this.#database.run(leave, [id]);
  }
}
