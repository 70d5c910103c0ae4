import { buildGuide } from "./build-guide.ts";
import { guideThread } from "./guide-thread.ts";

const { settings: root, port } = guideThread.inside();
port.send(await buildGuide(root));
