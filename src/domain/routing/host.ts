/** The name in a Host header, without port and trailing dot, in lower case. */
export function hostName(header: string): string {
  const end = header.startsWith('[') ? header.indexOf(']') + 1 : header.indexOf(':');
  const name = (end > 0 ? header.slice(0, end) : header).toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/** `a.b.c` → `b.c`, `c`: what a wildcard may stand before, the longest first. */
export function parentDomains(host: string): string[] {
  const parents: string[] = [];
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    parents.push(host.slice(dot + 1));
  }
  return parents;
}
