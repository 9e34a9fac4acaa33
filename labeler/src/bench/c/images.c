/*
 * Many small qcow2 chains, quickly: qemu-img takes 15 ms for each image, which for ten thousand is minutes.
 *
 *   images DIRECTORY PREFIX CHAINS DEPTH
 *
 * Writes PREFIX-0-0.qcow2 (the base of chain 0) to PREFIX-0-(DEPTH-1).qcow2 (its top), and so on. Each has a header of
 * version 3 with the format of its backing file, an empty L1 table and an empty refcount table: complete enough for
 * qemu-img to open and for a guest to boot without a disk.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLUSTER = 65536, HEADER_LENGTH = 104, BACKING_FORMAT = 0xE2792ACA, NAME_AT = 512 };
static const uint64_t VIRTUAL_SIZE = 1 << 30;

static void put32(unsigned char *at, uint32_t value)
{
	value = htobe32(value);
	memcpy(at, &value, sizeof value);
}

static void put64(unsigned char *at, uint64_t value)
{
	value = htobe64(value);
	memcpy(at, &value, sizeof value);
}

/* docs/interop/qcow2.txt of qemu. */
static void write_image(const char *path, const char *backing)
{
	unsigned char header[4096] = { 'Q', 'F', 'I', 0xfb };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	put32(header + 4, 3);
	put32(header + 20, 16);
	put64(header + 24, VIRTUAL_SIZE);
	put32(header + 36, 2);
	put64(header + 40, 3 * CLUSTER);
	put64(header + 48, CLUSTER);
	put32(header + 56, 1);
	put32(header + 96, 4);
	put32(header + 100, HEADER_LENGTH);
	if (backing) {
		put64(header + 8, NAME_AT);
		put32(header + 16, strlen(backing));
		memcpy(header + NAME_AT, backing, strlen(backing));
		put32(header + HEADER_LENGTH, BACKING_FORMAT);
		put32(header + HEADER_LENGTH + 4, 5);
		memcpy(header + HEADER_LENGTH + 8, "qcow2", 5);
	}
	if (fd < 0 || write(fd, header, sizeof header) != sizeof header || ftruncate(fd, 4 * CLUSTER) < 0 || close(fd) < 0) {
		perror(path);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: images DIRECTORY PREFIX CHAINS DEPTH\n");
		return 2;
	}
	if (chdir(argv[1]) < 0) {
		perror(argv[1]);
		return 1;
	}
	for (int chain = 0; chain < atoi(argv[3]); chain++) {
		char path[NAME_MAX], below[NAME_MAX];

		for (int depth = 0; depth < atoi(argv[4]); depth++) {
			snprintf(path, sizeof path, "%s-%d-%d.qcow2", argv[2], chain, depth);
			write_image(path, depth > 0 ? below : NULL);
			strcpy(below, path);
		}
	}
	return 0;
}
