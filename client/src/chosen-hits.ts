/** Types with parameters, of queries and hits with `include`. Others of the wire are in `wire.ts`. */
import type { Plain } from "./plain.ts";
import type {
  FoundHit,
  HitField,
  HitGroup,
  LiveRequest,
  LiveResults,
  Metadata,
  RankedHit,
  RankedSearchResponse,
  SearchFailure,
  SearchHit,
  SocketSearchHit,
  Unpaged,
  VectorQuery,
  WordsQuery,
} from "./wire.ts";

type HitDocument = SearchHit["document"];
type ChosenField = "text" | "metadata" | "own_metadata" | "document" | "embedding";

/** The fields of the document that are named, of which the metadata may be a part. */
type DocumentField<Name> = Name extends `document.${infer Inside}`
  ? Inside extends keyof HitDocument
    ? Inside
    : Inside extends `metadata.${string}`
      ? "metadata"
      : never
  : never;

type If<Condition extends boolean, Fields> = Condition extends true ? Fields : unknown;
type Has<Name, Names> = Name extends Names ? true : false;
type HasSome<Names> = [Names] extends [never] ? false : true;

type NamedFields<Hit extends FoundHit, Name extends string> = If<Has<"text", Name>, Pick<Hit, "text">> &
  ("metadata" extends Name
    ? Pick<Hit, "metadata">
    : If<HasSome<Extract<Name, `metadata.${string}`>>, { metadata: Metadata }>) &
  If<HasSome<Extract<Name, `own_metadata${string}`>>, Pick<Hit, "own_metadata">> &
  ("document" extends Name
    ? Pick<Hit, "document">
    : If<HasSome<DocumentField<Name>>, { document: Pick<HitDocument, DocumentField<Name>> }>) &
  If<Has<"embedding", Name>, { embedding: string }>;

/** A hit with the fields that `include` names; each may be absent if the names are not known when compiling. */
export type HitWith<Hit extends FoundHit, Names extends readonly HitField[]> = Plain<
  Omit<Hit, ChosenField> &
    (number extends Names["length"] ? Pick<FoundHit, ChosenField> : NamedFields<Hit, Names[number]>)
>;

/** Of a query whose hits have chosen fields. */
interface Including<Names extends readonly HitField[]> {
  /** The fields of hits, besides those that identify them. */
  readonly include: Names;
}

/** The same with `include`. */
export type ChosenPagedQuery<Names extends readonly HitField[]> = (
  | Omit<VectorQuery, Unpaged>
  | Omit<WordsQuery, Unpaged>
) &
  Including<Names>;
/** The same with `include`. */
export type ChosenSearchQuery<Names extends readonly HitField[]> = VectorQuery & Including<Names>;
export type ChosenRankedQuery<Names extends readonly HitField[]> = (VectorQuery | WordsQuery) & Including<Names>;
/** A search whose `include` is not known when compiling. */
export type AnyChosenQuery = (VectorQuery | WordsQuery) & { readonly include?: readonly HitField[] | undefined };
/** A response whose hits have chosen fields. */
export type AnswerWith<Hit> = Plain<
  Omit<RankedSearchResponse, "results" | "groups"> & {
    results: Hit[];
    groups?: HitGroup<Hit>[] | undefined;
  }
>;
/** The same with `include`. */
export type ChosenLiveQuery<Names extends readonly HitField[]> = LiveRequest & Including<Names>;
export type AnyLiveQuery = LiveRequest & { readonly include?: readonly HitField[] | undefined };

/** The results of a live query whose hits have chosen fields. */
export type LiveResultsWith<Hit = SocketSearchHit> = Plain<
  Omit<LiveResults, "entered" | "results" | "groups"> & {
    entered: Hit[];
    results: Hit[];
    groups?: HitGroup<Hit>[] | undefined;
  }
>;

export interface SearchBatchResponse<Hit = RankedHit> {
  /** In the order of the searches. */
  readonly answers: readonly (AnswerWith<Hit> | SearchFailure)[];
}
