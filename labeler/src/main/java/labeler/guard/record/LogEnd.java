package labeler.guard.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The end of the log, where lines are added; used by one thread. A line is written whole or not at all. If the service or
 * the host ends in the middle of one, the next service ends this half line with a line feed, and readers skip it.
 */
final class LogEnd implements AutoCloseable {
    /** Enough for the last whole line, however long it is. */
    private static final int LAST_BYTES = 1 << 20;

    private static final byte[] LINE_FEED = "\n".getBytes(UTF_8);

    private final LogFiles files;
    private final LogSize bound;
    private Optional<FileChannel> open = Optional.empty();
    private Position position = Position.BEGIN;
    private long nextNumber = 1;
    private boolean isDirty;

    LogEnd(LogFiles files, LogSize bound) {
        this.files = files;
        this.bound = bound;
    }

    /** Where the next line goes. */
    Position position() {
        return position;
    }

    long nextNumber() {
        return nextNumber;
    }

    /** Looks for the end of the log that the last service left. */
    void find() throws IOException {
        List<Long> numbers = files.numbers();
        if (numbers.isEmpty()) {
            return;
        }
        long newest = numbers.getLast();
        // If its end cannot be read, lines go into a file of their own, with numbers that none of its lines has.
        nextNumber = newest + bound.fileSize();
        FileChannel channel = files.append(newest);
        boolean isFound = false;
        try {
            goOn(channel, newest);
            isFound = true;
        } finally {
            if (!isFound) {
                channel.close();
            }
        }
        open = Optional.of(channel);
    }

    private void goOn(FileChannel channel, long newest) throws IOException {
        long size = channel.size();
        byte[] last = new byte[(int) Math.min(size, LAST_BYTES)];
        ByteBuffer buffer = ByteBuffer.wrap(last);
        while (buffer.hasRemaining() && channel.read(buffer, size - buffer.remaining()) > 0) {}
        position = new Position(newest, size);
        nextNumber = lastLine(last).map(line -> line.number() + 1).orElse(newest);
        if (size > 0 && last[last.length - 1] != '\n') {
            write(channel, LINE_FEED);
        }
    }

    /** The last line in these bytes that can be read. */
    private static Optional<AuditLine> lastLine(byte[] bytes) {
        int end = bytes.length;
        while (end > 0) {
            int begin = end;
            while (begin > 0 && bytes[begin - 1] != '\n') {
                begin--;
            }
            Optional<AuditLine> line = LineFormat.read(Arrays.copyOfRange(bytes, begin, end));
            if (line.isPresent()) {
                return line;
            }
            end = begin - 1;
        }
        return Optional.empty();
    }

    /**
     * Adds a line with the next number.
     *
     * @throws IOException if it is not in the log
     */
    void add(byte[] line) throws IOException {
        FileChannel channel = fileFor(line.length);
        write(channel, line);
        nextNumber++;
    }

    private FileChannel fileFor(int length) throws IOException {
        if (open.isPresent() && (position.offset() == 0 || position.offset() + length <= bound.fileSize())) {
            return open.get();
        }
        FileChannel next = files.append(nextNumber);
        close();
        open = Optional.of(next);
        position = new Position(nextNumber, next.size());
        files.keepNewest(bound.files());
        return next;
    }

    private void write(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        try {
            while (rest.hasRemaining()) {
                int _ = channel.write(rest, position.offset() + rest.position());
            }
        } catch (IOException e) {
            channel.truncate(position.offset());
            throw e;
        }
        position = new Position(position.file(), position.offset() + bytes.length);
        isDirty = true;
    }

    /** Has the kernel write all to the disk. */
    void force() throws IOException {
        if (isDirty && open.isPresent()) {
            isDirty = false;
            open.get().force(false);
        }
    }

    @Override
    public void close() throws IOException {
        if (open.isPresent()) {
            try (FileChannel _ = open.get()) {
                force();
            } finally {
                open = Optional.empty();
            }
        }
    }
}
