/*
 * The least that any labeller has to ask of the kernel for one VM, without a thought of its own: for each file open,
 * read the header's page, get the label, set another, close; and one fsync of a small file for each start, as whoever
 * remembers the originals must do. Stopping is the same without the header and the fsync, with the label removed.
 *
 *   floor RUNS JOURNAL FILE...    prints a line each for start, stop and both
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "statistics.h"

static const char NAME[] = "security.selinux";
static const char LABEL[] = "system_u:object_r:svirt_image_t:s0:c12,c345";
enum { HEADER = 4096, JOURNAL_RECORD = 4096, LONGEST_LABEL = 4096 };

static void fail(const char *call, const char *file)
{
	fprintf(stderr, "floor: %s: %s: %s\n", file, call, strerror(errno));
	exit(1);
}

static void remember(const char *journal)
{
	char record[JOURNAL_RECORD] = { 0 };
	int fd = open(journal, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || pwrite(fd, record, sizeof record, 0) != sizeof record || fsync(fd) < 0 || close(fd) < 0)
		fail("write", journal);
}

static void start(const char *file)
{
	char header[HEADER], label[LONGEST_LABEL];
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		fail("open", file);
	if (pread(fd, header, sizeof header, 0) < 0)
		fail("pread", file);
	if (fgetxattr(fd, NAME, label, sizeof label) < 0 && errno != ENODATA)
		fail("fgetxattr", file);
	if (fsetxattr(fd, NAME, LABEL, sizeof LABEL, 0) < 0)
		fail("fsetxattr", file);
	close(fd);
}

static void stop(const char *file)
{
	char label[LONGEST_LABEL];
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		fail("open", file);
	if (fgetxattr(fd, NAME, label, sizeof label) < 0)
		fail("fgetxattr", file);
	if (fremovexattr(fd, NAME) < 0)
		fail("fremovexattr", file);
	close(fd);
}

int main(int argc, char **argv)
{
	int runs = argc > 3 ? atoi(argv[1]) : 0;

	if (runs < 1) {
		fprintf(stderr, "usage: floor RUNS JOURNAL FILE...\n");
		return 2;
	}
	double *starts = calloc(runs, sizeof *starts), *stops = calloc(runs, sizeof *stops);
	double *both = calloc(runs, sizeof *both);

	for (int run = 0; run < runs; run++) {
		double begin = now();
		remember(argv[2]);
		for (int i = 3; i < argc; i++)
			start(argv[i]);
		double middle = now();
		for (int i = 3; i < argc; i++)
			stop(argv[i]);
		double end = now();

		starts[run] = middle - begin;
		stops[run] = end - middle;
		both[run] = end - begin;
	}
	report("start", starts, runs);
	report("stop", stops, runs);
	report("both", both, runs);
	return 0;
}
