// OSv runs one process. A second program is loaded into it by osv::application::run, which
// gives it an ELF namespace and threads whose thread-local memory is the program's own.
// The kernel exports it in C++ only: the C function osv_run_app has neither.
#include "osv.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace osv {
class application;
}

using Environment = std::unordered_map<std::string, std::string>;
using Run = std::shared_ptr<osv::application> (*)(const std::string &, const std::vector<std::string> &, bool,
                                                  const Environment *, const std::string &, std::function<void()>);
using ReturnCode = int (*)(osv::application *);

// As the Itanium C++ ABI writes application::run(string, vector<string>, bool, unordered_map*, string, function<void()>).
static const char RUN[] =
    "_ZN3osv11application3runERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEERKSt6vectorIS6_SaIS6_EEb"
    "PKSt13unordered_mapIS6_S6_St4hashIS6_ESt8equal_toIS6_ESaISt4pairIS7_S6_EEES8_St8functionIFvvEE";
static const char RETURN_CODE[] = "_ZN3osv11application15get_return_codeEv";

int osv_is_guest(void) { return dlsym(RTLD_DEFAULT, RUN) != nullptr; }

int osv_start(const char *path, char **env, int report, char *message, int size) {
  auto run = reinterpret_cast<Run>(dlsym(RTLD_DEFAULT, RUN));
  auto code = reinterpret_cast<ReturnCode>(dlsym(RTLD_DEFAULT, RETURN_CODE));
  // The kernel gives a new program a copy of its own environment: that is the program's for this moment.
  auto environment = static_cast<char ***>(dlsym(RTLD_DEFAULT, "environ"));
  char **agents = *environment;
  *environment = env;
  // Never freed: the program's threads belong to the application as long as the guest lives.
  auto app = new std::shared_ptr<osv::application>();
  auto returned = [app, code, report] {
    char line[32];
    int status = *app && code ? code(app->get()) : 0;
    int length = snprintf(line, sizeof line, "returned %d\n", status);
    (void)!write(report, line, length);
  };
  int failed = 0;
  try {
    *app = run(path, std::vector<std::string>{path}, true, nullptr, "main", returned);
  } catch (std::exception &error) {
    snprintf(message, size, "%s", error.what());
    failed = 1;
  }
  *environment = agents;
  return failed;
}

int osv_capture(int out, int err) {
  int console = dup(1);
  if (console < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) {
    return -1;
  }
  // The kernel's C library serves all programs: printf of a program should not wait for a full buffer.
  setvbuf(stdout, nullptr, _IOLBF, 0);
  return console;
}

void osv_end(void) { kill(getpid(), SIGKILL); }

int osv_has(const char *name) { return dlsym(RTLD_DEFAULT, name) != nullptr; }
