package labeler.explain;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.SecurityContext;

/**
 * Reads lines of the kernel's audit log: as auditd writes them, as they are in the kernel's log, and as ausearch(8) prints
 * them. A record of the kernel's is believed; a line of any other kind is counted, and never guessed at.
 *
 * <p>What a line is, its begin says. Further on there may be text of anybody's choice: the kernel prints names of control
 * groups as they are, and {@code ausearch -i} the arguments of processes.
 */
public final class AuditRecords {
    /** The kernel's own records are shorter than {@code MAX_AUDIT_MESSAGE_LENGTH}, 8970 bytes; more is no record. */
    private static final int LONGEST = 16_384;

    /** The time of the kernel's log, the node of auditd's, the type, and the event. */
    private static final String RECORD =
            "^(?:\\[[^\\[\\]]{1,40}\\] ?)?(?:node=\\S{1,255} )?(?:audit: )?type=(?:%s) (?:msg=)?"
                    + "audit\\(([^()]{1,60}:\\d{1,20})\\) ?: +";

    /** As the kernel writes it; ausearch may write a date of the locale, which is not read. */
    private static final Pattern TIME = Pattern.compile("(\\d{1,11})\\.(\\d{3}):\\d{1,20}");

    /** Also without an event, as journalctl prints it; not of a program for itself (USER_AVC), whose text is its own. */
    private static final Pattern DENIED = Pattern.compile("(?:" + RECORD.formatted("AVC|1400") + "|^(?:AVC )?)"
            + "avc: {1,2}denied {1,2}\\{ ([a-z0-9_ ]{1,500}) \\} for {1,2}(.*)$");

    private static final Pattern PATH = Pattern.compile(RECORD.formatted("PATH|1302") + "(item=.*)$");
    private static final Pattern DIRECTORY = Pattern.compile(RECORD.formatted("CWD|1307") + "(cwd=.*)$");

    /** Appended by the kernel to the name of a file that has none any more. */
    private static final String DELETED = " (deleted)";

    private final List<Denial> denials = new ArrayList<>();
    private final List<Optional<Instant>> times = new ArrayList<>();
    private final Map<String, List<Integer>> ofEvent = new HashMap<>();
    private final Map<String, HostPath> directories = new HashMap<>();
    private final List<PathRecord> paths = new ArrayList<>();
    private long unreadable;

    /** The name of a file in a record beside a denial. */
    private record PathRecord(String event, HostPath name, Optional<Long> inode) {}

    private AuditRecords() {}

    /**
     * The result of a read.
     *
     * @param times of each of the denials; empty where the record has none that can be read
     * @param unreadable denials that could not be read
     */
    public record Read(List<Denial> denials, List<Optional<Instant>> times, long unreadable) {
        public Read {
            denials = List.copyOf(denials);
            times = List.copyOf(times);
        }
    }

    /** Reads lines; those of one event may come in any order. */
    public static Read read(Stream<String> lines) {
        AuditRecords records = new AuditRecords();
        lines.forEach(records::line);
        records.joinPaths();
        return new Read(records.denials, records.times, records.unreadable);
    }

    private void line(String line) {
        if (line.length() > LONGEST) {
            unreadable++;
            return;
        }
        Matcher denied = DENIED.matcher(line);
        if (denied.find()) {
            String event = Optional.ofNullable(denied.group(1)).orElse("");
            Optional<Denial> denial = AuditFields.read(denied.group(3).strip())
                    .flatMap(fields -> denial(List.of(denied.group(2).trim().split(" +")), fields));
            denial.ifPresentOrElse(
                    found -> {
                        ofEvent.computeIfAbsent(event, _ -> new ArrayList<>()).add(denials.size());
                        denials.add(found);
                        times.add(time(event));
                    },
                    () -> unreadable++);
        } else if (line.contains("avc:") && line.contains("denied")) {
            unreadable++;
        } else {
            beside(line);
        }
    }

    private static Optional<Instant> time(String event) {
        Matcher time = TIME.matcher(event);
        return time.matches()
                ? Optional.of(
                        Instant.ofEpochSecond(Long.parseLong(time.group(1))).plusMillis(Long.parseLong(time.group(2))))
                : Optional.empty();
    }

    private void beside(String line) {
        Matcher path = PATH.matcher(line);
        if (path.find()) {
            AuditFields.read(path.group(2))
                    .ifPresent(fields -> fields.bytes("name")
                            .flatMap(HostPath::parse)
                            .ifPresent(name -> paths.add(new PathRecord(path.group(1), name, fields.number("inode")))));
        }
        Matcher directory = DIRECTORY.matcher(line);
        if (directory.find()) {
            AuditFields.read(directory.group(2))
                    .flatMap(fields -> fields.bytes("cwd"))
                    .flatMap(HostPath::parse)
                    .ifPresent(cwd -> directories.put(directory.group(1), cwd));
        }
    }

    private static Optional<Denial> denial(List<String> permissions, AuditFields fields) {
        Optional<SecurityContext> source = fields.plain("scontext").flatMap(SecurityContext::parse);
        Optional<SecurityContext> target = fields.plain("tcontext").flatMap(SecurityContext::parse);
        Optional<String> objectClass = fields.plain("tclass").filter(text -> text.matches("[a-z0-9_]{1,64}"));
        if (source.isEmpty() || target.isEmpty() || objectClass.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Denial(
                permissions,
                fields.number("pid")
                        .filter(pid -> pid >= 1 && pid <= Pid.MAXIMUM)
                        .map(pid -> new Pid(pid.intValue())),
                fields.bytes("comm").map(bytes -> new String(bytes, StandardCharsets.UTF_8)),
                fields.bytes("path").flatMap(AuditRecords::path),
                fields.bytes("name").flatMap(HostPath::parse),
                fields.plain("dev").filter(text -> !text.isEmpty()),
                fields.number("ino").map(OptionalLong::of).orElse(OptionalLong.empty()),
                source.get(),
                target.get(),
                objectClass.get(),
                fields.plain("permissive").filter("1"::equals).isPresent()));
    }

    /** The path; empty for a name that is not one of a file system's, as {@code pipe:[12]}. */
    private static Optional<HostPath> path(byte[] bytes) {
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        String name = latin.endsWith(DELETED) ? latin.substring(0, latin.length() - DELETED.length()) : latin;
        return HostPath.parse(name.getBytes(StandardCharsets.ISO_8859_1)).filter(HostPath::isAbsolute);
    }

    /** Gives denials that have only the last part of a name the whole one, if the kernel told it beside them. */
    private void joinPaths() {
        for (PathRecord path : paths) {
            Optional<HostPath> whole = path.name().isAbsolute()
                    ? Optional.of(path.name())
                    : Optional.ofNullable(directories.get(path.event())).map(path.name()::from);
            for (int i : ofEvent.getOrDefault(path.event(), List.of())) {
                Denial denial = denials.get(i);
                boolean isIt = path.inode().isPresent()
                        && denial.inode().isPresent()
                        && denial.inode().getAsLong() == path.inode().get();
                if (isIt && denial.path().isEmpty() && whole.isPresent()) {
                    denials.set(i, denial.at(whole.get()));
                }
            }
        }
    }
}
