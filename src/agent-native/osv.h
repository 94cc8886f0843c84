// What the agent needs of OSv's kernel; every function of it is absent on Linux.
#ifdef __cplusplus
extern "C" {
#endif

// Whether this is OSv with a kernel that can load a second program.
int osv_is_guest(void);

// Loads the executable as a program of its own, with symbols and environment of its own, and
// starts it in a new thread. "HOW STATUS\n" is written to report when it ends. Answers 0, or 1 with a message.
int osv_start(const char *path, char **env, int report, char *message, int size);

// Gives the console's descriptors to the two pipes; answers one that still leads to the console.
int osv_capture(int out, int err);

// Whether the kernel has a function of that name.
int osv_has(const char *name);

// Powers the guest off at once. exit() would wait for threads that compute for ever.
void osv_end(void);

#ifdef __cplusplus
}
#endif
