import { type ErrorDefinition, errorTable } from "@arrwdb/protocol/errors/error-table";
import { describe, expect, it } from "vitest";
import { ArrwClientError, fromClose, fromFailure, toClientError } from "./errors.ts";

describe("An error of the client", () => {
  it("has what the server's table says of its code", () => {
    for (const [error_code, { status, retryable }] of Object.entries<ErrorDefinition>(errorTable)) {
      // @ts-expect-error the names of the table are its codes
      expect(fromFailure({ error: "x", error_code })).toMatchObject({ code: error_code, status, retryable });
    }
  });

  it("can have a code of a server that is newer", () => {
    // @ts-expect-error no such code yet
    const error = fromFailure({ error: "new", error_code: "not_yet_known", retryable: true });
    expect(error).toMatchObject({ code: "not_yet_known", message: "new", retryable: true, status: undefined });
  });

  it("tells by the close code whether to come back", () => {
    const comesBack = [1000, 1001, 1005, 1006, 1011, 1012, 1013, 1015, 4429, 4999];
    const staysAway = [1002, 1003, 1007, 1009, 4401, 4404, 4410];
    expect(comesBack.filter((code) => !fromClose(code, "").retryable)).toEqual([]);
    expect(staysAway.filter((code) => fromClose(code, "").retryable)).toEqual([]);
    expect([4404, 4410, 1006].map((code) => fromClose(code, "").code)).toEqual([
      "library_not_found",
      "library_deleted",
      "network",
    ]);
  });

  it("tells what fetch keeps to itself", () => {
    const error = toClientError(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }), "GET /");
    expect(error).toBeInstanceOf(ArrwClientError);
    expect(error.message).toBe("GET /: fetch failed (ECONNREFUSED)");
  });
});
