/*
 * labeler-emulator: what libvirt starts in qemu's place, for a domain that was adopted (labeler libvirt adopt DOMAIN).
 *
 * It is called by a name that says what it is to become: /etc/labeler/emulators/usr/bin/qemu-system-x86_64 becomes
 * /usr/bin/qemu-system-x86_64. It always becomes qemu: same pid, same arguments, same environment. In between, at the
 * start of a domain, it exchanges the listening socket on which libvirt will talk to qemu. libvirt's goes to labelerd,
 * which then stands between; qemu gets a socket of labelerd's, under the same descriptor number.
 *
 * It is small and in C, since libvirt starts it for each domain and for each question about qemu's capabilities, as an
 * unprivileged user, and since no shell can pass a descriptor. It has no rights of its own. A user who may start it may
 * also start qemu, so it does not defend itself against its caller.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* The directory of names; what follows it in a name is the path of the program to become. */
#define NAMES "/emulators/"

/* The settings lie beside that directory: emulators.conf. They need not exist. */
#define SETTINGS ".conf"

/* The id that libvirt gives to the socket of its monitor. */
#define MONITOR "charmonitor"

/* Longer than any answer: a line for people, or a security context (4096 bytes in Linux). */
#define LONGEST_ANSWER 8192

/* The service answers in milliseconds. If it hangs, the start has to fail while libvirt still waits. */
#define PATIENCE_SECONDS 20

struct settings {
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	bool optional;
};

static const char *domain = "";

/* libvirt's listening socket, as long as libvirt would connect to this process; or -1. */
static int awaited = -1;

/* One line to stderr, which libvirt shows as the reason of the failed start. */
static void say(const char *format, va_list arguments)
{
	char line[LONGEST_ANSWER + PATH_MAX];
	vsnprintf(line, sizeof(line), format, arguments);
	for (char *c = line; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	dprintf(STDERR_FILENO, "labeler-emulator: %s%s%s%s\n", *domain ? "domain " : "", domain, *domain ? ": " : "", line);
}

static void warn(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

/*
 * Until libvirt has connected. It shows a line of the domain's log as the reason if the monitor hangs up. If nobody listens
 * any more when it connects, it says "Connection refused", and the reason is lost to the one who started the domain.
 */
static void await_libvirt(void)
{
	struct pollfd connection = { .fd = awaited, .events = POLLIN };
	if (awaited >= 0 && poll(&connection, 1, PATIENCE_SECONDS * 1000) > 0)
		accept4(awaited, NULL, NULL, SOCK_CLOEXEC);
}

static _Noreturn void fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	await_libvirt();
	exit(1);
}

/* The name under which this was started. Not argv[0], which may be anything. */
static const char *own_name(void)
{
	const char *name = (const char *)getauxval(AT_EXECFN);
	return name ? name : "";
}

/* The program to become: the rest of the own name, from the slash before it. */
static const char *program(const char *own)
{
	const char *names = strstr(own, NAMES);
	if (!names)
		fail("started as %s; it needs a name like /etc/labeler/emulators/usr/bin/qemu-system-x86_64, which labeler"
		     " libvirt adopt makes", own);
	const char *path = names + strlen(NAMES) - 1;
	if (strstr(path, "/../"))
		fail("started as %s; a program's name in full has no ..", own);
	return path;
}

/* Lines "socket PATH" and "guard required|optional"; the rest are comments, or empty. */
static void read_settings(const char *own, struct settings *out)
{
	char path[PATH_MAX], line[PATH_MAX], value[PATH_MAX];
	int length = (int)(strstr(own, NAMES) - own) + (int)strlen(NAMES) - 1;

	strcpy(out->socket, "/run/labeler/emulator-labeler.sock");
	out->optional = false;
	if (snprintf(path, sizeof(path), "%.*s" SETTINGS, length, own) >= (int)sizeof(path))
		fail("its own name is too long");
	FILE *file = fopen(path, "re");
	if (!file && errno == ENOENT)
		return;
	if (!file)
		fail("%s: %s%s", path, strerror(errno), errno == EACCES ? "; if SELinux denies it: restorecon -R /etc/labeler" : "");
	while (fgets(line, sizeof(line), file)) {
		char first = line[strspn(line, " \t")];
		if (first == '#' || first == '\n' || first == '\0')
			continue;
		if (sscanf(line, "socket %4095s", value) == 1 && strlen(value) < sizeof(out->socket))
			strcpy(out->socket, value);
		else if (sscanf(line, "guard %4095s", value) == 1 && !strcmp(value, "optional"))
			out->optional = true;
		else if (sscanf(line, "guard %4095s", value) == 1 && !strcmp(value, "required"))
			out->optional = false;
		else
			fail("%s: a line is \"socket PATH\" or \"guard required\" or \"guard optional\"", path);
	}
	fclose(file);
}

/* The value of key in "driver,key=value,…", or NULL. qemu writes a comma in a value as two; no value here has one. */
static const char *setting(const char *option, const char *key)
{
	size_t length = strlen(key);
	for (const char *part = option; part; part = strchr(part, ',')) {
		part += *part == ',';
		if (!strncmp(part, key, length) && part[length] == '=')
			return part + length + 1;
	}
	return NULL;
}

static bool is(const char *value, const char *expected)
{
	size_t length = strlen(expected);
	return value && !strncmp(value, expected, length) && (value[length] == ',' || value[length] == '\0');
}

/* The descriptor in "socket,id=charmonitor,fd=N,server=on,wait=off", or -1 if there is no monitor of libvirt's. */
static int monitor(int count, char **arguments)
{
	for (int i = 1; i < count; i++) {
		const char *option = arguments[i];
		if (!strstr(option, "id=" MONITOR) && !strstr(option, "\"" MONITOR "\""))
			continue;
		if (!strncmp(option, "chardev=", 8))
			continue; /* -mon, or a device that uses it */
		const char *number = setting(option, "fd");
		char *end = NULL;
		long descriptor = number ? strtol(number, &end, 10) : -1;
		if (strncmp(option, "socket,", 7) || !is(setting(option, "id"), MONITOR) || !number || !isdigit(*number)
		    || (*end && *end != ',') || descriptor < 3 || descriptor > INT_MAX)
			fail("%s: libvirt's monitor is expected on a listening descriptor, as libvirt 6 to 11 pass it; labeler"
			     " libvirt release gives the domain back to libvirt alone", option);
		return (int)descriptor;
	}
	return -1;
}

/* The domain's name, for messages alone: "guest=NAME,debug-threads=on" after -name. */
static void name_domain(int count, char **arguments)
{
	static char name[128];
	for (int i = 1; i + 1 < count; i++) {
		const char *value = strcmp(arguments[i], "-name") ? NULL : setting(arguments[i + 1], "guest");
		if (!value)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(value, ","), value);
		domain = name;
	}
}

static bool listens(int descriptor)
{
	int value = 0;
	socklen_t length = sizeof(value);
	return !getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) && value;
}

/* Connected to the service, or -1 with errno. */
static int reach(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int service = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (service < 0)
		return -1;
	strcpy(address.sun_path, path);
	setsockopt(service, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(service, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(service, (struct sockaddr *)&address, sizeof(address))) {
		int reason = errno;
		close(service);
		errno = reason;
		return -1;
	}
	return service;
}

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr aligned;
};

/* Hands a descriptor to the service. Which process does so, the kernel tells it. */
static bool hand_over(int service, int descriptor)
{
	union control control = { 0 };
	char word[] = "listening\n";
	struct iovec bytes = { .iov_base = word, .iov_len = strlen(word) };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
	return sendmsg(service, &message, MSG_NOSIGNAL) == (ssize_t)bytes.iov_len;
}

/* Reads one line of answer, and the descriptor that comes with its first bytes; -1 if none does. */
static int answer(int service, char *line, size_t size)
{
	union control control;
	int descriptor = -1;
	size_t length = 0;

	while (length + 1 < size && (length == 0 || line[length - 1] != '\n')) {
		struct iovec bytes = { .iov_base = line + length, .iov_len = size - length - 1 };
		struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1,
			.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
		ssize_t got = recvmsg(service, &message, MSG_CMSG_CLOEXEC);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS
		    && header->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
		length += (size_t)got;
	}
	line[length] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return descriptor;
}

/* The security context of the program that this process becomes; only where the service labels in libvirt's place. */
static void become_at(const char *context)
{
	int attribute = open("/proc/thread-self/attr/exec", O_WRONLY | O_CLOEXEC);
	if (attribute < 0 || write(attribute, context, strlen(context)) != (ssize_t)strlen(context))
		fail("qemu cannot be started at %s: %s", context, strerror(errno));
	close(attribute);
}

/*
 * libvirt's socket goes, the service's comes. The service's is bound, and this process makes it listen: then the kernel
 * names this process, which will be qemu, as the peer of whoever connects there.
 */
static void exchange(int service, int descriptor)
{
	char line[LONGEST_ANSWER];

	/* A service that refuses does so before it has read anything, and hangs up: its reason is there all the same. */
	bool handed = hand_over(service, descriptor);
	int reason = errno;
	int fresh = answer(service, line, sizeof(line));
	if (*line == '-')
		fail("%s", line + 1);
	if (!handed)
		fail("labelerd went away: %s", strerror(reason));
	if (*line != '+' || fresh < 0)
		fail("labelerd gave no monitor; its log says why");
	if (listen(fresh, 1) || dup2(fresh, descriptor) < 0)
		fail("no monitor for qemu: %s", strerror(errno));
	close(fresh);
	if (send(service, "+", 1, MSG_NOSIGNAL) != 1)
		fail("labelerd went away: %s", strerror(errno));
	answer(service, line, sizeof(line));
	if (*line != '+')
		fail("%s", *line == '-' ? line + 1 : "labelerd does not guard this monitor; its log says why");
	if (line[1])
		become_at(line + 1);
}

static void guard(const struct settings *settings, int descriptor)
{
	if (!listens(descriptor))
		fail("descriptor %d, which the command line names as libvirt's monitor, does not listen", descriptor);
	awaited = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
	int service = reach(settings->socket);
	if (service >= 0) {
		exchange(service, descriptor);
		close(service);
		/* libvirt connects to the service now. */
		close(awaited);
		awaited = -1;
	} else if (settings->optional) {
		warn("no labelerd at %s (%s): starts without a guard, as emulators.conf allows", settings->socket, strerror(errno));
	} else {
		fail("no labelerd at %s (%s); systemctl start labelerd starts it, labeler libvirt release gives the domain back"
		     " to libvirt alone", settings->socket, strerror(errno));
	}
}

int main(int count, char **arguments)
{
	const char *own = own_name();
	const char *qemu = program(own);
	int descriptor = monitor(count, arguments);

	if (descriptor >= 0) {
		struct settings settings;
		name_domain(count, arguments);
		read_settings(own, &settings);
		guard(&settings, descriptor);
	}
	arguments[0] = (char *)qemu;
	execv(qemu, arguments);
	fail("%s: %s", qemu, strerror(errno));
}
