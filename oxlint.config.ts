import { defineConfig, type OxlintOverride } from "oxlint";

/** The transports, and what puts all together: no room below them knows these. */
const above = ["**/http/**", "**/ws/**", "**/mcp/**", "**/cli/**", "**/server.ts", "**/settings/**"];

/**
 * The one direction in which rooms may import each other:
 * protocol <- embedding, store <- core, access <- http, ws <- server, core, client <- mcp <- http, cli,
 * and protocol <- client <- examples, console, integrations.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  "protocol/src/**": ["**/server/**", "**/client/**", "**/test/**", "node:*", "arrwdb", "arrwdb-client"],
  "examples/**": ["@arrwdb/*", "arrwdb", "ws", "zod", "**/protocol/**", "**/client/**", "**/server/**", "**/test/**"],
  "console/src/**": ["**/server/**", "**/test/**", "node:*", "arrwdb"],
  "integrations/*/src/**": [
    "@arrwdb/*",
    "arrwdb",
    "**/protocol/**",
    "**/client/**",
    "**/server/**",
    "**/test/**",
    "node:*",
  ],
  "client/src/**": ["**/server/**", "**/test/**", "node:*", "arrwdb"],
  "server/src/embedding/**": ["**/store/**", "**/core/**", ...above],
  "server/src/store/**": ["**/core/**", ...above],
  "server/src/cli/**": ["**/http/**", "**/ws/**", "**/embedding/**", "**/access/**"],
  "server/src/access/**": [
    "**/core/**",
    "**/store/embedded/**",
    "**/embedding/**",
    "**/http/**",
    "**/ws/**",
    "**/cli/**",
    "**/server.ts",
    "**/settings/**",
  ],
  "server/src/core/**": [
    "**/access/**",
    "**/store/embedded/**",
    "**/embedding/builtin/**",
    "**/embedding/provider/**",
    "**/embedding/embedders.ts",
    "**/embedding/ledgered-embedder.ts",
    ...above,
  ],
  "server/src/listener/**": ["**/core/**", "**/store/**", "**/embedding/**", "**/access/**", ...above],
  "server/src/http/**": ["**/ws/**", "**/store/**", "**/embedding/**", "**/cli/**", "**/server.ts", "**/settings/**"],
  "server/src/ws/**": [
    "**/http/**",
    "**/mcp/**",
    "**/store/**",
    "**/embedding/**",
    "**/cli/**",
    "**/server.ts",
    "**/settings/**",
  ],
  "server/src/mcp/**": [
    "**/http/**",
    "**/ws/**",
    "**/store/**",
    "**/embedding/**",
    "**/access/**",
    "**/cli/**",
    "**/server.ts",
    "**/settings/**",
  ],
  "server/src/telemetry/**": ["**/core/**", "**/store/**", "**/embedding/**", ...above],
  "server/src/store/embedded/**": ["**/core/**", "**/embedding/builtin/**", "**/embedding/provider/**", ...above],
};

/** What is counted is told to `Monitor`; who counts is known to the server alone. */
const counting = ["**/telemetry/*metrics.ts", "**/telemetry/server-state.ts", "**/telemetry/tracing.ts"];

export default defineConfig({
  plugins: ["typescript", "unicorn", "oxc", "import", "promise", "node", "vitest"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  rules: {
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/consistent-type-imports": "error",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/switch-exhaustiveness-check": "error",
    "typescript/consistent-type-assertions": ["error", { assertionStyle: "never" }],
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "node/no-process-env": "error",
    "no-console": "error",
    "max-lines": ["error", 400],
    // The checker sees to it (noImplicitReturns), and knows which switches are complete.
    "typescript/consistent-return": "off",
    "promise/always-return": "off",
    "oxc/no-map-spread": "off",
    // For windows, which threads are not.
    "unicorn/require-post-message-target-origin": "off",
    // For Express, which this is not.
    "oxc/no-async-endpoint-handlers": "off",
    // Waiting one after the other is the meaning of a loop over a stream.
    "no-await-in-loop": "off",
  },
  overrides: [
    ...Object.entries(rooms).map(([room, group]): OxlintOverride => {
      const message = "The house has one direction of imports; see ARCHITECTURE.md.";
      return {
        files: [room],
        rules: {
          "no-restricted-imports": [
            "error",
            { patterns: [{ group: [...group, ...(room.includes("telemetry") ? [] : counting)], message }] },
          ],
        },
      };
    }),
    // They show people what happens.
    { files: ["examples/**"], rules: { "no-console": "off" } },
    // Only these read the environment.
    {
      files: [
        "server/src/serve.ts",
        "server/src/compile-cache.ts",
        "server/src/cli/**",
        "test/**",
        "bench/**",
        "vitest.long.config.ts",
      ],
      rules: { "node/no-process-env": "off" },
    },
    // Small helpers stand beside the case that they serve.
    {
      files: ["test/**", "**/*.test.ts"],
      rules: {
        "unicorn/consistent-function-scoping": "off",
        "import/no-named-as-default-member": "off",
        "vitest/valid-title": "off",
        "vitest/no-conditional-expect": "off",
      },
    },
    { files: ["*.config.ts"], rules: { "import/no-default-export": "off" } },
  ],
  ignorePatterns: ["node_modules", "console/dist"],
});
