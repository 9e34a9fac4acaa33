/*
 * The least that anybody has to ask of the kernel to label a tree and to give it back, without a thought of its own:
 * the same calls as the service's, each name held (O_PATH) in its open directory. A first walk reads all labels, and asks
 * whether each name is still its file's; a table is written and synced; a second walk sets the labels; a third one reads
 * them, and sets the earlier ones.
 *
 *   tree RUNS TABLE DIRECTORY    prints a line each for label, back and both
 *   tree make FILES DIRECTORY    makes that many files, a thousand in each directory
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "statistics.h"

static const char NAME[] = "security.selinux";
static const char EARLIER[] = "system_u:object_r:user_home_t:s0";
static const char LABEL[] = "system_u:object_r:svirt_image_t:s0:c12,c345";
enum { PORTION = 4096, LONGEST_LABEL = 1024, IN_DIRECTORY = 1000, LONGEST_NAME = 64, ENTRY = 24, LONGEST_PATH = 4096 };
enum walk { COLLECT, SET, GIVE_BACK };

static int descriptors;
static char *table;
static size_t used, room;

static void fail(const char *call, const char *file)
{
	fprintf(stderr, "tree: %s: %s: %s\n", file, call, strerror(errno));
	exit(1);
}

/* Where the kernel says that it is. */
static void locate(int fd)
{
	char number[LONGEST_NAME], where[LONGEST_PATH];

	snprintf(number, sizeof number, "%d", fd);
	if (readlinkat(descriptors, number, where, sizeof where) < 0)
		fail("readlink", number);
}

static void visit(int directory, int fd, const struct statx *status, enum walk walk)
{
	char path[LONGEST_NAME], label[LONGEST_LABEL];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (walk != GIVE_BACK && !S_ISDIR(status->stx_mode)) {
		locate(fd);
		locate(directory);
	}
	if (walk == SET) {
		if (setxattr(path, NAME, LABEL, sizeof LABEL, 0) < 0)
			fail("setxattr", path);
		return;
	}
	if (getxattr(path, NAME, label, sizeof label) < 0 && errno != ENODATA)
		fail("getxattr", path);
	if (walk == COLLECT) {
		if (used + ENTRY > room && (table = realloc(table, room = 2 * room + ENTRY)) == NULL)
			fail("realloc", path);
		memcpy(table + used, &status->stx_ino, sizeof status->stx_ino);
		memcpy(table + used + sizeof status->stx_ino, &status->stx_btime, sizeof status->stx_btime);
		used += ENTRY;
	} else if (setxattr(path, NAME, EARLIER, sizeof EARLIER, 0) < 0) {
		fail("setxattr", path);
	}
}

static void go(int directory, enum walk walk)
{
	char *portion = malloc(PORTION);
	int listing = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long size;

	if (listing < 0)
		fail("open", ".");
	while ((size = syscall(SYS_getdents64, listing, portion, PORTION)) > 0) {
		for (long at = 0; at < size;) {
			struct dirent64 *one = (struct dirent64 *)(portion + at);
			struct statx status;
			int fd;

			at += one->d_reclen;
			if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0)
				continue;
			if ((fd = openat(directory, one->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC)) < 0)
				fail("openat", one->d_name);
			if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, &status) < 0)
				fail("statx", one->d_name);
			visit(directory, fd, &status, walk);
			if (S_ISDIR(status.stx_mode))
				go(fd, walk);
			close(fd);
		}
	}
	if (size < 0)
		fail("getdents64", ".");
	close(listing);
	free(portion);
}

static void make(int files, const char *directory)
{
	char name[LONGEST_NAME];
	int place = -1, root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < files; i++) {
		if (i % IN_DIRECTORY == 0) {
			snprintf(name, sizeof name, "directory-%d", i / IN_DIRECTORY);
			if (mkdirat(root, name, 0755) < 0 || (place = openat(root, name, O_RDONLY | O_DIRECTORY)) < 0)
				fail("mkdir", name);
			if (fsetxattr(place, NAME, EARLIER, sizeof EARLIER, 0) < 0)
				fail("fsetxattr", name);
		}
		snprintf(name, sizeof name, "file-%d", i);
		int fd = openat(place, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

		if (fd < 0 || fsetxattr(fd, NAME, EARLIER, sizeof EARLIER, 0) < 0)
			fail("open", name);
		close(fd);
		if (i % IN_DIRECTORY == IN_DIRECTORY - 1)
			close(place);
	}
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "make") == 0) {
		make(atoi(argv[2]), argv[3]);
		return 0;
	}
	int runs = argc == 4 ? atoi(argv[1]) : 0;

	if (runs < 1) {
		fprintf(stderr, "usage: tree RUNS TABLE DIRECTORY\n       tree make FILES DIRECTORY\n");
		return 2;
	}
	double *labels = calloc(runs, sizeof *labels), *backs = calloc(runs, sizeof *backs), *both = calloc(runs, sizeof *both);
	int root = open(argv[3], O_PATH | O_DIRECTORY | O_CLOEXEC);

	descriptors = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (int run = 0; run < runs; run++) {
		double begin = now();
		int file = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (file < 0)
			fail("open", argv[2]);
		used = 0;
		go(root, COLLECT);
		if (write(file, table, used) != (ssize_t)used || fsync(file) < 0 || close(file) < 0)
			fail("write", argv[2]);
		go(root, SET);
		double middle = now();
		go(root, GIVE_BACK);
		double end = now();

		labels[run] = middle - begin;
		backs[run] = end - middle;
		both[run] = end - begin;
	}
	report("label", labels, runs);
	report("back", backs, runs);
	report("both", both, runs);
	return 0;
}
