/*
 * How long commands take from fork to their end, in turn, so that all meet the same noise.
 *
 *   turns WARM_UP RUNS NAME INPUT COMMAND [ARGUMENT...] [, NAME INPUT COMMAND [ARGUMENT...]]...
 *
 * Each run executes every command once, in this order. Times of the same name add up within a run; a name that begins with
 * "-" is executed and not timed. Every command must end with 0. Prints a line for each name, and for each after the first a
 * line "NAME/FIRST": the ratio of the two in each run.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "statistics.h"

enum { MOST = 16 };

struct command {
	char *input, **words;
	int name;
};

static void become(const struct command *command)
{
	int in = open(command->input, O_RDONLY), out = open("/dev/null", O_WRONLY);

	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	execvp(command->words[0], command->words);
	_exit(127);
}

static double execute(const struct command *command)
{
	int status;
	double begin = now();
	pid_t pid = fork();

	if (pid == 0)
		become(command);
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		perror(command->words[0]);
		exit(1);
	}
	double time = now() - begin;

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "turns: %s ended with status %d\n", command->words[0], WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		exit(1);
	}
	return time;
}

int main(int argc, char **argv)
{
	int warm_up = argc > 5 ? atoi(argv[1]) : 0, runs = argc > 5 ? atoi(argv[2]) : 0, count = 0, names = 0;
	struct command commands[MOST];
	char *name[MOST];

	for (int at = 3; runs > 0 && at + 2 < argc && count < MOST; count++) {
		struct command *command = commands + count;

		command->name = -1;
		for (int i = 0; i < names; i++)
			if (!strcmp(name[i], argv[at]))
				command->name = i;
		if (command->name < 0 && argv[at][0] != '-')
			name[command->name = names++] = argv[at];
		command->input = argv[at + 1];
		command->words = argv + at + 2;
		for (at += 2; at < argc && strcmp(argv[at], ","); at++)
			;
		argv[at++] = NULL;
	}
	if (count == 0) {
		fprintf(stderr, "usage: turns WARM_UP RUNS NAME INPUT COMMAND [ARGUMENT...] [, NAME INPUT COMMAND...]...\n");
		return 2;
	}
	double *times = calloc((size_t)names * runs, sizeof *times), *ratios = calloc(runs, sizeof *ratios);

	for (int run = -warm_up; run < runs; run++)
		for (int i = 0; i < count; i++) {
			double time = execute(commands + i);

			if (run >= 0 && commands[i].name >= 0)
				times[commands[i].name * runs + run] += time;
		}
	for (int i = 1; i < names; i++) {
		char what[256];

		for (int run = 0; run < runs; run++)
			ratios[run] = times[i * runs + run] / times[run];
		qsort(ratios, runs, sizeof *ratios, compare_times);
		snprintf(what, sizeof what, "%s/%s", name[i], name[0]);
		printf("%s\t%.3f\t%.3f\t%.3f\t%d\t%.3f\n", what, ratios[runs / 2], ratios[0], ratios[runs * 9 / 10], runs, ratios[runs - 1]);
	}
	for (int i = 0; i < names; i++)
		report(name[i], times + i * runs, runs);
	return 0;
}
