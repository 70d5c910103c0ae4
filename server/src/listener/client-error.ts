import { ArrwError } from "@arrwdb/protocol/errors/errors";

/**
 * The error for bytes that are not a valid request; undefined if the client disconnected.
 *
 * @param headTimeout milliseconds within which the head of a request must arrive
 */
export function clientError(error: Error, headTimeout: number): ArrwError | undefined {
  const code = "code" in error ? String(error.code) : "";
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new ArrwError(
        "request_timeout",
        `The request headers did not arrive within ${headTimeout / 1000} seconds`,
      );
    case "HPE_HEADER_OVERFLOW":
      return new ArrwError(
        "headers_too_large",
        "The request line and headers are larger than 16 KiB; send fewer or shorter headers",
      );
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new ArrwError("body_too_large", "The chunk extensions of the body are longer than 16 KiB; omit them");
    default: {
      if (!code.startsWith("HPE_") || code === "HPE_INVALID_EOF_STATE") return undefined;
      return new ArrwError("malformed_request", `The request is not valid HTTP: ${error.message.slice(0, 200)}`);
    }
  }
}
