let text = '';
let second = -1;

/** This moment as a `Date` header says it (RFC 9110 5.6.7). Written once a second. */
export function httpDate(): string {
  const now = Date.now();
  const current = Math.floor(now / 1_000);
  if (current !== second) {
    second = current;
    text = new Date(now).toUTCString();
  }
  return text;
}
