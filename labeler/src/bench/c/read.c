/*
 * The least that anybody has to ask of the kernel to know a chain of files: for each open, read a page, close.
 *
 *   read RUNS FILE...    prints one line for all files together
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "statistics.h"

enum { HEADER = 4096 };

int main(int argc, char **argv)
{
	int runs = argc > 2 ? atoi(argv[1]) : 0;

	if (runs < 1) {
		fprintf(stderr, "usage: read RUNS FILE...\n");
		return 2;
	}
	double *times = calloc(runs, sizeof *times);

	for (int run = 0; run < runs; run++) {
		double begin = now();
		for (int i = 2; i < argc; i++) {
			char header[HEADER];
			int fd = open(argv[i], O_RDONLY | O_CLOEXEC);

			if (fd < 0 || pread(fd, header, sizeof header, 0) < 0 || close(fd) < 0) {
				fprintf(stderr, "read: %s: %s\n", argv[i], strerror(errno));
				return 1;
			}
		}
		times[run] = now() - begin;
	}
	report("all", times, runs);
	return 0;
}
