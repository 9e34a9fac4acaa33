/* Times in microseconds, and what is said of them. */
#ifndef STATISTICS_H
#define STATISTICS_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static inline int compare_times(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

/* One line: what, median, lowest, 90th percentile, number of samples, highest. */
static inline void report(const char *what, double *times, int count)
{
	qsort(times, count, sizeof *times, compare_times);
	printf("%s\t%.1f\t%.1f\t%.1f\t%d\t%.1f\n", what, times[count / 2], times[0], times[count * 9 / 10], count,
	       times[count - 1]);
}

#endif
