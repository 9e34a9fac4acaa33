/*
 * A slow disk: preloaded, it makes fsync(2) and fdatasync(2) take SLOWSYNC_MICROSECONDS longer.
 *
 *   gcc -shared -fPIC -o slowsync.so slowsync.c;  LD_PRELOAD=./slowsync.so SLOWSYNC_MICROSECONDS=5000 program
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_for_the_disk(void)
{
	const char *told = getenv("SLOWSYNC_MICROSECONDS");
	long microseconds = told ? atol(told) : 0;
	struct timespec time = { microseconds / 1000000, microseconds % 1000000 * 1000 };

	nanosleep(&time, NULL);
}

int fsync(int fd)
{
	wait_for_the_disk();
	return syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	wait_for_the_disk();
	return syscall(SYS_fdatasync, fd);
}
