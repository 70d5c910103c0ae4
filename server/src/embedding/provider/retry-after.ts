/**
 * Seconds that a provider asks to be waited for, whether it says so as seconds or as a date. A date is compared with
 * that of the answer, as the clocks of two machines need not agree.
 */
export function retryAfterOf(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const value = headers?.["retry-after"]?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const answeredAt = Date.parse(headers?.["date"] ?? "");
  const seconds = (Date.parse(value) - (Number.isNaN(answeredAt) ? Date.now() : answeredAt)) / 1000;
  return seconds >= 0 ? seconds : undefined;
}
