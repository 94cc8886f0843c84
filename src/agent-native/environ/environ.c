// libenviron.so, which OSv's kernel loads first into every program that it starts beside
// another. Its symbols go before the kernel's own for that program: an environment of its
// own (the kernel fills it by putenv), and an exit that ends the program instead of the guest.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPORT "OSV_FAAS_REPORT_FD="

char **__environ = 0;
extern char **environ __attribute__((alias("__environ")));
extern char **_environ __attribute__((alias("__environ")));
extern char **___environ __attribute__((alias("__environ")));

// Where the agent learns that the program has ended.
static int report = -1;

static size_t count(void) {
  size_t n = 0;
  while (__environ && __environ[n]) n++;
  return n;
}

static char **find(const char *name, size_t length) {
  for (char **entry = __environ; entry && *entry; entry++)
    if (!strncmp(*entry, name, length) && (*entry)[length] == '=') return entry;
  return 0;
}

char *getenv(const char *name) {
  char **entry = find(name, strlen(name));
  return entry ? *entry + strlen(name) + 1 : 0;
}

char *secure_getenv(const char *name) { return getenv(name); }

int unsetenv(const char *name) {
  size_t length = strlen(name);
  if (!length || strchr(name, '=')) {
    errno = EINVAL;
    return -1;
  }
  for (char **entry; (entry = find(name, length));)
    do entry[0] = entry[1];
    while (*entry++);
  return 0;
}

int putenv(char *text) {
  char *equals = strchr(text, '=');
  if (!equals) return unsetenv(text);
  if (!strncmp(text, REPORT, sizeof REPORT - 1)) {
    report = atoi(equals + 1);
    return 0;
  }
  char **entry = find(text, equals - text);
  if (entry) {
    *entry = text;
    return 0;
  }
  // The old list is not freed: the program may have been given it by a loader.
  size_t n = count();
  char **list = malloc((n + 2) * sizeof *list);
  if (!list) return -1;
  if (n) memcpy(list, __environ, n * sizeof *list);
  list[n] = text;
  list[n + 1] = 0;
  __environ = list;
  return 0;
}

int setenv(const char *name, const char *value, int overwrite) {
  if (!name || !*name || strchr(name, '=')) {
    errno = EINVAL;
    return -1;
  }
  if (!overwrite && getenv(name)) return 0;
  char *text = malloc(strlen(name) + strlen(value) + 2);
  if (!text) return -1;
  sprintf(text, "%s=%s", name, value);
  return putenv(text);
}

int clearenv(void) {
  __environ = 0;
  return 0;
}

// The thread that ends the program stays: OSv cannot end one program's threads.
static _Noreturn void leave(const char *how, int status) {
  char line[32];
  int length = snprintf(line, sizeof line, "%s %d\n", how, status & 255);
  if (report >= 0) (void)!write(report, line, length);
  for (;;) sleep(3600);
}

_Noreturn void exit(int status) {
  fflush(0);
  leave("exited", status);
}
_Noreturn void _exit(int status) { leave("exited", status); }
_Noreturn void _Exit(int status) { leave("exited", status); }
_Noreturn void quick_exit(int status) { leave("exited", status); }
_Noreturn void abort(void) { leave("aborted", 0); }
