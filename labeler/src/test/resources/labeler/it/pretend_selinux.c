/*
 * Lets a program believe that SELinux is active, on a host where it is not: gcc -shared -fPIC, then LD_PRELOAD.
 *
 * Files' contexts are real: libselinux sets and gets the extended attribute security.selinux by itself, without the
 * kernel's policy. Only what the kernel would be asked is answered here. A process keeps the context that was set for
 * its next program in a file of the directory PRETENDED, so that others can be told.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define PRETENDED "/run/pretended"
#define DAEMON "system_u:system_r:virtd_t:s0-s0:c0.c1023"

static int give(char **out, const char *context) {
	*out = strdup(context);
	return *out ? 0 : -1;
}

int is_selinux_enabled(void) { return 1; }
int is_selinux_mls_enabled(void) { return 1; }
int security_getenforce(void) { return 1; }
int getcon(char **con) { return give(con, DAEMON); }
int getcon_raw(char **con) { return give(con, DAEMON); }

int setexeccon_raw(const char *con) {
	char name[64];
	snprintf(name, sizeof name, PRETENDED "/%d", (int)getpid());
	FILE *file = con ? fopen(name, "w") : NULL;
	if (file) {
		fputs(con, file);
		fclose(file);
	}
	return 0;
}

int getpidcon_raw(pid_t pid, char **con) {
	char name[64], text[512] = "";
	snprintf(name, sizeof name, PRETENDED "/%d", (int)pid);
	FILE *file = fopen(name, "r");
	if (!file) {
		return give(con, DAEMON);
	}
	char *read = fgets(text, sizeof text, file);
	fclose(file);
	return give(con, read ? text : DAEMON);
}

int setsockcreatecon_raw(const char *con) { return (void)con, 0; }
int setfscreatecon_raw(const char *con) { return (void)con, 0; }
int security_check_context(const char *con) { return (void)con, 0; }
int security_get_boolean_active(const char *name) { return (void)name, 0; }
unsigned short string_to_security_class(const char *name) { return (void)name, 1; }
