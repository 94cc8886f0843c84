// Everything that the agent's contract asks of functions, in one program; its own name says
// which it does. Built by the tests (program.ts).
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <time.h>

#include "http.h"

extern char **environ;
static const char *behaviour;
// Its first value comes from the file: thread-local memory must be set up for the main thread too.
static __thread int marker = 7;

static long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void say(const char *line) {
  (void)!write(1, line, strlen(line));
}

// A line with the request's id, as a program writes it that wants to be found.
static void log_line(struct request *r, const char *level, const char *member, const char *text) {
  char line[4096], id[128];
  snprintf(line, sizeof line, "{\"level\":\"%s\",\"%s\":\"%s\",\"requestId\":\"%s\"}\n", level, member, text,
           header(r, "x-request-id", id, sizeof id));
  say(line);
}

static size_t quoted(char *out, const char *text, size_t length) {
  char *at = out;
  *at++ = '"';
  for (; length--; text++) {
    if (*text == '"' || *text == '\\') *at++ = '\\';
    *at++ = *text;
  }
  *at++ = '"';
  return at - out;
}

static void echo(struct request *r) {
  char *out = malloc(3 * HEAD_BYTES), body[4096], *at = out;
  ssize_t got, length = 0;
  while ((got = read_body(r, body + length, sizeof body - length)) > 0) length += got;
  at += sprintf(at, "{\"method\":\"%s\",\"url\":\"%s\",\"headers\":{", r->method, r->url);
  for (char *line = r->text + r->headers; *line != '\r'; line = strchr(line, '\n') + 1) {
    size_t name = strcspn(line, ":");
    if (at[-1] != '{') *at++ = ',';
    char *from = at + 1;
    at += quoted(at, line, name);
    for (; from < at; from++)
      if (*from >= 'A' && *from <= 'Z') *from += 32;
    *at++ = ':';
    at += quoted(at, line + name + 2, strcspn(line + name + 2, "\r"));
  }
  at += sprintf(at, "},\"marker\":%d,\"body\":", marker);
  at += quoted(at, body, length);
  strcpy(at, "}");
  answer(r->socket, out);
  free(out);
}

static void sleeping(struct request *r) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static int running, peak;
  char text[16];
  pthread_mutex_lock(&lock);
  if (++running > peak) peak = running;
  pthread_mutex_unlock(&lock);
  usleep(1000 * number(r, "ms"));
  pthread_mutex_lock(&lock);
  running--;
  snprintf(text, sizeof text, "%d", peak);
  pthread_mutex_unlock(&lock);
  answer(r->socket, text);
}

// The agent ends its side of the connection when nobody waits any more.
static void abortable(struct request *r) {
  long until = now_ms() + number(r, "ms");
  struct pollfd end = {.fd = r->socket, .events = POLLIN};
  char value[32], byte;
  while (now_ms() < until) {
    if (poll(&end, 1, 10) > 0 && recv(r->socket, &byte, 1, MSG_PEEK) <= 0) {
      long deadline = atol(header(r, "x-faas-deadline-ms", value, sizeof value));
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      int late = now.tv_sec * 1000 + now.tv_nsec / 1000000 >= deadline;
      log_line(r, "info", "message", late ? "aborted: TimeoutError" : "aborted: AbortError");
      break;
    }
  }
  answer(r->socket, "done");
}

static void burn(struct request *r) {
  for (long until = now_ms() + number(r, "ms"); now_ms() < until;) continue;
  answer(r->socket, "burnt");
}

static void env(struct request *r) {
  char *out = malloc(HEAD_BYTES), *at = out;
  *at++ = '{';
  for (char **entry = environ; *entry; entry++) {
    char *equals = strchr(*entry, '=');
    if (at[-1] != '{') *at++ = ',';
    at += quoted(at, *entry, equals - *entry);
    *at++ = ':';
    at += quoted(at, equals + 1, strlen(equals + 1));
  }
  strcpy(at, "}");
  answer(r->socket, out);
  free(out);
}

static void pipe_back(struct request *r) {
  char bytes[4096];
  sendf(r->socket, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  for (ssize_t got; (got = read_body(r, bytes, sizeof bytes)) > 0;) {
    sendf(r->socket, "%zx\r\n", (size_t)got);
    send_all(r->socket, bytes, got);
    sendf(r->socket, "\r\n");
  }
  sendf(r->socket, "0\r\n\r\n");
}

static void big(struct request *r) {
  char block[16384];
  memset(block, 'x', sizeof block);
  long left = number(r, "bytes");
  sendf(r->socket, "HTTP/1.1 200 OK\r\ncontent-length: %ld\r\n\r\n", left);
  for (; left > 0; left -= sizeof block)
    if (send_all(r->socket, block, left < (long)sizeof block ? left : (long)sizeof block)) return;
}

static void shorter(struct request *r) {
  sendf(r->socket, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
}

static void longer(struct request *r) {
  sendf(r->socket, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello world");
}

// Does not read, and does not say beforehand how much it will say.
static void unread(struct request *r) {
  sendf(r->socket, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
}

static void throws(struct request *r) {
  log_line(r, "error", "error", "TypeError: secret of the function");
}

static void throws_late(struct request *r) {
  sendf(r->socket, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nbegun\r\n");
  usleep(50000);
}

static void logs(struct request *r) {
  char text[1024];
  log_line(r, "info", "message", query(r, "text", text, sizeof text));
  answer(r->socket, "logged");
}

static void says(struct request *r) {
  printf("a line of plain text\n");
  fflush(stdout);
  fprintf(stderr, "and one of stderr\n");
  answer(r->socket, "said");
}

static void upgrades(struct request *r) {
  char value[64], bytes[4096];
  if (!*header(r, "upgrade", value, sizeof value)) {
    answer(r->socket, "plain");
    return;
  }
  sendf(r->socket, "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: %s\r\n\r\n", value);
  for (ssize_t got; (got = raw(r, bytes, sizeof bytes)) > 0;) send_all(r->socket, bytes, got);
}

static void spin(struct request *r) {
  for (volatile int forever = 1; forever;) continue;
  answer(r->socket, "never");
}

static void nonsense(struct request *r) { sendf(r->socket, "hello, this is no HTTP\r\n\r\n"); }
static void exits(struct request *r) { exit(3 + 0 * r->socket); }
static void aborts(struct request *r) { (void)r, abort(); }
static void crashes(struct request *r) { *(volatile int *)(long)(r->socket * 0) = 1; }

static const struct {
  const char *name;
  void (*run)(struct request *);
} BEHAVIOURS[] = {
    {"echo", echo},     {"sleep", sleeping},    {"abortable", abortable}, {"burn", burn},
    {"spin", spin},     {"env", env},           {"pipe", pipe_back},      {"big", big},
    {"throws", throws}, {"late", throws_late},  {"exits", exits},         {"logs", logs},
    {"says", says},     {"upgrades", upgrades}, {"aborts", aborts},       {"crashes", crashes},
    {"nonsense", nonsense}, {"shorter", shorter}, {"longer", longer},     {"unread", unread},
};

static void *serve(void *pointer) {
  struct request *r = pointer;
  if (!read_head(r))
    for (size_t index = 0; index < sizeof BEHAVIOURS / sizeof *BEHAVIOURS; index++)
      if (!strcmp(BEHAVIOURS[index].name, behaviour)) BEHAVIOURS[index].run(r);
  close(r->socket);
  free(r);
  return 0;
}

int main(int argc, char **argv) {
  (void)argc;
  behaviour = strrchr(argv[0], '/') + 1;
  if (!strcmp(behaviour, "ends")) {
    fprintf(stderr, "no configuration\n");
    return 2;
  }
  if (!strcmp(behaviour, "mute")) {
    printf("I never listen\n");
    fflush(stdout);
    sleep(3600);
  }
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons(atoi(getenv("PORT"))),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  if (marker != 7 || bind(listener, (void *)&address, sizeof address) || listen(listener, 128)) {
    perror("cannot listen");
    return 1;
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 512 * 1024);
  for (;;) {
    struct request *r = calloc(1, sizeof *r);
    r->socket = accept(listener, 0, 0);
    setsockopt(r->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    pthread_t thread;
    if (pthread_create(&thread, &attributes, serve, r)) close(r->socket), free(r);
  }
}
