import { render } from "preact";
import { App } from "./app.tsx";
import { watchLibraries } from "./state/libraries.ts";
import { watchServer } from "./state/server.ts";

const root = document.getElementById("console");
if (root !== null) render(<App />, root);
watchServer();
watchLibraries();
