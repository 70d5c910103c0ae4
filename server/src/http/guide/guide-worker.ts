import { parentPort, workerData } from "node:worker_threads";
import { buildGuide } from "./build-guide.ts";

if (parentPort === null) throw new Error("This file runs as a worker thread");
const root: string = workerData;
parentPort.postMessage(await buildGuide(root));
