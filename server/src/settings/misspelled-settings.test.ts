import { describe, expect, it } from "vitest";
import { misspelledSettings } from "./misspelled-settings.ts";
import { settings } from "./settings-table.ts";

describe("Misspelled settings", () => {
  it.each([
    ["ARRWDB_DATADIR", "ARRWDB_DATA_DIR"],
    ["ARRWDB_EMBEDING", "ARRWDB_EMBEDDING"],
    ["ARRWDB_RATE_LIMITS", "ARRWDB_RATE_LIMIT"],
    ["ARRWDB_TSL_KEY", "ARRWDB_TLS_KEY"],
  ])("%s is taken for %s", (given, meant) => {
    expect(misspelledSettings({ [given]: "x" })).toEqual([
      `${given} is not a setting and is ignored; did you mean ${meant}?`,
    ]);
  });

  it("are neither settings, nor names of the command line or of an orchestrator", () => {
    const others = [
      "ARRWDB_URL",
      "ARRWDB_API_KEY",
      "ARRWDB_PORT",
      "ARRWDB_SERVICE_HOST",
      "ARRWDB_PORT_8000_TCP",
      "PATH",
    ];
    const all = [...settings.map(({ name }) => name), ...others];
    expect(misspelledSettings(Object.fromEntries(all.map((name) => [name, "x"])))).toEqual([]);
  });
});
