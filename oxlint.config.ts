import { defineConfig, type OxlintOverride } from "oxlint";

/** A chapter of the house, what its imports look like, and what to do instead of importing it from below. */
interface Chapter {
  readonly patterns: readonly string[];
  readonly remedy: string;
}

const chapters = {
  protocol: { patterns: ["**/protocol/**", "@arrwdb/*"], remedy: "use what the client exports" },
  client: { patterns: ["**/client/**", "arrwdb-client"], remedy: "share it by protocol/" },
  server: { patterns: ["**/server/**", "arrwdb"], remedy: "talk to it by the client, or share it by protocol/" },
  test: { patterns: ["**/test/**"], remedy: "move the helper to test/, or the code out of it" },
  node: { patterns: ["node:*"], remedy: "this also runs in browsers: use what they have" },
  embedding: { patterns: ["**/embedding/**"], remedy: "ask core/, which knows the embedders" },
  models: {
    patterns: ["**/embedding/builtin/**", "**/embedding/provider/**", "**/embedding/{embedders,caching-embedder}.ts"],
    remedy: "use the port, embedding/embedder.ts; server.ts chooses the adapter",
  },
  store: { patterns: ["**/store/**"], remedy: "ask core/, which knows the ports of data" },
  engine: { patterns: ["**/store/engine/**"], remedy: "use a port in store/; only adapters know the engine" },
  adapters: {
    patterns: ["**/embedded/**", "**/postgres/**"],
    remedy: "use a port in store/; open-data.ts alone knows adapters",
  },
  cluster: { patterns: ["**/postgres/**"], remedy: "the embedded store knows no other; open-data.ts chooses" },
  opening: { patterns: ["**/open-data.ts"], remedy: "take a port of store/ as a parameter; server.ts opens the data" },
  core: { patterns: ["**/core/**"], remedy: "define a port here that core/ implements or is given" },
  access: { patterns: ["**/access/**"], remedy: "let http/ or ws/ ask who may do it, and hand the answer down" },
  http: { patterns: ["**/http/**"], remedy: "what HTTP shares with others belongs in core/ or listener/" },
  ws: { patterns: ["**/ws/**"], remedy: "what the WebSocket shares with others belongs in core/" },
  mcp: { patterns: ["**/mcp/**"], remedy: "what tools share with others belongs in core/" },
  cli: { patterns: ["**/cli/**"], remedy: "what commands share with the server belongs below both" },
  server_parts: {
    patterns: ["**/server.ts", "**/settings/**", "**/serve.ts"],
    remedy: "take it as a parameter; server.ts passes settings down",
  },
  counting: {
    patterns: ["**/telemetry/*metrics.ts", "**/telemetry/server-state.ts", "**/telemetry/tracing.ts"],
    remedy: "report it to telemetry/monitor.ts; server.ts knows who counts",
  },
  wholes: { patterns: ["ws", "zod"], remedy: "an example uses the client alone" },
} as const satisfies Readonly<Record<string, Chapter>>;

type ChapterName = keyof typeof chapters;

/** What is above every chapter of the server that is no transport: transports, and what puts all together. */
const above = ["http", "ws", "mcp", "cli", "server_parts"] as const;

/** The one direction of imports: what each folder may not import. ARCHITECTURE.md draws it. */
const forbidden: Readonly<Record<string, readonly ChapterName[]>> = {
  "protocol/src/**": ["server", "client", "test", "node"],
  "client/src/**": ["server", "test", "node"],
  "console/src/**": ["server", "test", "node"],
  "integrations/*/src/**": ["protocol", "server", "test", "node"],
  "examples/**": ["protocol", "server", "test", "wholes"],
  "server/src/{util,scheduling}/**": ["core", "store", "embedding", "access", "counting", ...above],
  "server/src/telemetry/**": ["core", "store", "embedding", ...above],
  "server/src/embedding/**": ["store", "core", "counting", ...above],
  "server/src/store/*.ts": ["core", "models", "engine", "adapters", "opening", "counting", ...above],
  "server/src/store/engine/**": ["core", "models", "adapters", "opening", "counting", ...above],
  "server/src/store/embedded/**": ["core", "models", "cluster", "counting", ...above],
  "server/src/store/postgres/**": ["core", "models", "counting", ...above],
  "server/src/access/**": ["core", "engine", "adapters", "opening", "embedding", "counting", ...above],
  "server/src/core/**": ["access", "engine", "adapters", "opening", "models", "counting", ...above],
  "server/src/listener/**": ["core", "store", "embedding", "access", "counting", ...above],
  "server/src/mcp/**": ["http", "ws", "store", "embedding", "access", "cli", "server_parts", "counting"],
  "server/src/http/**": ["ws", "store", "embedding", "cli", "server_parts", "counting"],
  "server/src/ws/**": ["http", "mcp", "store", "embedding", "cli", "server_parts", "counting"],
  "server/src/cli/**": ["http", "ws", "embedding", "access", "engine", "adapters", "counting"],
  // What puts all together, but for open-data.ts.
  "server/src/{server,serve,configured-parts,collect-server-state,early-metrics}.ts": ["engine", "adapters"],
};

/** Tests of the engine run it behind the adapter that there is. */
const testsOfEngine = "server/src/store/engine/**/*.test.ts";

const restricted = (files: string, names: readonly ChapterName[]): OxlintOverride => ({
  files: [files],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: names.map((name) => ({
          group: [...chapters[name].patterns],
          message: `${files} may not import ${name.replace("server_parts", "server.ts, serve.ts or settings/")}: ${chapters[name].remedy}.`,
        })),
      },
    ],
  },
});

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
    "max-params": ["error", 4],
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
    ...Object.entries(forbidden).map(([files, names]) => restricted(files, names)),
    { files: [testsOfEngine], rules: { "no-restricted-imports": "off" } },
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
        "vitest.release.config.ts",
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
        // Callbacks of properties and tables have a parameter for each value.
        "max-params": "off",
      },
    },
    { files: ["*.config.ts"], rules: { "import/no-default-export": "off" } },
  ],
  ignorePatterns: ["node_modules", "**/dist"],
});
