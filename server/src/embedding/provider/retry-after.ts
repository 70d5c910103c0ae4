/**
 * Seconds to wait before a retry, from a header in seconds or as a date. A date is compared with the response's own
 * `Date`, as the clocks of two machines may differ.
 */
export function retryAfterOf(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const value = headers?.["retry-after"]?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const answeredAt = Date.parse(headers?.["date"] ?? "");
  const seconds = (Date.parse(value) - (Number.isNaN(answeredAt) ? Date.now() : answeredAt)) / 1000;
  return seconds >= 0 ? seconds : undefined;
}
