export { ArrwStoreError } from "./store-error.ts";
export {
  type AddOptions,
  type DeleteParameters,
  ArrwVectorStore,
  type ArrwVectorStoreConfig,
  type SearchMode,
} from "./vector-store.ts";
