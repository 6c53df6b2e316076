/*
 * A disk that can lose power and run full, for one process (LD_PRELOAD). For files below $DISK_FOLDER:
 * - after each fsync the file, as it is then, is copied to $DISK_DURABLE: what is there after a kill -9 is what
 *   would be there after a power cut in which nothing survives that was not synced. A file that was removed comes
 *   back, unless its folder was synced afterwards;
 * - while the file $DISK_FAULT exists, its first letter says what fails: w = writing (disk full), s = syncing.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_ours(int fd, char *path) {
  const char *folder = getenv("DISK_FOLDER");
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (folder == NULL || length < 0) return 0;
  path[length] = 0;
  return strncmp(path, folder, strlen(folder)) == 0;
}

static int fails(char what) {
  const char *file = getenv("DISK_FAULT");
  char letter = 0;
  int fd = file == NULL ? -1 : open(file, O_RDONLY);
  if (fd < 0) return 0;
  ssize_t length = read(fd, &letter, 1);
  close(fd);
  return length == 1 && letter == what;
}

/* Reads through the same descriptor: closing a second one would drop SQLite's lock. */
static void copy(int fd, const char *path) {
  const char *folder = getenv("DISK_DURABLE");
  char target[PATH_MAX + 64], draft[PATH_MAX + 70], block[65536];
  if (folder == NULL) return;
  snprintf(target, sizeof target, "%s/%s", folder, strrchr(path, '/') + 1);
  snprintf(draft, sizeof draft, "%s.draft", target);
  int out = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (out < 0) abort();
  off_t offset = 0;
  for (ssize_t length; (length = pread(fd, block, sizeof block, offset)) > 0; offset += length) {
    if (syscall(SYS_write, out, block, length) != length) abort();
  }
  close(out);
  if (rename(draft, target) != 0) abort();
}

/* Removes what is not in the folder any more. */
static void forget(const char *path) {
  const char *folder = getenv("DISK_DURABLE");
  char ours[2 * PATH_MAX], theirs[2 * PATH_MAX];
  DIR *entries = folder == NULL ? NULL : opendir(folder);
  if (entries == NULL) return;
  for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
    snprintf(ours, sizeof ours, "%s/%s", path, entry->d_name);
    snprintf(theirs, sizeof theirs, "%s/%s", folder, entry->d_name);
    if (access(ours, F_OK) != 0) unlink(theirs);
  }
  closedir(entries);
}

static int sync_file(int fd, long call) {
  char path[PATH_MAX];
  struct stat stats;
  int ours = is_ours(fd, path) && fstat(fd, &stats) == 0 && (S_ISREG(stats.st_mode) || S_ISDIR(stats.st_mode));
  if (ours && fails('s')) return errno = EIO, -1;
  int result = syscall(call, fd);
  if (!ours || result != 0) return result;
  if (S_ISDIR(stats.st_mode)) forget(path);
  else copy(fd, path);
  return result;
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  char path[PATH_MAX];
  if (is_ours(fd, path) && fails('w')) return errno = ENOSPC, -1;
  return syscall(SYS_pwrite64, fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }
