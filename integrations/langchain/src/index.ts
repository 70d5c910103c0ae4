export { ArrwStoreError } from "./store-error.ts";
export { type AddOptions, ArrwVectorStore, type ArrwVectorStoreConfig } from "./vector-store.ts";
