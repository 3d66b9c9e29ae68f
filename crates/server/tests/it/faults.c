/* Loaded into a server under test (LD_PRELOAD): makes the disk below $FAULT_DIR fail while the file
 * $FAULT_FLAG says so. A number there is how many bytes may still be written before the disk is
 * full; "sync" makes flushing fail. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char last[64];
static long left;

static int is_ours(int fd) {
  const char *folder = getenv("FAULT_DIR");
  char link[64], path[4096];
  if (!folder) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, folder, strlen(folder)) == 0;
}

/* What the flag says now; empty when it is not there. */
static void read_flag(char *text, size_t size) {
  const char *name = getenv("FAULT_FLAG");
  text[0] = 0;
  int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return;
  ssize_t length = read(fd, text, size - 1);
  text[length > 0 ? length : 0] = 0;
  close(fd);
}

static int is_full(int fd, size_t count) {
  char now[64];
  if (!is_ours(fd)) return 0;
  read_flag(now, sizeof now);
  if (!now[0] || strncmp(now, "sync", 4) == 0) return 0;
  pthread_mutex_lock(&lock);
  if (strcmp(now, last) != 0) {
    strcpy(last, now);
    left = atol(now);
  }
  left -= (long)count;
  int full = left < 0;
  pthread_mutex_unlock(&lock);
  if (full) errno = ENOSPC;
  return full;
}

static int is_broken(int fd) {
  char now[64];
  if (!is_ours(fd)) return 0;
  read_flag(now, sizeof now);
  if (strncmp(now, "sync", 4) != 0) return 0;
  errno = EIO;
  return 1;
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *bytes, size_t count) {
  REAL(ssize_t, "write", int, const void *, size_t);
  return is_full(fd, count) ? -1 : real(fd, bytes, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  return is_full(fd, 4096) ? -1 : real(fd, parts, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
  return is_full(fd, count) ? -1 : real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  return is_full(fd, count) ? -1 : real(fd, bytes, count, at);
}

int fallocate64(int fd, int mode, off64_t at, off64_t count) {
  REAL(int, "fallocate64", int, int, off64_t, off64_t);
  return is_full(fd, (size_t)count) ? -1 : real(fd, mode, at, count);
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  return is_broken(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  return is_broken(fd) ? -1 : real(fd);
}
