package labeler.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.policy.Programs;
import labeler.problem.IoReason;

/**
 * The kernel's audit records on this host: auditd's files, or the kernel's log in the journal where no auditd runs. Only
 * events with a denial are kept.
 *
 * @param auditd the file that auditd writes; those before it have {@code .1}, {@code .2} … appended
 */
record KernelAudit(Path auditd, Programs programs) {
    private static final Pattern EVENT = Pattern.compile("audit\\((\\d{1,12})\\.\\d{1,9}:\\d{1,20}\\)");

    private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,8}");

    /** auditd may begin a new file meanwhile; then all have other names. */
    private static final int MOST_READINGS = 3;

    /**
     * The lines of events with a denial since this time, the oldest first.
     *
     * @throws IOException if neither can be read; the message says why
     */
    DeniedSince since(Instant begin) throws IOException {
        // Who may not look into auditd's directory cannot tell. The journal would show such a user no denial.
        if (Files.notExists(auditd)) {
            return new DeniedSince(journal(begin), Optional.empty());
        }
        try {
            return files(begin);
        } catch (IOException e) {
            String wayOut = e instanceof AccessDeniedException ? "; run this as root" : "";
            throw new IOException(auditd + ": " + IoReason.of(e) + wayOut, e);
        }
    }

    private DeniedSince files(Instant begin) throws IOException {
        Object newest = Files.getAttribute(auditd, "unix:ino");
        DeniedSince found = read(begin);
        for (int i = 1; i < MOST_READINGS && !newest.equals(Files.getAttribute(auditd, "unix:ino")); i++) {
            newest = Files.getAttribute(auditd, "unix:ino");
            found = read(begin);
        }
        return found;
    }

    private DeniedSince read(Instant begin) throws IOException {
        DenialLines denials = new DenialLines();
        List<Path> files = newestFirst();
        int wanted = 0;
        while (wanted < files.size() && !endsBefore(files.get(wanted), begin)) {
            wanted++;
        }
        Optional<Instant> first = Optional.empty();
        for (Path file : files.subList(0, wanted).reversed()) {
            Optional<Instant> begins = each(file, begin, denials);
            first = first.or(() -> begins);
        }
        boolean reachesBack = wanted < files.size();
        return new DeniedSince(
                denials.kept(), first.filter(time -> !reachesBack && time.getEpochSecond() > begin.getEpochSecond()));
    }

    /** auditd's files that are there. Files that somebody has compressed are not read. */
    private List<Path> newestFirst() throws IOException {
        String prefix = auditd.getFileName() + ".";
        TreeMap<Integer, Path> before = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(auditd.resolveSibling(""), prefix + "*")) {
            for (Path file : files) {
                String number = file.getFileName().toString().substring(prefix.length());
                if (NUMBER.matcher(number).matches()) {
                    before.put(Integer.valueOf(number), file);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        List<Path> all = new ArrayList<>(List.of(auditd));
        all.addAll(before.values());
        return all;
    }

    /** Whether its last line, and so every line of the files before it, is older. */
    private static boolean endsBefore(Path file, Instant begin) throws IOException {
        return Files.getLastModifiedTime(file).toInstant().getEpochSecond() < begin.getEpochSecond();
    }

    private DenialLines.Kept journal(Instant begin) throws IOException {
        // Not -k, which means this boot alone.
        List<String> command = List.of(
                "journalctl", "_TRANSPORT=kernel", "-o", "cat", "--no-pager", "--since", "@" + begin.getEpochSecond());
        Programs.Read<DenialLines.Kept> read = programs.read(command, DenialLines::read);
        if (read.exitCode() != 0) {
            throw new IOException("there is no " + auditd + ", and journalctl failed: "
                    + read.err().strip());
        }
        // It succeeds for users to whom it does not show the kernel's lines, with a hint.
        if (read.out().lines().isEmpty() && !read.err().isBlank()) {
            throw new IOException("there is no " + auditd + ", and journalctl shows no denial, but says: "
                    + read.err().strip().replaceAll("\\s+", " "));
        }
        return read.out();
    }

    /** Adds what is not older than this; answers the time of the first line. */
    private static Optional<Instant> each(Path file, Instant begin, DenialLines denials) throws IOException {
        List<Instant> first = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1);
                Stream<String> lines = reader.lines()) {
            lines.filter(line -> line.length() <= DenialLines.LONGEST).forEach(line -> {
                Matcher event = EVENT.matcher(line);
                if (event.find()) {
                    long second = Long.parseLong(event.group(1));
                    if (first.isEmpty()) {
                        first.add(Instant.ofEpochSecond(second));
                    }
                    if (second >= begin.getEpochSecond()) {
                        denials.add(line);
                    }
                }
            });
            return first.stream().findFirst();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
