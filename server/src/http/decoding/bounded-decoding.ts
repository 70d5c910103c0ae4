import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";

/**
 * What was decoded, unless it is so much more than was received that it cannot be documents.
 *
 * @throws ArrwError `invalid_encoding`
 */
export async function* boundedDecoding(
  decoded: AsyncIterable<Uint8Array>,
  received: { readonly bytes: number },
  coding: string,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const part of decoded) {
    bytes += part.length;
    if (bytes > limits.decodedBytes + limits.decodedRatio * received.bytes) {
      const message = `The ${coding} body expands to more than ${limits.decodedRatio} times its size; the rest was not read`;
      throw new ArrwError("invalid_encoding", message);
    }
    yield part;
  }
}
