import { defineConfig } from "vite";

/** `npx vite console` serves the console for whoever works on it, with arrwDB behind it at its usual place. */
export default defineConfig({
  // Relative, so that it works under whatever path a proxy gives it.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  // The same whatever the environment of who builds, such as that of a test.
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    target: "es2023",
    // Inlined files would be `data:` addresses, which the content security policy keeps out.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": { target: "http://localhost:8000", ws: true }, "/health": "http://localhost:8000" } },
});
