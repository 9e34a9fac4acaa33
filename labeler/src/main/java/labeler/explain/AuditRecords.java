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

    private final List<Dated> denials = new ArrayList<>();
    private final Map<String, HostPath> directories = new HashMap<>();
    private final Map<String, List<PathRecord>> paths = new HashMap<>();
    private long unreadable;

    /** The name of a file in a record beside a denial. */
    private record PathRecord(HostPath name, OptionalLong inode) {}

    /**
     * A denial of an event.
     *
     * @param event as the record names it; empty where it names none
     * @param time of the event; empty where the record has none that can be read
     */
    public record Dated(String event, Optional<Instant> time, Denial denial) {}

    private AuditRecords() {}

    /**
     * The result of a read.
     *
     * @param unreadable denials that could not be read
     */
    public record Read(List<Dated> dated, long unreadable) {
        public Read {
            dated = List.copyOf(dated);
        }

        public List<Denial> denials() {
            return dated.stream().map(Dated::denial).toList();
        }
    }

    /** Reads lines; those of one event may come in any order. */
    public static Read read(Stream<String> lines) {
        AuditRecords records = new AuditRecords();
        lines.forEach(records::line);
        return new Read(records.denials.stream().map(records::joined).toList(), records.unreadable);
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
            denial.ifPresentOrElse(found -> denials.add(new Dated(event, time(event), found)), () -> unreadable++);
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
                            .ifPresent(name -> paths.computeIfAbsent(path.group(1), _ -> new ArrayList<>())
                                    .add(new PathRecord(name, inode(fields, "inode")))));
        }
        Matcher directory = DIRECTORY.matcher(line);
        if (directory.find()) {
            AuditFields.read(directory.group(2))
                    .flatMap(fields -> fields.bytes("cwd"))
                    .flatMap(HostPath::parse)
                    .ifPresent(cwd -> directories.put(directory.group(1), cwd));
        }
    }

    private static OptionalLong inode(AuditFields fields, String name) {
        return fields.number(name).map(OptionalLong::of).orElseGet(OptionalLong::empty);
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
                inode(fields, "ino"),
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

    /** The same with the whole name of its file, if it has only the last part and the kernel told the rest beside it. */
    private Dated joined(Dated found) {
        Denial denial = found.denial();
        if (denial.path().isPresent() || denial.inode().isEmpty()) {
            return found;
        }
        return paths.getOrDefault(found.event(), List.of()).stream()
                .filter(path -> path.inode().equals(denial.inode()))
                .flatMap(path -> whole(found.event(), path.name()).stream())
                .findFirst()
                .map(whole -> new Dated(found.event(), found.time(), denial.at(whole)))
                .orElse(found);
    }

    private Optional<HostPath> whole(String event, HostPath name) {
        return name.isAbsolute()
                ? Optional.of(name)
                : Optional.ofNullable(directories.get(event)).map(name::from);
    }
}
