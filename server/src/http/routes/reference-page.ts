import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { guideStyle } from "../guide/guide-style.ts";

/** The page at `/docs`. Its addresses are relative, so that it works behind a proxy with a path of its own. */
export const referencePage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>arrwDB: the HTTP interface</title>
    <link rel="icon" type="image/png" href="docs/assets/favicon-32x32.png" />
    <link rel="stylesheet" href="docs/assets/swagger-ui.css" />
    <link rel="stylesheet" href="docs/assets/reference.css" />
  </head>
  <body>
    <header>
      <strong>arrwDB</strong>
      <nav aria-label="More to read">
        <a href="docs/guide">Guide</a>
        <a href="openapi.json">openapi.json</a>
        <a href="asyncapi.json">asyncapi.json (WebSocket)</a>
      </nav>
    </header>
    <main id="reference"></main>
    <noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> has all that it shows.</noscript>
    <script src="docs/assets/swagger-ui-bundle.js"></script>
    <script src="docs/assets/reference.js"></script>
  </body>
</html>
`;

const script = `// Lines of JSON are shown as they are, not as one JSON text.
const lines = {
  afterLoad({ fn }) {
    const sample = fn.getSampleSchema;
    this.fn.getSampleSchema = (schema, type, config, example) =>
      type === "application/x-ndjson" && typeof example === "string" ? example : sample(schema, type, config, example);
  },
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  filter: true,
  plugins: [() => lines],
  tryItOutEnabled: true,
  // Sends nothing to third parties.
  validatorUrl: null,
});
`;

const style = `body { margin: 0; background: #fff; color: #1b1f24; font-family: system-ui, sans-serif; }
header { display: flex; gap: 1.5rem; align-items: baseline; padding: 0.75rem 1.25rem; border-bottom: 1px solid #d8dee4; }
nav { display: flex; gap: 1rem; }
header a { color: #0b57d0; }
.dark-mode body { background: #1c2022; color: #e4e6e6; }
.dark-mode header { border-color: #454950; }
.dark-mode header a { color: #8ab4f8; }
`;

const require = createRequire(import.meta.url);

/** A file that the page loads. */
export interface ReferenceFile {
  readonly type: string;
  readonly content: string | Buffer;
}

const text = (type: string, content: string) => async (): Promise<ReferenceFile> => ({ type, content });

const ofLibrary = (type: string, name: string) => async (): Promise<ReferenceFile> => ({
  type,
  // The package that is published has these files inside.
  content: await readFile(require.resolve(`#swagger-ui/${name}`)),
});

const javascript = "text/javascript; charset=utf-8";
const css = "text/css; charset=utf-8";

const files: ReadonlyMap<string, () => Promise<ReferenceFile>> = new Map([
  ["reference.js", text(javascript, script)],
  ["reference.css", text(css, style)],
  ["guide.css", text(css, guideStyle)],
  ["swagger-ui-bundle.js", ofLibrary(javascript, "swagger-ui-bundle.js")],
  ["swagger-ui.css", ofLibrary(css, "swagger-ui.css")],
  ["favicon-32x32.png", ofLibrary("image/png", "favicon-32x32.png")],
]);

/** The file of this name, if there is one. */
export async function readReferenceFile(name: string): Promise<ReferenceFile | undefined> {
  return files.get(name)?.();
}
