/** Configurations of HAProxy: the backend of the comparison, and the proxy that is compared with. */

const COMMON = `
global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout client 60s
  timeout connect 5s
  timeout server 60s
`;

/** Answers every request at once, as an agent would answer for a trivial function. */
export function backendConfig(port: number): string {
  return `${COMMON}
frontend function
  bind 127.0.0.1:${port}
  http-request return status 200 content-type text/plain hdr x-function hello string "hello from the function: an answer of sixty-four bytes, no more."
`;
}

/** A reverse proxy with an access log to standard output, as Debian's HAProxy is set up for that. */
export function proxyConfig(port: number, backendPort: number): string {
  return `${COMMON.replace('maxconn 4000', 'maxconn 4000\n  log stdout format raw local0')}
  log global
  option httplog
  option forwardfor
  http-reuse always
frontend proxy
  bind 127.0.0.1:${port}
  default_backend function
backend function
  server vm 127.0.0.1:${backendPort}
`;
}
