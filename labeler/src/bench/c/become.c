/*
 * How long a launcher takes until the program that it becomes runs: from fork to the first act of `first`, which it executes.
 *
 *   become SOCKET NAME WARM_UP RUNS FIRST COMMAND [ARGUMENT...]
 *
 * Each run executes FIRST by itself, and then COMMAND, which becomes FIRST as the VM NAME. Outside of what is timed, the
 * service is asked until it holds that VM no more. Prints a line for each of both, "alone" and "launched".
 */
#define _GNU_SOURCE
#include <sys/wait.h>
#include "client.h"
#include "statistics.h"

enum { POLLS = 5000, POLL_MICROSECONDS = 2000 };

static double until_first(char **command)
{
	int result[2], status;
	struct timespec first;

	if (pipe(result) < 0)
		die("pipe");
	double begin = now();
	pid_t pid = fork();

	if (pid == 0) {
		dup2(result[1], 1);
		close(result[0]);
		close(result[1]);
		execvp(command[0], command);
		_exit(127);
	}
	close(result[1]);
	int got = read(result[0], &first, sizeof first) == sizeof first;

	close(result[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !got || status != 0) {
		fprintf(stderr, "become: %s did not become the program\n", command[0]);
		exit(1);
	}
	return first.tv_sec * 1e6 + first.tv_nsec / 1e3 - begin;
}

static int is_held(const struct request *look)
{
	int fd = connect_to(service);
	char status[sizeof "HTTP/1.1 404"] = "";
	size_t got = 0;

	if (send(fd, look->bytes, look->length, MSG_NOSIGNAL) != (ssize_t)look->length)
		die("send");
	while (got < sizeof status - 1) {
		ssize_t some = read(fd, status + got, sizeof status - 1 - got);

		if (some <= 0)
			die("read");
		got += some;
	}
	close(fd);
	return atoi(status + sizeof "HTTP/1.1") != 404;
}

int main(int argc, char **argv)
{
	int warm_up = argc > 6 ? atoi(argv[3]) : 0, runs = argc > 6 ? atoi(argv[4]) : 0;
	char path[256];

	if (runs < 1) {
		fprintf(stderr, "usage: become SOCKET NAME WARM_UP RUNS FIRST COMMAND [ARGUMENT...]\n");
		return 2;
	}
	double *alone = calloc(runs, sizeof *alone), *launched = calloc(runs, sizeof *launched);
	char *first[] = { argv[5], NULL };

	service = argv[1];
	snprintf(path, sizeof path, "/v1/vms/%s", argv[2]);
	struct request look = prepare("GET", path, "/dev/null");

	for (int run = -warm_up; run < runs; run++) {
		double one = until_first(first), other = until_first(argv + 6);
		int polls = 0;

		while (is_held(&look) && polls++ < POLLS)
			usleep(POLL_MICROSECONDS);
		if (polls >= POLLS) {
			fprintf(stderr, "become: the VM does not end\n");
			return 1;
		}
		if (run < 0)
			continue;
		alone[run] = one;
		launched[run] = other;
	}
	report("alone", alone, runs);
	report("launched", launched, runs);
	return 0;
}
