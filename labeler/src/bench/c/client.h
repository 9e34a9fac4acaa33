/* One HTTP client: requests prepared beforehand, one at a time. Included once, by a program's only file. */
#ifndef CLIENT_H
#define CLIENT_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER = 8 << 20 };

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

static inline void ask(const struct request *request)
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

#endif
