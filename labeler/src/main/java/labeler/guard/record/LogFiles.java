package labeler.guard.record;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of the log, in one directory. Each is named after the number of its first line, so that no file is ever
 * renamed, and a reader finds its place again however often the log was rotated meanwhile.
 */
record LogFiles(Path directory) {
    private static final Pattern NAME = Pattern.compile("audit-(\\d{18})\\.jsonl");

    Path path(long file) {
        return directory.resolve("audit-%018d.jsonl".formatted(file));
    }

    /** The numbers of all files, the oldest first; none if there is no directory. */
    List<Long> numbers() throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        List<Long> numbers = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                Matcher name = NAME.matcher(String.valueOf(entry.getFileName()));
                if (name.matches()) {
                    numbers.add(Long.parseLong(name.group(1)));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Collections.sort(numbers);
        return numbers;
    }

    /** Opens a file for writing at its end, for the service alone, and makes it if it is missing. */
    FileChannel append(long file) throws IOException {
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // As it should be.
        }
        return FileChannel.open(
                path(file),
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    FileChannel read(long file) throws IOException {
        return FileChannel.open(path(file), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    /** Removes the oldest files, until this many are left. */
    void keepNewest(int most) throws IOException {
        List<Long> numbers = numbers();
        for (long old : numbers.subList(0, Math.max(0, numbers.size() - most))) {
            Files.deleteIfExists(path(old));
        }
    }
}
