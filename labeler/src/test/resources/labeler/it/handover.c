/*
 * Opens files and becomes a program that inherits them: handover LIST.
 * LIST is a file of NUL-terminated words: mode (r, w, rw, and d for O_DIRECT) and path of each file, an empty word, and
 * the program with its arguments. The n-th file is descriptor 100 + n.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 101, LONGEST = 4 << 20 };

static int flags(const char *mode)
{
	int access = !strchr(mode, 'w') ? O_RDONLY : strchr(mode, 'r') ? O_RDWR : O_WRONLY | O_CREAT;
	return access | (strchr(mode, 'd') ? O_DIRECT : 0) | O_CLOEXEC;
}

int main(int argc, char **argv)
{
	static char words[LONGEST];
	FILE *list = argc == 2 ? fopen(argv[1], "re") : NULL;
	if (!list)
		err(1, "no list");
	size_t length = fread(words, 1, sizeof(words) - 2, list);
	fclose(list);
	char *at = words;
	for (int next = FIRST; *at; next++) {
		char *path = at + strlen(at) + 1;
		int opened = open(path, flags(at), 0666);
		if (opened < 0)
			err(1, "%s %s", at, path);
		if (dup2(opened, next) < 0)
			err(1, "descriptor %d", next);
		close(opened);
		at = path + strlen(path) + 1;
	}
	char **arguments = calloc(length + 1, sizeof(*arguments));
	int count = 0;
	for (at++; at < words + length; at += strlen(at) + 1)
		arguments[count++] = at;
	execvp(arguments[0], arguments);
	err(1, "%s", arguments[0]);
}
