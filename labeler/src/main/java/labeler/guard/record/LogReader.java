package labeler.guard.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads the log, in parts of bounded size. It keeps nothing: a reader's place is a position. */
public final class LogReader {
    /** Bytes that are read at once. A longer line is damaged: none is written. */
    private static final int PART = 1 << 20;

    /** Bytes that are looked at for one page, however few of their lines are wanted. */
    private static final int PAGE_BYTES = 4 << 20;

    /** With the usual size of a file, some 50,000 lines, which are read in less than a second. */
    private static final int RECENT_FILES = 2;

    private final LogFiles files;

    LogReader(LogFiles files) {
        this.files = files;
    }

    /** A position before all lines of this time and later; earlier ones may follow it. */
    public Position at(Instant since) throws IOException {
        List<Long> numbers = files.numbers();
        for (int i = numbers.size() - 1; i >= 0; i--) {
            Position begin = new Position(numbers.get(i), 0);
            boolean isEarlier =
                    firstTime(begin).map(time -> time.isBefore(since)).orElse(false);
            if (isEarlier || i == 0) {
                return begin;
            }
        }
        return Position.BEGIN;
    }

    /** The begin of the newest lines: some ten thousand. */
    public Position recent() throws IOException {
        List<Long> numbers = files.numbers();
        return numbers.isEmpty()
                ? Position.BEGIN
                : new Position(numbers.get(Math.max(0, numbers.size() - RECENT_FILES)), 0);
    }

    private Optional<Instant> firstTime(Position begin) throws IOException {
        return part(begin).lines(1, _ -> true).stream().findFirst().map(AuditLine::time);
    }

    /**
     * Lines after a position.
     *
     * @param most number of lines
     */
    public LogPage read(Position after, int most, Predicate<AuditLine> wanted) throws IOException {
        List<AuditLine> lines = new ArrayList<>();
        Position place = after;
        long damaged = 0;
        long looked = 0;
        while (lines.size() < most && looked < PAGE_BYTES) {
            Part part = part(place);
            lines.addAll(part.lines(most - lines.size(), wanted));
            damaged += part.damaged;
            looked += part.used;
            place = new Position(part.from.file(), part.from.offset() + part.used);
            if (part.used == 0) {
                return new LogPage(lines, place, true, damaged);
            }
        }
        return new LogPage(lines, place, false, damaged);
    }

    /** The bytes at a position, or at the begin of the next file if this one has no more. */
    private Part part(Position at) throws IOException {
        List<Long> numbers = files.numbers();
        Position place = at;
        // A position of a log that was removed since then.
        boolean isOfAnother = !numbers.isEmpty() && numbers.getLast() < at.file();
        for (long number : numbers) {
            if (number < at.file() && !isOfAnother) {
                continue;
            }
            Position begin = number == at.file() ? at : new Position(number, 0);
            byte[] bytes = bytes(begin);
            boolean isNewest = number == numbers.getLast();
            Part part = new Part(begin, bytes, isNewest);
            if (part.hasLine()) {
                return part;
            }
            place = begin;
        }
        return new Part(place, new byte[0], true);
    }

    private byte[] bytes(Position from) throws IOException {
        try (FileChannel channel = files.read(from.file())) {
            long left = Math.max(0, channel.size() - from.offset());
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(left, PART));
            while (buffer.hasRemaining() && channel.read(buffer, from.offset() + buffer.position()) > 0) {}
            return Arrays.copyOf(buffer.array(), buffer.position());
        } catch (NoSuchFileException e) {
            // Rotated away since the directory was read.
            return new byte[0];
        }
    }

    /** Bytes of a file, and how far they were used. A line without an end is complete if nobody can go on with it. */
    private static final class Part {
        private final Position from;
        private final byte[] bytes;
        private final boolean isNewest;
        private int used;
        private long damaged;

        Part(Position from, byte[] bytes, boolean isNewest) {
            this.from = from;
            this.bytes = bytes;
            this.isNewest = isNewest;
        }

        /** The end of the line that begins there; empty if the line is not complete yet. */
        private Optional<Integer> lineEnd(int begin) {
            for (int i = begin; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    return Optional.of(i + 1);
                }
            }
            boolean isTooLong = begin == 0 && bytes.length == PART;
            boolean isHalf = begin < bytes.length && bytes.length < PART && !isNewest;
            return isTooLong || isHalf ? Optional.of(bytes.length) : Optional.empty();
        }

        boolean hasLine() {
            return lineEnd(0).isPresent();
        }

        List<AuditLine> lines(int most, Predicate<AuditLine> wanted) {
            List<AuditLine> lines = new ArrayList<>();
            Optional<Integer> end = lineEnd(used);
            while (end.isPresent() && lines.size() < most) {
                Optional<AuditLine> line = LineFormat.read(Arrays.copyOfRange(bytes, used, end.get()));
                line.filter(wanted).ifPresent(lines::add);
                damaged += line.isEmpty() ? 1 : 0;
                used = end.get();
                end = lineEnd(used);
            }
            return lines;
        }
    }
}
