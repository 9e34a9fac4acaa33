package labeler.guard.judge;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.guard.record.AuditFile;
import labeler.guard.relay.Command;
import labeler.guard.table.Mention;
import labeler.json.Json;
import labeler.linux.HostPath;
import labeler.vm.UseAccess;

/** The files that a refused command named, for the record: who asks about a file later finds that somebody tried. */
record RefusedFiles(Command command) {
    private static final String FILE = "file:";
    private static final String NAMED = "named";

    /** Commands whose file of an older kind is read. */
    private static final Set<String> READING = Set.of("blockdev-change-medium", "migrate-incoming");

    List<AuditFile> of(List<Mention> mentions) {
        return mentions.stream()
                .flatMap(mention -> access(mention).stream()
                        .flatMap(access -> path(mention.text()).stream().map(path -> file(path, access))))
                .distinct()
                .toList();
    }

    /** A file that the command would have used without its name. */
    static AuditFile file(HostPath path, UseAccess access) {
        return new AuditFile(path, access, NAMED);
    }

    private Optional<UseAccess> access(Mention mention) {
        return switch (mention.role()) {
            case READ, HEADER, DIRECTORY -> Optional.of(UseAccess.READ_ONLY);
            case READ_WRITE -> Optional.of(UseAccess.of(!isReadOnly()));
            case WRITE, MAKE -> Optional.of(UseAccess.CREATE);
            case LEGACY -> Optional.of(READING.contains(command.name()) ? UseAccess.READ_ONLY : UseAccess.CREATE);
            case NONE, REFERENCE, SOCKET, PROGRAM, DESCRIPTOR, NETWORK, VALUE -> Optional.empty();
        };
    }

    private boolean isReadOnly() {
        return command.arguments().get("read-only").equals(Optional.of(Json.of(true)));
    }

    private static Optional<HostPath> path(String text) {
        return Stream.of(text.startsWith(FILE) ? text.substring(FILE.length()) : text)
                .flatMap(name -> HostPath.parse(name.getBytes(StandardCharsets.UTF_8)).stream())
                .filter(HostPath::isAbsolute)
                .findFirst();
    }
}
