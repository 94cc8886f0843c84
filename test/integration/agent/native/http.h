// As much of HTTP as the test program needs; its peer is the agent alone.
#pragma once
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_BYTES 65536

struct request {
  int socket;
  char text[HEAD_BYTES + 1], method[16], url[HEAD_BYTES];
  size_t headers, end, have; // offsets: first header, first byte of the body, bytes read
  long left;                 // bytes of the body, or of its chunk, that are still to come
  int chunked;
};

static int send_all(int socket, const char *bytes, size_t size) {
  while (size) {
    ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return -1;
    bytes += sent, size -= sent;
  }
  return 0;
}

static void sendf(int socket, const char *format, ...) {
  char text[4096];
  va_list args;
  va_start(args, format);
  int size = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  send_all(socket, text, size);
}

static void answer(int socket, const char *body) {
  sendf(socket, "HTTP/1.1 200 OK\r\ncontent-length: %zu\r\n\r\n", strlen(body));
  send_all(socket, body, strlen(body));
}

// The value of a header, or "".
static const char *header(struct request *r, const char *name, char *value, size_t size) {
  value[0] = 0;
  for (char *line = r->text + r->headers; *line && *line != '\r'; line = strchr(line, '\n') + 1)
    if (!strncasecmp(line, name, strlen(name)) && line[strlen(name)] == ':')
      snprintf(value, size, "%.*s", (int)strcspn(line + strlen(name) + 2, "\r"), line + strlen(name) + 2);
  return value;
}

static const char *query(struct request *r, const char *name, char *value, size_t size) {
  char *at = strstr(r->url, name);
  value[0] = 0;
  if (at) snprintf(value, size, "%.*s", (int)strcspn(at + strlen(name) + 1, "& "), at + strlen(name) + 1);
  return value;
}

static long number(struct request *r, const char *name) {
  char value[32];
  return atol(query(r, name, value, sizeof value));
}

static int read_head(struct request *r) {
  char value[64], *end;
  while (!(end = strstr(r->text, "\r\n\r\n"))) {
    ssize_t got = r->have < HEAD_BYTES ? recv(r->socket, r->text + r->have, HEAD_BYTES - r->have, 0) : 0;
    if (got <= 0) return -1;
    r->text[r->have += got] = 0;
  }
  r->end = end + 4 - r->text;
  if (sscanf(r->text, "%15s %65535s", r->method, r->url) != 2) return -1;
  r->headers = strchr(r->text, '\n') + 1 - r->text;
  r->chunked = !strcasecmp(header(r, "transfer-encoding", value, sizeof value), "chunked");
  r->left = atol(header(r, "content-length", value, sizeof value));
  return 0;
}

static ssize_t raw(struct request *r, char *into, size_t size) {
  size_t kept = r->have - r->end;
  if (!kept) return recv(r->socket, into, size, 0);
  size = kept < size ? kept : size;
  memcpy(into, r->text + r->end, size);
  r->end += size;
  return size;
}

// Bytes of the body as they come; 0 at its end.
static ssize_t read_body(struct request *r, char *into, size_t size) {
  if (r->chunked && !r->left) {
    char line[32] = "";
    for (size_t at = 0; at < 31 && !strchr(line, '\n'); at++) {
      if (raw(r, line + at, 1) <= 0) return -1;
      if (!strcmp(line, "\r\n")) at = -1, memset(line, 0, sizeof line);
    }
    if (!(r->left = strtol(line, 0, 16))) return 0;
  }
  if (!r->left) return 0;
  ssize_t got = raw(r, into, (size_t)r->left < size ? (size_t)r->left : size);
  if (got > 0) r->left -= got;
  return got;
}
