/*
 * Stands for qemu: its first act is to tell the time. Static, so that nothing of a C library's loading precedes it.
 */
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return write(1, &time, sizeof time) != sizeof time;
}
