export { ArrwStoreError } from "./store-error.ts";
export { type AddOptions, ArrwVectorStore, type ArrwVectorStoreConfig, type SearchMode } from "./vector-store.ts";
