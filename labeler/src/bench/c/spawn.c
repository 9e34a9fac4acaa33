/*
 * How long a command takes from fork to its end, with its output thrown away.
 *
 *   spawn RUNS EXIT_CODE INPUT COMMAND [ARGUMENT...]    every run must end with EXIT_CODE
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "statistics.h"

static void become(char *input, char **command)
{
	int in = open(input, O_RDONLY), out = open("/dev/null", O_WRONLY);

	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	execvp(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	int runs = argc > 4 ? atoi(argv[1]) : 0;

	if (runs < 1) {
		fprintf(stderr, "usage: spawn RUNS EXIT_CODE INPUT COMMAND [ARGUMENT...]\n");
		return 2;
	}
	double *times = calloc(runs, sizeof *times);

	for (int run = 0; run < runs; run++) {
		int status;
		double begin = now();
		pid_t pid = fork();

		if (pid == 0)
			become(argv[3], argv + 4);
		if (pid < 0 || waitpid(pid, &status, 0) < 0) {
			perror(argv[4]);
			return 1;
		}
		times[run] = now() - begin;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != atoi(argv[2])) {
			fprintf(stderr, "spawn: %s ended with status %d\n", argv[4], WIFEXITED(status) ? WEXITSTATUS(status) : -1);
			return 1;
		}
	}
	report("whole", times, runs);
	return 0;
}
