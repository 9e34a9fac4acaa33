package labeler.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.policy.Programs;
import labeler.problem.IoReason;

/**
 * The kernel's audit records on this host: auditd's files, or the kernel's log in the journal where no auditd runs. Only
 * events with a denial are kept.
 */
final class KernelAudit {
    /** Newest lines that are kept. More explains nothing better, and must fit into one request. */
    private static final int MOST_LINES = 5_000;

    /** Longer lines are no records of the kernel's. */
    private static final int LONGEST = 16_384;

    private static final Pattern EVENT = Pattern.compile("audit\\((\\d{1,12})\\.\\d{1,9}:\\d{1,20}\\)");

    private final Path auditd;
    private final Programs programs;

    /** @param auditd the file that auditd writes; the one before it has {@code .1} appended */
    KernelAudit(Path auditd, Programs programs) {
        this.auditd = auditd;
        this.programs = programs;
    }

    /**
     * The lines of events with a denial since this time, the oldest first.
     *
     * @throws IOException if neither can be read; the message says why
     */
    List<String> since(Instant begin) throws IOException {
        // Who may not look into auditd's directory cannot tell. The journal would show such a user no denial.
        if (Files.notExists(auditd)) {
            return journal(begin);
        }
        try {
            return files(begin);
        } catch (IOException e) {
            String wayOut = e instanceof AccessDeniedException ? "; run this as root" : "";
            throw new IOException(auditd + ": " + IoReason.of(e) + wayOut, e);
        }
    }

    private List<String> files(Instant begin) throws IOException {
        Path before = auditd.resolveSibling(auditd.getFileName() + ".1");
        List<Path> files = Files.isReadable(before) ? List.of(before, auditd) : List.of(auditd);
        Set<String> events = new HashSet<>();
        for (Path file : files) {
            each(file, begin, (event, line) -> {
                if (isDenial(line)) {
                    events.add(event);
                }
            });
        }
        Deque<String> kept = new ArrayDeque<>();
        for (Path file : files) {
            each(file, begin, (event, line) -> {
                if (events.contains(event)) {
                    keep(kept, line);
                }
            });
        }
        return List.copyOf(kept);
    }

    private List<String> journal(Instant begin) throws IOException {
        List<String> command =
                List.of("journalctl", "-k", "-o", "cat", "--no-pager", "--since", "@" + begin.getEpochSecond());
        Programs.Ended ended = programs.run(command, _ -> {});
        if (ended.exitCode() != 0) {
            throw new IOException("there is no " + auditd + ", and journalctl failed: "
                    + ended.err().strip());
        }
        Deque<String> kept = new ArrayDeque<>();
        ended.out().lines().filter(KernelAudit::isDenial).forEach(line -> keep(kept, line));
        // It succeeds for users to whom it does not show the kernel's lines, with a hint.
        if (kept.isEmpty() && !ended.err().isBlank()) {
            throw new IOException("there is no " + auditd + ", and journalctl shows no denial, but says: "
                    + ended.err().strip().replaceAll("\\s+", " "));
        }
        return List.copyOf(kept);
    }

    private static boolean isDenial(String line) {
        return line.contains("avc:") && line.contains("denied") && line.length() <= LONGEST;
    }

    private static void keep(Deque<String> kept, String line) {
        kept.addLast(line);
        if (kept.size() > MOST_LINES) {
            kept.removeFirst();
        }
    }

    /** Takes a line with its event, {@code audit(SECONDS.MILLIS:SERIAL)}. */
    @FunctionalInterface
    private interface LineReader {
        void take(String event, String line);
    }

    private static void each(Path file, Instant begin, LineReader taking) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1);
                Stream<String> lines = reader.lines()) {
            lines.filter(line -> line.length() <= LONGEST && line.indexOf(0) < 0)
                    .forEach(line -> {
                        Matcher event = EVENT.matcher(line);
                        if (event.find() && Long.parseLong(event.group(1)) >= begin.getEpochSecond()) {
                            taking.take(event.group(), line);
                        }
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
