// How many primes are there up to n? An HTTP server as small as one can be: a thread for each
// request, which closes its connection. The agent sees to everything else (docs/native.md).
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST = 10 * 1000 * 1000, HEAD = 65536 };

// One bit for each number, in which a prime is 0.
static long count_primes(long n) {
  unsigned char *composite = calloc(n / 8 + 1, 1);
  if (!composite) return -1;
  long primes = 0;
  for (long number = 2; number <= n; number++) {
    if (composite[number / 8] >> number % 8 & 1) continue;
    primes++;
    for (long multiple = number * number; multiple <= n; multiple += number)
      composite[multiple / 8] |= 1 << multiple % 8;
  }
  free(composite);
  return primes;
}

static void answer(int client, const char *status, const char *body) {
  char head[256];
  int size = snprintf(head, sizeof head,
                      "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n",
                      status, strlen(body));
  if (send(client, head, size, MSG_NOSIGNAL) == size) send(client, body, strlen(body), MSG_NOSIGNAL);
}

static void *serve(void *pointer) {
  int client = (int)(long)pointer;
  char *head = malloc(HEAD + 1), body[96];
  ssize_t have = 0, got = 1;
  for (head[0] = 0; got > 0 && have < HEAD && !strstr(head, "\r\n\r\n"); head[have] = 0) {
    got = recv(client, head + have, HEAD - have, 0);
    have += got > 0 ? got : 0;
  }
  head[strcspn(head, "\r")] = 0;
  char *given = strstr(head, "?n=");
  long n = given ? atol(given + 3) : 1000;
  if (have == 0) {
    // The agent asks whether the port is open, and leaves.
  } else if (n < 0 || n > LARGEST) {
    snprintf(body, sizeof body, "{\"error\":\"n must be from 0 to %d\"}\n", LARGEST);
    answer(client, "400 Bad Request", body);
  } else {
    snprintf(body, sizeof body, "{\"n\":%ld,\"primes\":%ld}\n", n, count_primes(n));
    answer(client, "200 OK", body);
  }
  free(head);
  close(client);
  return 0;
}

int main(void) {
  const char *port = getenv("PORT");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port ? port : "8000"))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 64)) {
    perror("primes cannot listen");
    return 1;
  }
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 128 * 1024);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  printf("primes listens on port %s\n", port);
  fflush(stdout);
  for (;;) {
    int client = accept(listener, 0, 0);
    pthread_t thread;
    if (client >= 0 && pthread_create(&thread, &small, serve, (void *)(long)client)) close(client);
  }
}
