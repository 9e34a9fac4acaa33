package labeler.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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
    DenialLines.Kept since(Instant begin) throws IOException {
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

    private DenialLines.Kept files(Instant begin) throws IOException {
        Path before = auditd.resolveSibling(auditd.getFileName() + ".1");
        List<Path> files = Files.isReadable(before) ? List.of(before, auditd) : List.of(auditd);
        DenialLines denials = new DenialLines();
        for (Path file : files) {
            each(file, begin, denials);
        }
        return denials.kept();
    }

    private DenialLines.Kept journal(Instant begin) throws IOException {
        List<String> command =
                List.of("journalctl", "-k", "-o", "cat", "--no-pager", "--since", "@" + begin.getEpochSecond());
        Programs.Ended ended = programs.run(command, _ -> {});
        if (ended.exitCode() != 0) {
            throw new IOException("there is no " + auditd + ", and journalctl failed: "
                    + ended.err().strip());
        }
        DenialLines.Kept kept = DenialLines.of(ended.out().lines().toList());
        // It succeeds for users to whom it does not show the kernel's lines, with a hint.
        if (kept.lines().isEmpty() && !ended.err().isBlank()) {
            throw new IOException("there is no " + auditd + ", and journalctl shows no denial, but says: "
                    + ended.err().strip().replaceAll("\\s+", " "));
        }
        return kept;
    }

    private static void each(Path file, Instant begin, DenialLines denials) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1);
                Stream<String> lines = reader.lines()) {
            lines.filter(line -> line.length() <= DenialLines.LONGEST).forEach(line -> {
                Matcher event = EVENT.matcher(line);
                if (event.find() && Long.parseLong(event.group(1)) >= begin.getEpochSecond()) {
                    denials.add(line);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
