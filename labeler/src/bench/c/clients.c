/*
 * Times VMs that are started and stopped by many clients at once, each with a VM of its own.
 *
 *   clients SOCKET CLIENTS CYCLES BODIES    client 7 starts VM client-7 with the body in the file BODIES7
 *
 * Every client does the same number of cycles, after one that is not counted. Prints the time of a cycle, its 99th percentile
 * ("most"), and how many cycles all of them did a second.
 */
#define _GNU_SOURCE
#include "client.h"
#include "statistics.h"
#include <sys/mman.h>
#include <sys/wait.h>

static void cycle(struct request *start, struct request *stop)
{
	ask(start);
	ask(stop);
}

static void run(int client, int cycles, const char *bodies, double *times, int ready, int go)
{
	char path[64], file[4096], byte;

	snprintf(file, sizeof file, "%s%d", bodies, client);
	snprintf(path, sizeof path, "/v1/vms/client-%d/start", client);
	struct request start = prepare("POST", path, file);

	snprintf(path, sizeof path, "/v1/vms/client-%d/stop", client);
	struct request stop = prepare("POST", path, "/dev/null");

	answer = malloc(ANSWER);
	cycle(&start, &stop);
	if (write(ready, "", 1) != 1 || read(go, &byte, 1) != 0)
		die("clients");
	for (int i = 0; i < cycles; i++) {
		double begin = now();

		cycle(&start, &stop);
		times[i] = now() - begin;
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	int clients = argc == 5 ? atoi(argv[2]) : 0, cycles = argc == 5 ? atoi(argv[3]) : 0, ready[2], go[2], failed = 0;

	if (clients < 1 || cycles < 1) {
		fprintf(stderr, "usage: clients SOCKET CLIENTS CYCLES BODIES\n");
		return 2;
	}
	size_t count = (size_t)clients * cycles;
	double *times = mmap(NULL, count * sizeof *times, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (times == MAP_FAILED || pipe(ready) < 0 || pipe(go) < 0)
		die("clients");
	service = argv[1];
	for (int i = 0; i < clients; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			close(go[1]);
			run(i, cycles, argv[4], times + (size_t)i * cycles, ready[1], go[0]);
		}
		if (pid < 0)
			die("fork");
	}
	close(ready[1]);
	for (int i = 0; i < clients; i++) {
		char byte;

		if (read(ready[0], &byte, 1) != 1)
			break;
	}
	double begin = now();

	close(go[1]);
	for (int status; wait(&status) > 0;)
		failed |= status != 0;
	double end = now();

	if (failed)
		return 1;
	report("cycle", times, count);
	printf("most\t%.1f\n", times[count * 99 / 100]);
	printf("persecond\t%.1f\n", count / (end - begin) * 1e6);
	return 0;
}
