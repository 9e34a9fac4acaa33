/*
 * What a launcher waits for before it becomes qemu: the start of a VM, and the descriptors that are handed to it.
 *
 *   launch SOCKET DESCRIPTOR_SOCKET WARM_UP RUNS NAME BODY_FILE
 *
 * BODY_FILE has "pid":0, which each run replaces by that of a process of its own, since a VM ends with its process. After
 * it, and outside of what is timed, the service is asked until it holds the VM no more. Prints a line for the start, for
 * the hand-over, and for both; the last has the number of descriptors instead of the runs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "client.h"
#include "statistics.h"

enum { LINE = 4096, MOST_AT_ONCE = 253, PID_DIGITS = 10, POLLS = 5000, POLL_MICROSECONDS = 2000 };

struct run {
	double start, handover;
	int descriptors;
};

/* One message: "LEFT SET SET...", with a descriptor for each set. Returns LEFT. */
static int receive_some(int fd, int *count)
{
	char line[LINE], control[CMSG_SPACE(MOST_AT_ONCE * sizeof(int))];
	struct iovec payload = { line, sizeof line - 1 };
	struct msghdr message = { .msg_iov = &payload, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	ssize_t length = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

	if (length <= 0 || message.msg_flags & MSG_CTRUNC)
		die("recvmsg");
	line[length] = 0;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part))
		if (part->cmsg_type == SCM_RIGHTS)
			*count += (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (write(fd, "+", 1) != 1)
		die("write");
	return atoi(line);
}

static struct run launch(struct request request, char *pid, const char *descriptors, int handed)
{
	struct run run = { 0 };
	char number[PID_DIGITS + 1];

	memcpy(pid, number, sprintf(number, "%-*d", PID_DIGITS, getpid()));
	double begin = now();

	ask(&request);
	run.start = now() - begin;
	if (!handed)
		return run;
	begin = now();
	int fd = connect_to(descriptors);

	while (receive_some(fd, &run.descriptors) > 0)
		;
	run.handover = now() - begin;
	return run;
}

static void await_end(struct request *look)
{
	for (int poll = 0; poll < POLLS; poll++) {
		int fd = connect_to(service);

		if (send(fd, look->bytes, look->length, MSG_NOSIGNAL) != (ssize_t)look->length)
			die("send");
		char status[sizeof "HTTP/1.1 404"] = "";
		size_t got = 0;

		while (got < sizeof status - 1) {
			ssize_t some = read(fd, status + got, sizeof status - 1 - got);

			if (some <= 0)
				die("read");
			got += some;
		}
		close(fd);
		if (atoi(status + sizeof "HTTP/1.1") == 404)
			return;
		usleep(POLL_MICROSECONDS);
	}
	fprintf(stderr, "launch: the VM does not end\n");
	exit(1);
}

/* The body's pid, with room for any. */
static char *widen(struct request *request)
{
	static const char member[] = "\"pid\":0";
	char *at = strstr(request->bytes, member), *wide = malloc(request->length + 64);

	if (!at) {
		fprintf(stderr, "launch: the body has no \"pid\":0\n");
		exit(1);
	}
	/* The length of the body changes with it. */
	char *body = strstr(request->bytes, "\r\n\r\n") + 4, *first = strstr(request->bytes, "\r\n") + 2;
	size_t length = request->bytes + request->length - body, before = at - body + sizeof member - 2;
	int head = sprintf(wide, "%.*sHost: labeler\r\nContent-Length: %zu\r\n\r\n", (int)(first - request->bytes), request->bytes,
			   length - 1 + PID_DIGITS);

	memcpy(wide + head, body, before);
	memcpy(wide + head + before + PID_DIGITS, body + before + 1, length - before - 1);
	request->bytes = wide;
	request->length = head + length - 1 + PID_DIGITS;
	return wide + head + before;
}

int main(int argc, char **argv)
{
	if (argc != 7 || atoi(argv[4]) < 1) {
		fprintf(stderr, "usage: launch SOCKET DESCRIPTOR_SOCKET WARM_UP RUNS NAME BODY_FILE\n");
		return 2;
	}
	int warm_up = atoi(argv[3]), runs = atoi(argv[4]), handed = *argv[2] != 0, count = 0;
	double *starts = calloc(runs, sizeof *starts), *handovers = calloc(runs, sizeof *handovers), *both = calloc(runs, sizeof *both);
	struct rlimit most;
	char path[256];

	getrlimit(RLIMIT_NOFILE, &most);
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
	answer = malloc(ANSWER);
	service = argv[1];
	snprintf(path, sizeof path, "/v1/vms/%s/start", argv[5]);
	struct request request = prepare("POST", path, argv[6]);
	char *pid = widen(&request);

	snprintf(path, sizeof path, "/v1/vms/%s", argv[5]);
	struct request look = prepare("GET", path, "/dev/null");

	for (int i = -warm_up; i < runs; i++) {
		int result[2];
		struct run run;

		if (pipe(result) < 0)
			die("pipe");
		pid_t child = fork();

		if (child == 0) {
			run = launch(request, pid, argv[2], handed);
			_exit(write(result[1], &run, sizeof run) != sizeof run);
		}
		close(result[1]);
		int got = read(result[0], &run, sizeof run) == sizeof run;

		close(result[0]);
		waitpid(child, NULL, 0);
		if (!got)
			return 1;
		await_end(&look);
		if (i < 0)
			continue;
		starts[i] = run.start;
		handovers[i] = run.handover;
		both[i] = run.start + run.handover;
		count = run.descriptors;
	}
	report("start", starts, runs);
	report("handover", handovers, runs);
	qsort(both, runs, sizeof *both, compare_times);
	printf("both\t%.1f\t%.1f\t%.1f\t%d\n", both[runs / 2], both[0], both[runs * 9 / 10], count);
	return 0;
}
