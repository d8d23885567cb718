/* For LD_PRELOAD: jackd2 1.9.21 loses its place in the stream of messages when a client sets metadata, as
   Ardour does, and throws the client out. Here setting metadata fails, which Ardour takes quietly. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

static int refuse(void) { return -1; }

void *dlsym(void *handle, const char *name) {
    static void *(*real)(void *, const char *);
    if (!real) real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
    if (!real) real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
    if (name && !strcmp(name, "jack_set_property")) return (void *)refuse;
    return real(handle, name);
}
