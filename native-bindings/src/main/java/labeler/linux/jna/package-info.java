/**
 * {@link labeler.linux.Linux} on a real kernel, through JNA, and the only place that knows JNA. From the bottom up:
 * {@link labeler.linux.jna.LibC} is the C library under its own names, {@link labeler.linux.jna.Abi} the kernel's
 * numbers and structure layouts, {@link labeler.linux.jna.Calls} adds retries and per-architecture numbers, and the
 * rest speaks in terms of files, processes and sockets. Nothing here decides which file may be opened: a request says
 * it.
 */
@NullMarked
package labeler.linux.jna;

import org.jspecify.annotations.NullMarked;
