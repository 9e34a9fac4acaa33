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
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "statistics.h"

enum { LINES = 8, ANSWER = 8 << 20 };

struct request {
	char *bytes, *name;
	size_t length;
};

static char *answer;
static size_t filled, taken;
static const char *service;
static int connection = -1;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct request prepare(char *method, char *path, const char *body_file)
{
	struct request request = { 0 };
	struct stat status;
	int fd = open(body_file, O_RDONLY);

	if (fd < 0 || fstat(fd, &status) < 0)
		die(body_file);
	size_t body = S_ISREG(status.st_mode) ? status.st_size : 0;

	request.name = path;
	request.bytes = malloc(body + strlen(path) + 256);
	request.length = sprintf(request.bytes, "%s %s HTTP/1.1\r\nHost: labeler\r\nContent-Length: %zu\r\n\r\n", method, path,
				 body);
	if (read(fd, request.bytes + request.length, body) != (ssize_t)body)
		die(body_file);
	request.length += body;
	close(fd);
	return request;
}

static void fill(int fd)
{
	ssize_t count = read(fd, answer + filled, ANSWER - filled - 1);

	if (count <= 0) {
		fprintf(stderr, "http: the service closed the connection, or its answer is too long\n");
		exit(1);
	}
	filled += count;
	answer[filled] = 0;
}

/* The next line, without its end; takes it off. */
static char *line(int fd)
{
	char *end;

	while (!(end = strstr(answer + taken, "\r\n")))
		fill(fd);
	char *begin = answer + taken;

	*end = 0;
	taken = end + 2 - answer;
	return begin;
}

static void body(int fd, size_t length)
{
	while (filled - taken < length)
		fill(fd);
	taken += length;
}

/* Whether the connection can be used again. */
static int receive(int fd, const char *name)
{
	filled = taken = 0;
	answer[0] = 0;
	int status = atoi(line(fd) + sizeof "HTTP/1.1"), chunked = 0, stays = 1;
	size_t length = 0;

	for (char *field; *(field = line(fd));) {
		if (!strncasecmp(field, "Content-Length:", 15))
			length = strtoul(field + 15, NULL, 10);
		else if (!strncasecmp(field, "Transfer-Encoding: chunked", 26))
			chunked = 1;
		else if (!strncasecmp(field, "Connection: close", 17))
			stays = 0;
	}
	size_t begin = taken;

	if (!chunked)
		body(fd, length);
	else
		do {
			length = strtoul(line(fd), NULL, 16);
			body(fd, length + 2);
		} while (length > 0);
	if (status / 100 != 2) {
		fprintf(stderr, "http: %s: status %d: %.2000s\n", name, status, answer + begin);
		exit(1);
	}
	return stays;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die(path);
	return fd;
}

static void ask(const struct request *request)
{
	if (connection < 0)
		connection = connect_to(service);
	if (send(connection, request->bytes, request->length, MSG_NOSIGNAL) != (ssize_t)request->length)
		die("send");
	if (!receive(connection, request->name)) {
		close(connection);
		connection = -1;
	}
}

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
