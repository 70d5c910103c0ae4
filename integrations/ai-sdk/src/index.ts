export { arrwdbTools, type ArrwdbToolsOptions } from "./tools.ts";
