import { describe, expect, it } from "vitest";
import { eventually } from "./waiting.ts";

describe("Waiting for what comes eventually", () => {
  it("gives what the check gave when it held", async () => {
    let looks = 0;
    const check = () => {
      looks += 1;
      if (looks === 1) return false;
      expect(looks).toBeGreaterThan(2);
      return looks;
    };
    expect(await eventually(check)).toBe(3);
  });

  it("says what was waited for, and what the last look found", async () => {
    const never = eventually(() => expect("red").toBe("green"), { describe: () => "a light", within: 20 });
    await expect(never).rejects.toThrow(
      /^Waited 0\.02 seconds for a light; the last look found: expected 'red' to be 'green'/,
    );
    await expect(eventually(() => false, { within: 20 })).rejects.toThrow("seconds for () => false");
    const silent = eventually(() => new Promise(() => undefined), { describe: "an answer", within: 20 });
    await expect(silent).rejects.toThrow("Waited 0.02 seconds for an answer");
  });
});
