import { expect, test } from "vitest";
import { engineNames, OptionError, readOptions, scenarioNames } from "./options.ts";

test("all is measured where nothing is chosen, and without an address in little time", () => {
  const { scenarios, engines, json } = readOptions([], {});
  expect([...scenarios]).toEqual([...scenarioNames]);
  expect([...engines]).toEqual([...engineNames]);
  expect(json).toBe(false);
  expect(readOptions(["--quick"], {}).engines.has("lancedb")).toBe(false);
});

test("names choose scenarios and engines", () => {
  const { scenarios, engines } = readOptions(["--only", "restart,arrwdb", "--only", "usearch"], {});
  expect([...scenarios]).toEqual(["restart", "compare"]);
  expect([...engines]).toEqual(["arrwdb", "usearch"]);
  expect([...readOptions(["--only", "text"], {}).scenarios]).toEqual(["text"]);
  expect(() => readOptions(["--only", "nothing"], {})).toThrow(OptionError);
});

test("a flag counts before its variable", () => {
  const environment = { REDIS_URL: "redis://a", CHROMA_URL: "http://b" };
  const { addresses } = readOptions(["--redis", "redis://c"], environment);
  expect(addresses).toEqual({ redis: "redis://c", chroma: "http://b" });
});

test("a command stands behind the name of its peer", () => {
  expect(readOptions(["--start", "redis=redis-server --port=1"], {}).commands).toEqual({
    redis: "redis-server --port=1",
  });
  expect(() => readOptions(["--start", "lancedb=x"], {})).toThrow(OptionError);
});

test("the scale is a number of chunks", () => {
  expect(readOptions(["--scale", "1m"], {}).profile.chunks).toBe(1_000_000);
  expect(readOptions(["--quick", "--scale", "5k"], {}).profile).toMatchObject({
    chunks: 5_000,
    scalingSizes: [1_000, 5_000],
  });
  for (const wrong of ["x", "10", "1g"]) expect(() => readOptions(["--scale", wrong], {})).toThrow(OptionError);
});
