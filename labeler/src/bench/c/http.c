/*
 * Times requests to the service: over one connection where it lets that stay open, else with a new one for each
 * request, whose making then counts.
 *
 *   http SOCKET WARM_UP RUNS METHOD PATH BODY_FILE [METHOD PATH BODY_FILE...]
 *
 * Each run sends every request in turn and waits for its answer; a status other than 2xx ends it all. Prints a line
 * for each of the first eight requests, and one for the whole run. BODY_FILE may be /dev/null.
 */
#define _GNU_SOURCE
#include "client.h"
#include "statistics.h"

enum { LINES = 8 };

int main(int argc, char **argv)
{
	int warm_up = argc > 3 ? atoi(argv[2]) : 0, runs = argc > 3 ? atoi(argv[3]) : 0, count = (argc - 4) / 3;

	if (runs < 1 || count < 1 || (argc - 4) % 3 != 0) {
		fprintf(stderr, "usage: http SOCKET WARM_UP RUNS METHOD PATH BODY_FILE...\n");
		return 2;
	}
	struct request *requests = calloc(count, sizeof *requests);
	double *times = calloc((size_t)(count + 1) * runs, sizeof *times);

	answer = malloc(ANSWER);
	for (int i = 0; i < count; i++)
		requests[i] = prepare(argv[4 + 3 * i], argv[5 + 3 * i], argv[6 + 3 * i]);
	service = argv[1];
	for (int run = -warm_up; run < runs; run++) {
		double first = now(), begin = first;

		for (int i = 0; i < count; i++) {
			ask(requests + i);
			double end = now();

			if (run >= 0)
				times[i * runs + run] = end - begin;
			begin = end;
		}
		if (run >= 0)
			times[count * runs + run] = begin - first;
	}
	for (int i = 0; i < count && i < LINES; i++)
		report(requests[i].name, times + i * runs, runs);
	report("all", times + count * runs, runs);
	return 0;
}
